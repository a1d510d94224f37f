"""The PDF of a period: as it was declared, or as it would be now."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from babel import dates
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import select

from core.clock import local_date
from core.services.database import session
from plugins.accountview import corrections, paper, period_figures
from plugins.accountview.models import Administration, Filing
from plugins.accountview.models.filing import FilingStage
from plugins.accountview.returns import (
    Customer,
    DeclarationKind,
    IcpDeclaration,
    IcpRow,
    TaxPeriod,
    VatReturn,
)
from plugins.accountview.xbrl.icp import (
    COUNTRY,
    DIMENSIONAL_AMOUNTS,
    TUPLES,
    VAT_NUMBER,
)
from plugins.accountview.xbrl.reader import Message, read

_DUTCH_TIME = "Europe/Amsterdam"


def of_period(administration: Administration, period: TaxPeriod) -> bytes:
    """Return the PDF of what was declared last, else of the figures as they are now."""
    filing = corrections.filed(administration).get(period)
    declared = corrections.declared_boxes(filing) if filing is not None else None
    if filing is not None and declared is not None:
        heading = _filed_heading(administration, filing)
        declared_icp = _declared_icp(administration, period)
        return paper.write(heading, VatReturn(period, declared), declared_icp)
    row = period_figures.find(administration, period)
    summary = period_figures.summary(row) if row else (
        period_figures.Summary(period, {}, {}, {})
    )  # fmt: skip
    heading = paper.Heading(
        administration.description,
        administration.tax_number,
        str(_("concept, nog niet ingediend")),
    )
    return paper.write(heading, summary.vat_return, summary.icp)


def _filed_heading(administration: Administration, filing: Filing) -> paper.Heading:
    is_accepted = filing.stage == FilingStage.ACCEPTED
    facts = [(str(_("Ons kenmerk")), filing.reference)]
    if filing.delivered_at is not None:
        facts.append((str(_("Ingediend op")), _day(filing.delivered_at)))
    if filing.delivery_reference:
        facts.append((str(_("Ontvangstkenmerk")), filing.delivery_reference))
    state = _("geaccepteerd") if is_accepted else _("ingediend")
    if filing.kind == DeclarationKind.SUPPLETIE:
        state = _("%(state)s (suppletie)", state=state)
    return paper.Heading(
        administration.description, administration.tax_number, str(state), facts
    )


def _day(moment: datetime) -> str:
    day = local_date(moment, _DUTCH_TIME)
    return str(dates.format_date(day, "d MMMM yyyy", locale=get_locale()))


def _declared_icp(
    administration: Administration, period: TaxPeriod
) -> IcpDeclaration | None:
    """Read the ICP declaration that went out last back from its bytes."""
    filing = session().scalar(
        select(Filing)
        .where(
            Filing.administration_id == administration.id,
            Filing.kind == DeclarationKind.ICP,
            Filing.starts_on == period.start,
            Filing.ends_on == period.end,
            Filing.stage.in_(corrections.FILED),
        )
        .order_by(Filing.version.desc())
        .limit(1)
    )
    return IcpDeclaration(period, icp_rows_of(read(filing.content))) if filing else None


def icp_rows_of(message: Message) -> tuple[IcpRow, ...]:
    """Return the rows of an ICP message, without its corrections."""
    rows = [*_dimensional(message), *_tuples(message)]
    return tuple(sorted(rows, key=lambda row: (row.kind, row.customer)))


def _dimensional(message: Message) -> Iterator[IcpRow]:
    kinds = {name: kind for kind, name in DIMENSIONAL_AMOUNTS.items()}
    for fact in message.facts:
        _icp, _, customer = fact.context.partition("_")
        country, _, number = customer.partition("_")
        if fact.is_amount and fact.name in kinds and number:
            kind = kinds[fact.name]
            yield IcpRow(kind, Customer(country, number), Decimal(fact.value))


def _tuples(message: Message) -> Iterator[IcpRow]:
    """Rows up to 2025: a tuple's members stand together, the VAT number last."""
    kinds = {name: kind for kind, name in TUPLES.items()}
    country, amount = "", ""
    for fact in message.facts:
        if fact.parent not in kinds:
            continue
        if fact.name == COUNTRY:
            country = fact.value
        elif fact.name == VAT_NUMBER:
            customer = Customer(country, fact.value)
            yield IcpRow(kinds[fact.parent], customer, Decimal(amount))
        elif fact.is_amount:
            amount = fact.value
