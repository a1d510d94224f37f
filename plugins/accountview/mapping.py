"""From ledger transactions with VAT codes to rubrics and ICP rows. Pure.

Every figure keeps the entries behind it. Amounts are euros; the ledger's sign (debit
positive) is turned so that sales, owed VAT and input VAT are positive. Source: contract
section 2 (VA1, GJ1) and section 7; what is assumed stands in the README.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from core.domain.declarations import (
    PURCHASE_RUBRICS,
    Box,
    Customer,
    Doubt,
    Entry,
    Figures,
    IcpKind,
    Rubric,
    TaxPeriod,
    customer_from,
)
from core.domain.money import ZERO
from plugins.accountview import vat_accounts
from plugins.accountview.wire import Debtor, Transaction, VatCode

_BY_CODE = {rubric.value: rubric for rubric in Rubric}


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
        account = vat_accounts.account_of(code, rubric)
        if rubric is Rubric.R3B:
            kind = _icp_kind(code, services)
            customer = customer_of(debtors.get(transaction.relation))
            yield _entry(transaction, rubric, account, customer, kind)
        elif rubric is not None:
            yield _entry(transaction, rubric, account)


def _icp_kind(code: VatCode, services: Collection[str]) -> IcpKind:
    if code.is_abc:
        return IcpKind.ABC
    return IcpKind.SERVICES if code.code in services else IcpKind.GOODS


def _entry(
    transaction: Transaction,
    rubric: Rubric,
    account: str,
    customer: Customer | None = None,
    kind: IcpKind | None = None,
) -> Entry:
    reference = f"{transaction.journal} {transaction.page}".strip()
    return Entry(
        source_id=transaction.id,
        vat_movement=vat_accounts.movement_id(transaction, account),
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
