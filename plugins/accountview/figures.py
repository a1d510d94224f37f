"""From ledger transactions with VAT codes to rubrics and ICP rows. Pure.

Every figure keeps the entries behind it. Amounts are euros; the ledger's sign (debit
positive) is turned so that sales, owed VAT and input VAT are positive. Source: contract
section 2 (VA1, GJ1) and section 7; what is assumed stands in the README.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from core.domain.money import ZERO, total
from plugins.accountview.returns import (
    PURCHASE_RUBRICS,
    Box,
    Boxes,
    Customer,
    IcpDeclaration,
    IcpKind,
    Rubric,
    TaxPeriod,
    VatReturn,
    icp_rows,
)
from plugins.accountview.wire import Debtor, Transaction, VatCode

_BY_CODE = {rubric.value: rubric for rubric in Rubric}


@dataclass(frozen=True)
class Entry:
    """One booking behind a figure, whatever it came from."""

    source_id: str
    booked_on: date
    description: str
    reference: str
    """Invoice number, or journal and page."""
    box: Box
    """Exact amounts, signed as the form is."""
    rubric: Rubric
    customer: Customer | None = None
    """With 3b: who got it; None when the debtor or his VAT number is unknown."""
    icp_kind: IcpKind | None = None


@dataclass(frozen=True)
class Doubt:
    """A transaction that could not be placed; the code has words in `texts.py`."""

    code: str
    entry_id: str
    params: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Figures:
    """The figures of one period with the entries behind them."""

    period: TaxPeriod
    entries: tuple[Entry, ...]
    doubts: tuple[Doubt, ...] = ()
    """Nothing may be filed while there are any."""

    def behind(self, rubric: Rubric) -> tuple[Entry, ...]:
        """Return the entries of a rubric."""
        return tuple(entry for entry in self.entries if entry.rubric is rubric)

    def behind_row(self, kind: IcpKind, customer: Customer) -> tuple[Entry, ...]:
        """Return the entries of an ICP row."""
        return tuple(
            entry
            for entry in self.entries
            if (entry.icp_kind, entry.customer) == (kind, customer)
        )

    @property
    def boxes(self) -> Boxes:
        """The exact amounts per rubric."""
        return {
            rubric: Box(
                total(entry.box.turnover for entry in found),
                total(entry.box.vat for entry in found),
            )
            for rubric in Rubric
            if (found := self.behind(rubric))
        }

    @property
    def vat_return(self) -> VatReturn:
        """The return in whole euros."""
        return VatReturn.from_exact(self.period, self.boxes)

    @property
    def icp(self) -> IcpDeclaration:
        """The ICP declaration in whole euros."""
        amounts: dict[tuple[IcpKind, Customer], Decimal] = defaultdict(lambda: ZERO)
        for entry in self.entries:
            if entry.icp_kind is not None and entry.customer is not None:
                amounts[entry.icp_kind, entry.customer] += entry.box.turnover
        return IcpDeclaration(self.period, icp_rows(amounts))


def rubric_of(text: str) -> Rubric | None:
    """Read a rubric as AccountView may write it (1a, 1A, 1.a); None when unknown."""
    plain = text.replace(".", "").replace(" ", "").lower()
    return _BY_CODE.get(plain)


def compute(
    period: TaxPeriod,
    transactions: Iterable[Transaction],
    codes: Mapping[str, VatCode],
    debtors: Mapping[str, Debtor],
    services: Collection[str] = (),
) -> Figures:
    """Return the figures of a period, chosen by date.

    `services` are the VAT codes of services to other member states; VA1 has no field
    that tells them from goods, so the user says which they are.
    """
    entries: list[Entry] = []
    doubts: list[Doubt] = []
    for transaction in transactions:
        code = codes.get(transaction.vat_code)
        if not transaction.vat_code or transaction.booked_on not in period:
            continue
        if code is None:
            doubts.append(_doubt("ledger_vat_code_unknown", transaction))
        elif transaction.account not in code.accounts:
            # a row on the VAT account itself is the other side of one counted already
            found = list(_entries(transaction, code, debtors, services))
            entries += found
            doubts += _doubts(transaction, found)
    return Figures(period, tuple(entries), tuple(doubts))


def _doubt(code: str, transaction: Transaction) -> Doubt:
    params = {"vat_code": transaction.vat_code, "relation": transaction.relation}
    return Doubt(code, transaction.id, params)


def _doubts(transaction: Transaction, entries: list[Entry]) -> Iterator[Doubt]:
    if not entries:
        yield _doubt("ledger_vat_code_without_rubric", transaction)
    if any(entry.icp_kind and entry.customer is None for entry in entries):
        yield _doubt("icp_customer_unknown", transaction)


def _entries(
    transaction: Transaction,
    code: VatCode,
    debtors: Mapping[str, Debtor],
    services: Collection[str],
) -> Iterator[Entry]:
    """Yield a transaction's share in its rubrics: two when VAT is transferred to us."""
    rubrics = [rubric_of(code.rubric)]
    if code.is_reverse and code.linked_rubric:
        rubrics.append(rubric_of(code.linked_rubric))
    for rubric in rubrics:
        if rubric is Rubric.R3B:
            kind = _icp_kind(code, services)
            customer = customer_of(debtors.get(transaction.relation))
            yield _entry(transaction, rubric, customer, kind)
        elif rubric is not None:
            yield _entry(transaction, rubric)


def _icp_kind(code: VatCode, services: Collection[str]) -> IcpKind:
    if code.is_abc:
        return IcpKind.ABC
    return IcpKind.SERVICES if code.code in services else IcpKind.GOODS


def _entry(
    transaction: Transaction,
    rubric: Rubric,
    customer: Customer | None = None,
    kind: IcpKind | None = None,
) -> Entry:
    reference = f"{transaction.journal} {transaction.page}".strip()
    return Entry(
        source_id=transaction.id,
        booked_on=transaction.booked_on,
        description=transaction.description,
        reference=transaction.invoice_number or reference,
        box=_box(transaction, rubric),
        rubric=rubric,
        customer=customer,
        icp_kind=kind,
    )


def _box(transaction: Transaction, rubric: Rubric) -> Box:
    """Turn the ledger's sign: sales are credit, purchases and input VAT debit."""
    if rubric is Rubric.R5B:
        return Box(ZERO, transaction.vat_amount)
    amounts = Box(transaction.base_amount, transaction.vat_amount)
    return amounts if rubric in PURCHASE_RUBRICS else Box() - amounts


def customer_of(debtor: Debtor | None) -> Customer | None:
    """Return a debtor as ICP names him, or None without country or VAT number."""
    if debtor is None:
        return None
    return customer_from(debtor.country, debtor.vat_number)


def customer_from(country: str, vat_number: str) -> Customer | None:
    """Return a customer by what was filled in, or None when either is unknown.

    A prefix in the number goes before the country: it is what was granted.
    """
    number = "".join(sign for sign in vat_number.upper() if sign.isalnum())
    country = country.upper()
    if number[:2].isalpha():
        country, number = number[:2], number[2:]
    country = "EL" if country == "GR" else country
    return Customer(country, number) if country and number else None
