"""When filed periods are read again by themselves: spread over the nights.

Those of the last thirteen months each night, older ones that can still be corrected
once a week. An invoice sent here with a day in one has it read at once.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, select

from core.domain.events import InvoiceSent
from core.plugin.database import session
from core.plugin.tables import SalesInvoice
from plugins.belastingdienst.figures import reading
from plugins.belastingdienst.law.dates import CORRECTION_YEARS
from plugins.belastingdienst.law.spans import month_end
from plugins.belastingdienst.models import Administration, Filing, PeriodFigures
from plugins.belastingdienst.models.administration import INVOICES
from plugins.belastingdienst.watching import history

NIGHTLY_MONTHS = 13
_NIGHT = 1
"""The hour, UTC, at which a night begins; it lasts four."""
_MINUTES = 240
_STEP = 37
"""Minutes between two rows: prime to the night, so that they spread."""
_REST = timedelta(hours=12)
_WEEK = 7
_MOST = 2_000


def next_reading(after: datetime, ends_on: date, number: int) -> datetime:
    """Return when a filed period is read next, at least half a day after a moment.

    `number` spreads: over the minutes of the night, and older periods over the week.
    """
    minutes = timedelta(hours=_NIGHT, minutes=number * _STEP % _MINUTES)
    midnight = after.replace(hour=0, minute=0, second=0, microsecond=0)
    is_recent = ends_on >= month_end(after.date(), -NIGHTLY_MONTHS)
    while True:
        moment = midnight + minutes
        is_its_day = is_recent or moment.toordinal() % _WEEK == number % _WEEK
        if is_its_day and moment >= after + _REST:
            return moment
        midnight += timedelta(days=1)


def plan(now: datetime) -> None:
    """Give filed periods that are not to be read their moment; in the caller's
    transaction."""
    rows = session().scalars(
        select(PeriodFigures)
        .where(
            PeriodFigures.due_at.is_(None),
            PeriodFigures.reading.is_(False),
            PeriodFigures.ends_on >= date(now.year - CORRECTION_YEARS, 1, 1),
            _is_filed(),
        )
        .order_by(PeriodFigures.id)
        .limit(_MOST)
    )
    for row in rows.all():
        row.due_at = next_reading(now, row.ends_on, row.id)


def _is_filed() -> ColumnElement[bool]:
    """A return of the administration over the period went, or a suppletie."""
    filed = select(Filing.id).where(
        Filing.tenant_id == PeriodFigures.tenant_id,
        Filing.administration_id == PeriodFigures.administration_id,
        Filing.kind.in_(history.RETURNS),
        Filing.stage.in_(history.SENT),
        Filing.starts_on == PeriodFigures.starts_on,
        Filing.ends_on == PeriodFigures.ends_on,
    )
    return filed.exists()


def invoice_sent(event: InvoiceSent) -> None:
    """Have filed periods read that an invoice is in; in the caller's transaction."""
    day = (
        select(SalesInvoice.issued_on)
        .where(SalesInvoice.id == event.invoice_id)
        .scalar_subquery()
    )
    rows = session().scalars(
        select(PeriodFigures)
        .join(Administration, Administration.id == PeriodFigures.administration_id)
        .where(
            PeriodFigures.tenant_id == event.tenant_id,
            Administration.source == INVOICES,
            PeriodFigures.starts_on <= day,
            PeriodFigures.ends_on >= day,
            _is_filed(),
        )
    )
    for row in rows.all():
        reading.ask(row)
