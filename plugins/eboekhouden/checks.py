"""Checks before booking, and of messages before they leave. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from core.domain.errors import AskUser
from core.domain.invoices import InvoiceData
from core.domain.orders import Order
from core.domain.purchases import PurchaseInvoice
from core.domain.relations import RelationData
from core.domain.strings import unsendable_field
from core.domain.structured_invoices import VatCategory
from plugins.eboekhouden import wire
from plugins.eboekhouden.wire import Body

STALE = frozenset(
    ("eboekhouden_account_missing", "eboekhouden_account_category",
     "eboekhouden_clearing_missing", "eboekhouden_clearing_category")
)  # fmt: skip
"""Refusals that the user solves in the package, which we may not have read since."""
_NO_LINES = (wire.MONEY, wire.DEBTORS, wire.CREDITORS)
"""Categories of accounts that no line of an invoice is booked on (4.2)."""
ENTERED = (
    VatCategory.CHARGED, VatCategory.ZERO_RATED, VatCategory.EXEMPT,
    VatCategory.OUTSIDE_SCOPE,
)  # fmt: skip
"""VAT of purchases that can be entered: how the vendor wants the amounts of what is
reverse-charged or comes from abroad is not told."""
_TO_MEMBER_STATES = ("intra_community", "intra_services")
FIRST_DAY, LAST_DAY = date(1980, 1, 1), date(2049, 12, 31)


def check_texts(body: Body) -> None:
    """Check a message before it is built; AskUser `eboekhouden_unfit_text`.

    Nothing left then, so nothing is unknown. By REST the same: JSON could hold most of
    it, but a control character in a ledger helps nobody.
    """
    place = unsendable_field(body)
    if place is not None:
        raise AskUser("eboekhouden_unfit_text", field=place.rpartition(".")[2])


def check_date(booked_on: date) -> None:
    """Raise AskUser `eboekhouden_date` outside what the vendor knows (contract 2)."""
    if not FIRST_DAY <= booked_on <= LAST_DAY:
        raise AskUser("eboekhouden_date", date=booked_on.isoformat())


def check_vat_code(code: str, rate: Decimal) -> None:
    """Check a configured VAT code against the rate of the sale.

    Raises AskUser `eboekhouden_vat_code_gone` for one that is not among the sales
    codes, `eboekhouden_vat_rate_differs` when its rate is another.
    """
    _check_rate(wire.sale_code(code), code, rate)


def _check_rate(known: wire.VatCode | None, code: str, rate: Decimal) -> None:
    if known is None:
        raise AskUser("eboekhouden_vat_code_gone", vat_code=code, rate=rate)
    if known.rate is not None and known.rate != rate:
        raise AskUser(
            "eboekhouden_vat_rate_differs",
            vat_code=code,
            package_rate=known.rate,
            rate=rate,
        )


def check_accounts(
    own: str,
    others: Iterable[str],
    accounts: Mapping[str, Body],
    *,
    category: str = wire.DEBTORS,
) -> None:
    """Check the accounts of an entry: there, and of the right category (4.2, 4.3).

    `own`: the account for debtors, or for what `category` says; `others`: of revenue or
    costs. Raises AskUser `eboekhouden_account_missing` or
    `eboekhouden_account_category`.
    """
    for number in (own, *others):
        if number not in accounts:
            raise AskUser("eboekhouden_account_missing", account=number or "-")
    if accounts[own]["Categorie"] != category:
        raise AskUser("eboekhouden_account_category", account=own, category=category)
    for number in others:
        if accounts[number]["Categorie"] in _NO_LINES:
            raise AskUser(
                "eboekhouden_account_category",
                account=number,
                category=wire.PROFIT_AND_LOSS,
            )


def check_clearing(
    methods: Iterable[str],
    clearing_accounts: Mapping[str, str],
    accounts: Mapping[str, Body],
) -> None:
    """Check the accounts that payments by these methods come in on.

    Raises AskUser `eboekhouden_clearing_missing`, and `eboekhouden_clearing_category`
    for one that is no money account: the vendor books payments on those only (8.3).
    """
    for method in methods:
        number = clearing_accounts.get(method, "")
        if not number:
            continue
        if number not in accounts:
            raise AskUser("eboekhouden_clearing_missing", account=number, method=method)
        if accounts[number]["Categorie"] != wire.MONEY:
            raise AskUser(
                "eboekhouden_clearing_category", account=number, method=method
            )


def check_debtor(order: Order) -> None:
    """Check what a new debtor needs; raise AskUser `eboekhouden_debtor_incomplete`.

    A debtor is known by an e-mail address; the vendor itself asks for a name only.
    """
    if not (order.company or order.billing.name or order.delivery.name):
        raise AskUser("eboekhouden_debtor_incomplete")


def check_invoice(invoice: InvoiceData) -> None:
    """Check what an invoice's entry needs of the invoice itself (contract 2, 4.2).

    Raises AskUser `eboekhouden_date`, `eboekhouden_number_too_long`, and
    `eboekhouden_nothing_to_book` when no VAT code has an amount: an entry needs a line.
    """
    check_date(invoice.issued_on)
    if len(invoice.number) > wire.INVOICE_NUMBER:
        raise AskUser("eboekhouden_number_too_long", number=invoice.number)
    if not any(row.amount_excl_vat or row.vat_amount for row in invoice.totals):
        raise AskUser("eboekhouden_nothing_to_book")


def needs_vat_number(invoice: InvoiceData) -> bool:
    """Tell whether something on it goes to a business in another member state."""
    return any(row.vat_kind in _TO_MEMBER_STATES for row in invoice.totals)


def check_number(relation: RelationData) -> str:
    """Return the debtor number an invoice is booked under, which is the code there.

    Raises AskUser `debtor_number_missing`, `eboekhouden_code_too_long`.
    """
    number = relation.debtor_number.strip()
    if not number:
        raise AskUser("debtor_number_missing", relation=relation.full_name)
    if len(number) > wire.CODE:
        raise AskUser("eboekhouden_code_too_long", number=number, most=wire.CODE)
    return number


def check_purchase_code(code: str, rate: Decimal) -> None:
    """Check a configured VAT code of purchases against the rate of the invoice.

    Raises as `check_vat_code`.
    """
    _check_rate(wire.purchase_code(code), code, rate)


def check_purchase(invoice: PurchaseInvoice) -> None:
    """Check what a purchase entry needs of the invoice itself (contract 2, 4.2).

    Raises AskUser `eboekhouden_date`, `purchase_too_long`, `purchase_without_amount`
    and `purchase_by_hand` for VAT of which it is not told how to give it.
    """
    check_date(invoice.issued_on)
    if len(invoice.number) > wire.INVOICE_NUMBER:
        raise AskUser("purchase_too_long", number=invoice.number)
    if not any(one.amount_excl_vat or one.vat_amount for one in invoice.shares):
        raise AskUser("purchase_without_amount")
    if any(one.category not in ENTERED for one in invoice.shares):
        raise AskUser("purchase_by_hand", service="eboekhouden")


def check_supplier(relation: RelationData) -> str:
    """Return the number a supplier has there: the package keeps customers and
    suppliers in one list, so a debtor number is as good.

    Raises AskUser `creditor_number_missing`, `eboekhouden_code_too_long`.
    """
    number = relation.creditor_number.strip() or relation.debtor_number.strip()
    if not number:
        raise AskUser("creditor_number_missing", relation=relation.full_name)
    if len(number) > wire.CODE:
        raise AskUser("eboekhouden_code_too_long", number=number, most=wire.CODE)
    return number
