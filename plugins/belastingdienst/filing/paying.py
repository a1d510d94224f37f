"""What a declaration asks to pay: how much, until when, where to, with which reference.

A supplementary return is paid on its assessment, which has a reference of its own, and
what comes back is paid out by itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select

from core.domain.clock import local_date
from core.domain.declarations import DeclarationKind, TaxPeriod
from core.domain.money import ZERO
from core.plugin.database import session
from plugins.belastingdienst.figures import period_figures
from plugins.belastingdienst.law import dates, payment
from plugins.belastingdienst.law.returns import VatReturn
from plugins.belastingdienst.law.spans import Days
from plugins.belastingdienst.models import Administration, Filing, PeriodFigures
from plugins.belastingdienst.models.filing import FilingStage
from plugins.belastingdienst.setup import taxpayers
from plugins.belastingdienst.watching.statements import DUTCH_TIME

_FORTNIGHT, _RECENT = timedelta(days=14), timedelta(days=400)


@dataclass(frozen=True)
class ToPay:
    """Money for the tax office."""

    amount: Decimal
    """Whole euros."""
    last_day: date
    """On which it has to stand on the account."""
    iban: str
    bic: str
    holder: str
    reference: str
    """In groups of four; empty where no rule gives one."""


def last_to_pay(kind: DeclarationKind, period: Days) -> date | None:
    """Return the last day to pay what is declared; None: by itself nothing is paid."""
    if kind is not DeclarationKind.VAT_RETURN:
        return None
    return dates.last_to_pay(dates.Filing.VAT_RETURN, period)


def of(filing: Filing, today: date) -> ToPay | None:
    """Return what a return asks to pay; None for a refund and for other kinds.

    `today` is a local date: the account is that of the day.
    """
    if filing.stage in taxpayers.ENDED_BADLY:
        return None
    kind, period = DeclarationKind(filing.kind), taxpayers.period_of(filing)
    return to_pay(kind, period, filing.tax_number, filing.payable, today)


def to_pay(
    kind: DeclarationKind, period: Days, tax_number: str, amount: Decimal, today: date
) -> ToPay | None:
    """Return what an amount of a declaration asks; None as `of`."""
    last_day = last_to_pay(kind, period)
    if last_day is None or amount <= ZERO:
        return None
    account = payment.account(today)
    reference = payment.reference(tax_number, period)
    return ToPay(
        amount,
        last_day,
        payment.in_fours(account.iban),
        account.bic,
        payment.HOLDER,
        payment.in_fours(reference) if reference else "",
    )


def expected(
    found: Iterable[tuple[Administration, Days]],
) -> dict[tuple[int, date, date], Decimal]:
    """Return 5g of the periods that were read, by administration and days."""
    wanted = {(one.id, period.start, period.end) for one, period in found}
    rows = session().scalars(
        select(PeriodFigures).where(
            PeriodFigures.administration_id.in_({key[0] for key in wanted}),
            PeriodFigures.read_at.is_not(None),
        )
    )
    keys = {
        row.id: key
        for row in rows
        if (key := (row.administration_id, row.starts_on, row.ends_on)) in wanted
    }
    boxes = period_figures.sums(list(keys))
    return {
        key: VatReturn.from_exact(
            TaxPeriod(key[1], key[2]), boxes.get(each, {})
        ).payable
        for each, key in keys.items()
    }


def to_be_paid(today: date) -> list[tuple[Filing, ToPay]]:
    """Return the returns of the tenant in scope that went and are to be paid about now.

    Until the last day to pay, and a fortnight after a return that went later than that:
    whether it was paid is not known here. `today` is a local date.
    """
    rows = session().scalars(
        select(Filing)
        .where(
            Filing.kind == DeclarationKind.VAT_RETURN,
            Filing.stage.in_((FilingStage.DELIVERED, FilingStage.ACCEPTED)),
            Filing.payable > ZERO,
            Filing.ends_on >= today - _RECENT,
        )
        .order_by(Filing.ends_on, Filing.id)
    )
    found = [(row, of(row, today)) for row in rows]
    return [
        (row, asked)
        for row, asked in found
        if asked is not None and _is_now(row, asked, today)
    ]


def _is_now(row: Filing, asked: ToPay, today: date) -> bool:
    sent = row.delivered_at
    went = local_date(sent, DUTCH_TIME) if sent else today
    return today <= max(asked.last_day, went + _FORTNIGHT)
