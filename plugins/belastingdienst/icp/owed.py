"""Corrections of ICP declarations that went: noticed, and open until they are made.

What was declared is compared with the entries of those days whenever these change. A
new credit note is no correction: it is a row of its own day.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, or_, select

from core.domain.clock import local_date, utcnow
from core.domain.declarations import Customer, DeclarationKind, IcpKind, TaxPeriod
from core.domain.errors import AskUser
from core.domain.money import ZERO
from core.plugin import log, mail
from core.plugin.database import session
from core.plugin.tables import LogLevel
from plugins.belastingdienst.icp import supplies
from plugins.belastingdienst.law import icp
from plugins.belastingdienst.law.spans import Days
from plugins.belastingdienst.models import Administration, Filing, IcpCorrection
from plugins.belastingdienst.models.filing import FilingStage
from plugins.belastingdienst.setup import taxpayers

WENT = (FilingStage.DELIVERED, FilingStage.ACCEPTED)
_FAILED = (FilingStage.REJECTED, FilingStage.CANCELLED)
_DUTCH_TIME = "Europe/Amsterdam"
_Taxpayer = Administration | Filing


def of(taxpayer: _Taxpayer) -> list[IcpCorrection]:
    """Return what a taxpayer still has to correct, oldest stretch first."""
    return list(
        session().scalars(
            select(IcpCorrection)
            .outerjoin(Filing, Filing.id == IcpCorrection.filing_id)
            .where(*_whose(taxpayer), *is_open())
            .order_by(*_ORDER)
        )
    )


def to_carry(taxpayer: _Taxpayer, carrier: TaxPeriod) -> list[IcpCorrection]:
    """Return what a declaration over a stretch has to take along of earlier ones.

    What an earlier version of itself holds is among it.
    """
    is_its_own = and_(
        IcpCorrection.done_at.is_(None),
        Filing.starts_on == carrier.start,
        Filing.ends_on == carrier.end,
    )
    return list(
        session().scalars(
            select(IcpCorrection)
            .outerjoin(Filing, Filing.id == IcpCorrection.filing_id)
            .where(
                *_whose(taxpayer),
                IcpCorrection.ends_on < carrier.start,
                or_(and_(*is_open()), is_its_own),
            )
            .order_by(*_ORDER)
        )
    )


def of_tenant() -> list[IcpCorrection]:
    """Return all that the tenant in scope still has to correct."""
    return list(
        session().scalars(
            select(IcpCorrection)
            .outerjoin(Filing, Filing.id == IcpCorrection.filing_id)
            .where(*is_open())
            .order_by(IcpCorrection.tax_number, IcpCorrection.division, *_ORDER)
        )
    )


_ORDER = (
    IcpCorrection.starts_on,
    IcpCorrection.ends_on,
    IcpCorrection.icp_kind,
    IcpCorrection.customer_country,
    IcpCorrection.customer_number,
    IcpCorrection.id,
)


def is_open() -> tuple[ColumnElement[bool], ...]:
    """Tell of a correction, joined with what carries it, whether it is to be made."""
    return (
        IcpCorrection.done_at.is_(None),
        or_(IcpCorrection.filing_id.is_(None), Filing.stage.in_(_FAILED)),
    )


def _whose(taxpayer: _Taxpayer) -> tuple[ColumnElement[bool], ...]:
    return (
        IcpCorrection.tenant_id == taxpayer.tenant_id,
        IcpCorrection.tax_number == taxpayer.tax_number,
        IcpCorrection.division == taxpayer.division,
    )


def row_of(one: IcpCorrection) -> icp.Row:
    """Return a correction as the law knows it."""
    customer = Customer(one.customer_country, one.customer_number)
    return icp.Row(IcpKind(one.icp_kind), customer, one.amount, period_of(one))


def period_of(one: IcpCorrection) -> TaxPeriod:
    """Return which stretch a correction is of."""
    return TaxPeriod(one.starts_on, one.ends_on)


def notice(administration: Administration, days: Days) -> None:
    """Compare what was declared over these days with what the entries say now.

    In the caller's transaction. Stretches whose figures are not read stay as they are.
    """
    for filing in _declared(administration, days):
        period = TaxPeriod(filing.starts_on, filing.ends_on)
        keeper = filing.administration
        rows = supplies.rows_of(keeper, period)
        if supplies.is_read(rows, period):
            _compare(filing, period)


def _declared(administration: Administration, days: Days) -> list[Filing]:
    """Return the newest declaration that went over each stretch with such days."""
    found = session().scalars(
        select(Filing)
        .where(
            Filing.tenant_id == administration.tenant_id,
            Filing.tax_number == administration.tax_number,
            Filing.division == administration.division,
            Filing.kind == DeclarationKind.ICP,
            Filing.stage.in_(WENT),
            Filing.starts_on <= days.end,
            Filing.ends_on >= days.start,
        )
        .order_by(Filing.version)
    )
    return list({(one.starts_on, one.ends_on): one for one in found}.values())


def _compare(filing: Filing, period: TaxPeriod) -> None:
    kinds = taxpayers.scope_of(filing)
    right = supplies.of(filing.administration, period, kinds).amounts
    known = icp.after({period: declared_rows(filing)}, _made(filing, period))
    wanted = {row.key: row.amount for row in icp.corrections(known, {period: right})}
    for one in [each for each in of(filing) if period_of(each) == period]:
        amount = wanted.pop(row_of(one).key, ZERO)
        if not amount:
            session().delete(one)
        elif amount != one.amount:
            one.amount = amount
            one.filing_id = None
    for (kind, customer), amount in wanted.items():
        session().add(_correction(filing, kind, customer, amount))
    if wanted:
        _tell(filing, period)


def _tell(filing: Filing, period: TaxPeriod) -> None:
    """Log what is owed now, and mail it: once a day for a declaration."""
    code, today = "icp_correction_noticed", local_date(utcnow(), _DUTCH_TIME)
    named = {
        "reference": filing.reference,
        "administration": filing.administration.description,
        "period": period.code,
    }
    log.write(filing.tenant_id, code, level=LogLevel.WARNING, params=named)
    mail.to_tenant(
        filing.tenant_id,
        "belastingdienst_filing",
        dedup_key=f"filing:{filing.id}:{code}:{today}",
        code=code,
        params=named,
        filing_id=filing.id,
    )


def declared_rows(filing: Filing) -> dict[icp.Key, Decimal]:
    """Return what a declaration said of its own days, in whole euros."""
    found: dict[icp.Key, Decimal] = defaultdict(Decimal)
    for kind, country, number, amount, correction in filing.figures["rows"]:
        if not correction:
            found[IcpKind(kind), Customer(country, number)] += Decimal(amount)
    return dict(found)


def _made(filing: Filing, period: TaxPeriod) -> list[icp.Row]:
    """Return the corrections of a stretch that were made, or are under way."""
    made = session().scalars(
        select(IcpCorrection)
        .outerjoin(Filing, Filing.id == IcpCorrection.filing_id)
        .where(
            *_whose(filing),
            IcpCorrection.starts_on == period.start,
            IcpCorrection.ends_on == period.end,
            or_(
                IcpCorrection.done_at.is_not(None),
                and_(
                    IcpCorrection.filing_id.is_not(None), Filing.stage.not_in(_FAILED)
                ),
            ),
        )
    )
    return [row_of(one) for one in made]


def _correction(
    filing: Filing, kind: IcpKind, customer: Customer, amount: Decimal
) -> IcpCorrection:
    return IcpCorrection(
        tenant_id=filing.tenant_id,
        tax_number=filing.tax_number,
        division=filing.division,
        starts_on=filing.starts_on,
        ends_on=filing.ends_on,
        icp_kind=kind,
        customer_country=customer.country,
        customer_number=customer.vat_number,
        amount=amount,
        noticed_on=local_date(utcnow(), _DUTCH_TIME),
    )


def shown(found: Iterable[IcpCorrection]) -> str:
    """Write what a person was shown, so that he confirms nothing else."""
    return ",".join(f"{one.id}:{one.amount}" for one in found)


def done(
    administration: Administration, period: TaxPeriod, seen: str, *, user_id: int
) -> None:
    """Note that the corrections of a stretch were made at the portal.

    In the caller's transaction; `seen` is what `shown` wrote. AskUser
    `icp_owed_changed` when it is something else by now.
    """
    found = [one for one in of(administration) if period_of(one) == period]
    if not found or shown(found) != seen:
        raise AskUser("icp_owed_changed", period=period.code)
    for one in found:
        one.done_at, one.done_by_id, one.filing_id = utcnow(), user_id, None
    log.write(
        administration.tenant_id,
        "icp_correction_done",
        user_id=user_id,
        administration=administration.description,
        period=period.code,
    )


def carry(filing: Filing, found: Sequence[IcpCorrection]) -> None:
    """Note that a declaration takes corrections along."""
    for one in found:
        one.filing_id = filing.id
