"""From our orders and invoices to the vendor's entries (AddMutatie). Pure.

The vendor checks every line: excl + VAT = incl (CMUT010) and excl x rate = VAT
(CMUT010.1). A shop rounds per article or per order, so a VAT code's total does not
always fit in one line; see `fitted`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.domain.errors import AskUser
from core.domain.money import CENT, ZERO, cents, total, vat_on
from core.domain.strings import cut
from plugins.eboekhouden import wire
from plugins.eboekhouden.wire import Body

SALES_ENTRY = "sales_entry"
"""What an order or invoice becomes: an entry of the ledger (Mutatie)."""
_SMALLEST_LINES = 100
"""The small line of `balanced` stays under a euro."""


@dataclass(frozen=True)
class CodedLine:
    """A line with the package's codes; amounts in euros for the whole quantity."""

    amount_incl_vat: Decimal
    vat_amount: Decimal
    vat_rate: Decimal
    """In percent, as it was sold."""
    vat_code: str
    revenue_account: str


@dataclass(frozen=True)
class Header:
    """What an entry says beside its lines."""

    invoice_number: str
    booked_on: date
    """Local date."""
    debtor_code: str
    receivables_account: str
    payment_days: int
    description: str
    voucher: str = ""
    reference: str = ""


# --- lines -------------------------------------------------------------------------


def fits(excl: Decimal, vat: Decimal, rate: Decimal) -> bool:
    """Tell whether a line passes CMUT010.1: its VAT is its excl amount x rate."""
    return vat_on(excl, rate) == vat


def reached(amount_incl_vat: Decimal, rate: Decimal) -> list[tuple[Decimal, Decimal]]:
    """Split an amount incl VAT into lines (excl, VAT) that fit and add up to it.

    Not every amount can be reached by one line: at 21 % no net amount gives 0.04. Then
    the last cent is a line of its own, on which there is no VAT.
    """
    sign = Decimal(-1) if amount_incl_vat < ZERO else Decimal(1)
    amount = abs(amount_incl_vat)
    guess = cents(amount * 100 / (100 + rate))
    for excl in (guess, guess + CENT, guess - CENT):
        if fits(excl, amount - excl, rate):
            return [(sign * excl, sign * (amount - excl))]
    return [*reached(sign * (amount - CENT), rate), (sign * CENT, ZERO)]


def balanced(
    excl: Decimal, vat: Decimal, rate: Decimal
) -> list[tuple[Decimal, Decimal]]:
    """Split an amount and its VAT into two lines that fit; empty when none do.

    10.00 at 21 % is 8.26 + 1.74, yet 8.26 gives 1.73. As 8.23 + 1.73 and 0.03 + 0.01
    the vendor takes it, with amount and VAT as they were sold.
    """
    sign = Decimal(-1) if excl < ZERO else Decimal(1)
    for number in range(1, _SMALLEST_LINES):
        small = sign * number * CENT
        own = vat_on(small, rate)
        if fits(excl - small, vat - own, rate):
            return [(excl - small, vat - own), (small, own)]
    return []


def fitted(
    lines: Sequence[CodedLine], *, recalculate: bool = False
) -> list[tuple[Decimal, Decimal]]:
    """Return lines (excl, VAT) of one VAT code that fit; incl amounts stay exact.

    First choice is one line with the sold VAT, then one with a small second line, then
    the sold lines themselves: these keep the VAT exact. Else (or with `recalculate`)
    VAT follows from the amount incl VAT and may differ a few cents from what was sold.
    """
    rate = lines[0].vat_rate
    incl = total(line.amount_incl_vat for line in lines)
    vat = total(line.vat_amount for line in lines)
    if fits(incl - vat, vat, rate):
        return [(incl - vat, vat)]
    two = balanced(incl - vat, vat, rate)
    if two:
        return two
    pairs = [
        (line.amount_incl_vat - line.vat_amount, line.vat_amount)
        for line in lines
        if line.amount_incl_vat
    ]
    if not recalculate and all(fits(excl, vat, rate) for excl, vat in pairs):
        return pairs
    return reached(incl, rate)


def entry_lines(lines: Iterable[CodedLine]) -> list[Body]:
    """Return an entry's lines: one per VAT code, account and rate where that fits.

    Raises AskUser `eboekhouden_too_many_lines` over a hundred (contract 4.2).
    """
    groups: dict[tuple[str, str, Decimal], list[CodedLine]] = {}
    for line in lines:
        key = (line.vat_code, line.revenue_account, line.vat_rate)
        groups.setdefault(key, []).append(line)
    for recalculate in (False, True):
        rows = [
            _line(key, excl, vat)
            for key, group in groups.items()
            for excl, vat in fitted(group, recalculate=recalculate)
            if excl or vat
        ]
        if len(rows) <= wire.MOST_LINES:
            return rows
    raise AskUser("eboekhouden_too_many_lines", count=len(rows), most=wire.MOST_LINES)


def _line(key: tuple[str, str, Decimal], excl: Decimal, vat: Decimal) -> Body:
    code, account, rate = key
    return {
        "BedragInvoer": excl,
        "BedragExclBTW": excl,
        "BedragBTW": vat,
        "BedragInclBTW": excl + vat,
        "BTWCode": code,
        "BTWPercentage": rate,
        "TegenrekeningCode": account,
        "KostenplaatsID": 0,
    }


# --- entries -----------------------------------------------------------------------


def entry(header: Header, lines: Iterable[CodedLine]) -> Body:
    """Return a sales entry (contract 4.2); every field is sent, as the manual asks."""
    return {
        "MutatieNr": 0,
        "Soort": wire.SALES_INVOICE,
        "Datum": header.booked_on,
        "Rekening": header.receivables_account,
        "RelatieCode": header.debtor_code,
        "Factuurnummer": header.invoice_number,
        "Boekstuk": cut(header.voucher, wire.VOUCHER),
        "Omschrijving": cut(header.description, wire.DESCRIPTION),
        "Betalingstermijn": str(header.payment_days),
        "Betalingskenmerk": cut(header.reference, wire.REFERENCE),
        "InExBTW": wire.EXCL_VAT,
        "MutatieRegels": entry_lines(lines),
    }


def entry_total(body: Body) -> Decimal:
    """Return what an entry's debtor owes, incl VAT."""
    return total(line["BedragInclBTW"] for line in body["MutatieRegels"])


def entry_vat(body: Body) -> Decimal:
    """Return the VAT of an entry."""
    return total(line["BedragBTW"] for line in body["MutatieRegels"])


# --- relations ---------------------------------------------------------------------


def limited(body: Body) -> Body:
    """Cut a relation's texts to the vendor's lengths; its code is never cut.

    Raises AskUser `eboekhouden_code_too_long`.
    """
    if len(str(body.get("Code") or "")) > wire.CODE:
        raise AskUser("eboekhouden_code_too_long", number=body["Code"], most=wire.CODE)
    return {
        name: cut(value, wire.RELATION_LIMITS[name])
        if name in wire.RELATION_LIMITS and isinstance(value, str)
        else value
        for name, value in body.items()
    }
