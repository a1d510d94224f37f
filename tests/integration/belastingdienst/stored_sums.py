"""What stored figures add up to, each entry read by itself."""

from sqlalchemy import select

from core.domain.declarations import (
    Box,
    Customer,
    Entry,
    Figures,
    IcpKind,
    Rubric,
    TaxPeriod,
)
from core.runtime.database import session
from plugins.belastingdienst.models import Entry as Stored
from plugins.belastingdienst.models import PeriodFigures
from plugins.belastingdienst.models.figures import EntryOrigin
from tests.figure_sums import Sums


def stored(row: PeriodFigures) -> Sums:
    """Return the sums of what is stored, each entry read by itself."""
    entries = session().scalars(
        select(Stored).where(Stored.period_id == row.id).order_by(Stored.id)
    )
    period = TaxPeriod(row.starts_on, row.ends_on)
    return Sums(Figures(period, tuple(_entry(one) for one in entries), ()))


def _entry(one: Stored) -> Entry:
    """What repairs an earlier period is in 3b, but no row of this period's ICP."""
    customer = Customer(one.customer_country, one.customer_number)
    is_row = one.icp_kind is not None and one.origin != EntryOrigin.CORRECTION
    return Entry(
        source_id=one.source_id,
        booked_on=one.booked_on,
        description=one.description,
        reference=one.reference,
        box=Box(one.turnover, one.vat),
        rubric=Rubric(one.rubric),
        customer=customer if customer.country and customer.vat_number else None,
        icp_kind=IcpKind(one.icp_kind) if is_row and one.icp_kind else None,
    )
