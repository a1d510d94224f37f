"""Settling what was paid on the ledger item of a sales entry (contract 3.12).

Each payment is a step of its own behind the booking, which is never made again for it.
A lost answer is looked up by what is left of the item. A refusal leaves a remark.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.domain.clock import local_date
from core.domain.errors import AskUser, AuthenticationLost, Refused
from core.domain.money import ZERO, total
from core.domain.orders import Order, Payment
from core.domain.packages import Written
from core.plugin.work import Job
from plugins.eaccounting.checks import can_settle
from plugins.eaccounting.client import EAccounting
from plugins.eaccounting.mapping import PAYMENT, payment_voucher
from plugins.eaccounting.refusals import NO_SCOPE
from plugins.eaccounting.settings import settings
from plugins.eaccounting.setup import Setup
from plugins.eaccounting.wire import Body

CUSTOMER_INVOICE = "customer_invoice"
"""Value of `EACCOUNTING_RECEIVABLE`; the other is `ledger_item`."""


@dataclass(frozen=True)
class Settlement:
    """One payment with the account that it came in on."""

    payment: Payment
    account: int
    step: str


@dataclass(frozen=True)
class Paid:
    """The document that payments are of: how their vouchers name it."""

    about: Callable[[Payment], tuple[str, str]]
    """Word and number that a voucher's texts begin with."""
    setup: Setup
    is_new: bool = True
    """Its item began with its total; else it is another document's, read now."""

    def voucher(self, payment: Payment, account: int, receivable_id: str) -> Body:
        """Return the voucher that settles one payment."""
        return payment_voucher(
            payment,
            receivable_id=receivable_id,
            receivables_account=int(self.setup.settings["receivables_account"]),
            clearing_account=account,
            booked_on=local_date(payment.paid_at, self.setup.timezone),
            about=self.about(payment),
        )


@dataclass(frozen=True)
class Item:
    """The ledger item that payments are settled on."""

    id: str
    voucher_id: str
    left: Decimal
    """What is open of it before the first payment; negative on a credit."""


@dataclass(frozen=True)
class Outcome:
    """What became of the payments: a code and its values, or nothing to tell."""

    code: str = ""
    amount: Decimal = ZERO
    method: str = ""
    message: str = "-"
    written: Written | None = None

    @property
    def details(self) -> dict[str, str]:
        """The values of its words."""
        return {
            "amount": str(self.amount),
            "method": self.method,
            "message": self.message,
        }


def settlements(
    payments: Iterable[Payment], accounts: Mapping[str, str], company: Body
) -> list[Settlement]:
    """Return the payments whose method has a clearing account, in order."""
    if not can_settle(company):
        return []
    return [
        Settlement(each, int(accounts[each.method]), f"{PAYMENT}-{number}")
        for number, each in enumerate(payments, 1)
        if each.amount and accounts.get(each.method)
    ]


class Payments:
    """Settles the payments of one document."""

    def __init__(self, client: EAccounting, job: Job, document: Paid):
        self._client = client
        self._job = job
        self._document = document

    def settle(
        self, wanted: Sequence[Settlement], item: Item, *, ends: bool = True
    ) -> Outcome:
        """Settle each payment once; what cannot be settled is told.

        `ends`: nothing is written for the document after them.
        Raises what stops it for now: a lost answer, a limit, no connection.
        """
        left, written = self._open_before(wanted, item), None
        paid = total(each.payment.amount for each in wanted)
        if not _stays_within(item.left, item.left - paid) and self._document.is_new:
            return Outcome("payment_exceeds", paid, wanted[0].payment.method)
        for each in wanted:
            left -= each.payment.amount
            try:
                is_last = ends and each is wanted[-1]
                written = self._write(each, item, left, is_last=is_last)
            except AskUser as error:
                is_theirs = isinstance(error, Refused)
                code = "payment_not_settled" if is_theirs else error.code
                return _trouble(code, each, error.params.get("message", "-"))
            except AuthenticationLost as error:
                if error.code != NO_SCOPE:
                    raise
                return _trouble("payment_needs_right", each, error.code)
        return Outcome(written=written)

    def _open_before(self, wanted: Sequence[Settlement], item: Item) -> Decimal:
        """Return what was open before the first payment. A sale's own item begins with
        its total; another's was read now, perhaps behind some of the payments."""
        if self._document.is_new:
            return item.left
        gone = (
            each.payment.amount for each in wanted if self._job.confirmed(each.step)
        )
        return item.left + total(gone)

    def _write(
        self, each: Settlement, item: Item, left: Decimal, *, is_last: bool
    ) -> Written:
        def send(_: str) -> Written:
            body = self._document.voucher(
                each.payment, each.account, self._receivable(item)
            )
            return _made(self._client.create_payment(body))

        def find(reference: str, _: datetime) -> Written | None:
            item_id, _sep, after = reference.rpartition(":")
            return self._found(item_id, each.payment.amount, Decimal(after))

        return self._job.write(
            each.step,
            reference=lambda: f"{item.id}:{left}",
            send=send,
            find=find,
            find_lost=None if self._document.is_new else _unsure,
            last=is_last,
        )

    def _found(self, item_id: str, amount: Decimal, after: Decimal) -> Written | None:
        """Tell by what is left of the item whether a payment is there.

        Raises AskUser `payment_unsure` when something else was settled meanwhile.
        """
        found = self._client.record("customerledgeritems", item_id)
        left = Decimal((found or {}).get("RemainingAmountInvoiceCurrency") or 0)
        if found is not None and left == after:
            return Written(item_id)
        if found is not None and left == after + amount:
            return None
        raise AskUser("payment_unsure", message="")

    def _receivable(self, item: Item) -> str:
        """Return what the voucher names as paid; which id that is is unverified."""
        if settings().eaccounting_receivable != CUSTOMER_INVOICE:
            return item.id
        query = f"VoucherId eq {item.voucher_id}"
        try:
            found = list(self._client.all("customerinvoices", query))
        except Refused:
            found = list(self._client.all("customerinvoices"))
        for invoice in found:
            if invoice.get("VoucherId") == item.voucher_id:
                return str(invoice["Id"])
        raise AskUser("payment_unsure", message="")


def item_of(client: EAccounting, item_id: str) -> Item | None:
    """Read a ledger item as it is now; None when it is not there."""
    found = client.record("customerledgeritems", item_id)
    if found is None:
        return None
    return Item(
        item_id,
        str(found.get("VoucherId") or ""),
        Decimal(found["RemainingAmountInvoiceCurrency"]),
    )


def taken_back(order: Order) -> Iterator[Payment]:
    """Yield what a credit without lines takes back (negative) or restores."""
    if order.payments:
        yield from order.payments
    elif order.total_incl_vat:
        amount = order.total_incl_vat
        yield Payment(order.payment_method, amount, order.ordered_at)


def _stays_within(start: Decimal, end: Decimal) -> bool:
    """Tell whether payments leave an item between settled and open."""
    return min(start, ZERO) <= end <= max(start, ZERO)


def _trouble(code: str, each: Settlement, message: str) -> Outcome:
    return Outcome(code, each.payment.amount, each.payment.method, message)


def _made(body: Body) -> Written:
    number = body.get("NumberAndNumberSeries")
    return Written(str(body["Id"]), {"number": str(number or "")})


def _unsure(_: datetime) -> Written | None:
    """After a restore nothing tells a payment that was taken back from one that was
    not: what was open before is not known any more."""
    raise AskUser("payment_unsure", message="")
