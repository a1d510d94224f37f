"""Reading what stands in the package: right after a write, by reference, and whole."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from core.domain.clock import utcnow
from core.domain.errors import AskUser, Refused
from core.domain.money import CENT, ZERO
from core.domain.orders import Order
from core.domain.packages import Written
from core.plugin.work import Step
from plugins.eaccounting import wire
from plugins.eaccounting.client import EAccounting
from plugins.eaccounting.mapping import TargetKind
from plugins.eaccounting.wire import Body

LOOK_BACK = timedelta(minutes=10)
"""Clocks differ: a look-up starts so long before the send."""
_MOMENT = timedelta(seconds=10)
"""So long what was read stands for now: the look-ups of one batch follow each other."""
_FARTHEST = timedelta(hours=6)
"""A list is begun no longer before the document that it is read for."""
FEW_CENTS = Decimal("0.05")
"""VAT that is no further off is a matter of rounding."""


def entry(body: Body) -> Written:
    """What a sales entry's answer says (contract 3.11)."""
    return _written(
        body,
        total=body.get("TotalAmountInvoiceCurrency"),
        vat=body.get("VATAmountInvoiceCurrency"),
        number=body.get("InvoiceNumber"),
    )


def draft(body: Body) -> Written:
    """What a draft's answer says: totals are worked out by Visma (3.7)."""
    return _written(
        body,
        total=body.get("TotalAmount"),
        vat=body.get("TotalVatAmount"),
        number="",
    )


def order_document(body: Body) -> Written:
    """What an order's answer says; its number is null on drafts (3.9)."""
    return _written(
        body,
        total=body.get("Amount"),
        vat=body.get("VatAmount"),
        number=body.get("Number"),
    )


def _written(body: Body, *, total: Any, vat: Any, number: Any) -> Written:
    """Keep what the read-back compares; what an answer leaves out is empty."""
    result = {
        "total": "" if total is None else str(total),
        "vat": "" if vat is None else str(vat),
        "number": "" if number is None else str(number),
        "customer": str(body.get("CustomerId") or ""),
    }
    if body.get("VoucherId"):
        result["voucher"] = str(body["VoucherId"])
    if isinstance(body.get("IncludesVat"), bool):
        result["incl_vat"] = "1" if body["IncludesVat"] else ""
    return Written(str(body["Id"]), result)


def difference(
    written: Written,
    *,
    total: Decimal,
    vat: Decimal,
    debtor: str,
    incl_vat: bool | None = None,
) -> str:
    """Compare what stands there with what was meant; return a code, or nothing.

    `incl_vat` is how unit prices were meant; the answer says how they were read. VAT
    that is a few cents off was rounded otherwise: `booked_vat_rounded`.
    """
    result = written.result
    read_incl = result.get("incl_vat")
    if (
        _amount(result["total"]) != total
        or result["customer"] != debtor
        or (read_incl is not None and bool(read_incl) != incl_vat)
    ):
        return "booked_differs"
    booked_vat = _amount(result["vat"])
    if booked_vat == vat:
        return ""
    is_near = booked_vat is not None and abs(booked_vat - vat) <= FEW_CENTS
    return "booked_vat_rounded" if is_near else "booked_vat_differs"


def is_serious(written: Written, code: str, order: Order, debtor: str) -> bool:
    """Tell whether a difference is more than the cents of rounding: a person must look.

    An order's total comes without VAT for companies, so what counts is how far it is
    from either.
    """
    if code == "booked_vat_differs":
        return True
    booked = _amount(written.result["total"])
    if code != "booked_differs" or booked is None:
        return bool(code == "booked_differs")
    amount, net = order.total_incl_vat, order.total_incl_vat - order.vat_amount
    near = min(abs(abs(meant) - abs(booked)) for meant in (amount, net))
    return near > FEW_CENTS or not _is_of(written, debtor)


def _amount(text: str) -> Decimal | None:
    """Read an amount of an answer; None where the answer left it out."""
    return Decimal(text) if text else None


class Entries:
    """What changed of the ledger items lately: one look-up for all unknown sales
    entries of a batch."""

    def __init__(self, client: EAccounting) -> None:
        self._client = client
        self._first: datetime | None = None
        self._from: datetime | None = None
        self._read_at: datetime | None = None
        self._items: Sequence[Body] = ()
        self._asked: set[int] = set()

    def serve(self, unknown: Iterable[Sequence[Step]]) -> None:
        """Let a list begin early enough for these writes; nothing is called yet."""
        sent = (step.sent_at for steps in unknown for step in steps)
        self._first = min(sent, default=None)

    def since(self, number: int, sent_at: datetime) -> Sequence[Body]:
        """Return what changed since a send (UTC), as it stood a moment ago or now.

        One number is never told twice from one list: a second miss means that it was
        looked for twice.
        """
        if not self._serves(number, sent_at):
            self._read(sent_at)
        self._asked.add(number)
        return self._items

    def _serves(self, number: int, sent_at: datetime) -> bool:
        if self._from is None or self._read_at is None or number in self._asked:
            return False
        is_recent = utcnow() - self._read_at < _MOMENT
        return is_recent and self._from <= sent_at < self._read_at

    def _read(self, sent_at: datetime) -> None:
        first = min(self._first or sent_at, sent_at)
        self._from = first if sent_at - first < _FARTHEST else sent_at
        self._read_at = utcnow()
        query = f"ModifiedUtc ge {wire.utc_literal(self._from - LOOK_BACK)}"
        self._items = list(self._client.all("customerledgeritems", query))
        self._asked.clear()


def find_entry(
    entries: Entries, number: int, sent_at: datetime, debtor: str, amount: Decimal
) -> Written | None:
    """Look a sales entry up by its invoice number among what changed since.

    Raises AskUser `found_differs` when it is there with another debtor or total.
    """
    found = [
        entry(item)
        for item in entries.since(number, sent_at)
        if item["InvoiceNumber"] == number
    ]
    for written in found:
        if Decimal(written.result["total"]) == amount and _is_of(written, debtor):
            return written
    if found:
        raise AskUser("found_differs", reference=number)
    return None


def find_priced(
    client: EAccounting,
    kind: TargetKind,
    number: str,
    sent_at: datetime,
    debtor: str,
    amount: Decimal,
) -> Written | None:
    """Look a draft or order up by its reference among what was made since.

    Raises AskUser `found_differs` when it is there with another debtor or total; a
    draft's total may be a cent a row off, since the vendor works it out.
    """
    is_order = kind == TargetKind.ORDER
    read, since = order_document if is_order else draft, sent_at - LOOK_BACK
    found = [
        (read(item), len(item.get("Rows") or ()))
        for item in referenced(client, kind, number)
        if is_since(item, since)
    ]
    for written, rows in found:
        off = abs(Decimal(written.result["total"]) - amount)
        if off <= (ZERO if is_order else rows * CENT) and _is_of(written, debtor):
            return written
    if found:
        raise AskUser("found_differs", reference=number)
    return None


def resource(kind: TargetKind) -> str:
    return "orders" if kind == TargetKind.ORDER else "customerinvoicedrafts"


def is_since(item: Body, since: datetime) -> bool:
    """Tell whether a document was made at or after a moment, as far as it says so."""
    made = item.get("CreatedUtc")
    return not made or wire.moment(str(made)) >= since


def referenced(client: EAccounting, kind: TargetKind, number: str) -> Iterator[Body]:
    """Yield documents with a reference.

    That `YourReference` can be filtered on is unverified (contract 2.3): where it is
    refused, all documents are paged through.
    """
    query = f"YourReference eq {wire.quoted(number)}"
    try:
        found = list(client.all(resource(kind), query))
    except Refused:
        found = list(client.all(resource(kind)))
    for item in found:
        if item.get("YourReference") == number:
            yield item


def _is_of(written: Written, debtor: str) -> bool:
    return bool(written.result["customer"] == debtor)
