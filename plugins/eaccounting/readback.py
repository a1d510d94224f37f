"""Reading what stands in the package: right after a write, by reference, and whole."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from core.domain.errors import AskUser
from core.domain.money import CENT, ZERO, vat_in, vat_on
from core.domain.orders import TargetKind
from core.domain.packages import Written
from core.plugin.tables import Coupling
from plugins.eaccounting import wire
from plugins.eaccounting.client import EAccounting, Refused
from plugins.eaccounting.wire import Body

LOOK_BACK = timedelta(minutes=10)
"""Clocks differ: a look-up starts so long before the send."""
_VAT_TEXT = re.compile(r"BTW (\d+(?:\.\d+)?) %")
_ORDER_TEXT = re.compile(r"Bestelling (.+?)(?:, factuur .*)?")
"""The texts of our own vouchers (see `mapping`)."""


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


def order(body: Body) -> Written:
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

    `incl_vat` is how unit prices were meant; the answer says how they were read.
    """
    result = written.result
    read_incl = result.get("incl_vat")
    if (
        _amount(result["total"]) != total
        or result["customer"] != debtor
        or (read_incl is not None and bool(read_incl) != incl_vat)
    ):
        return "booked_differs"
    return "booked_vat_differs" if _amount(result["vat"]) != vat else ""


def _amount(text: str) -> Decimal | None:
    """Read an amount of an answer; None where the answer left it out."""
    return Decimal(text) if text else None


def find_entry(
    client: EAccounting, number: int, sent_at: datetime, debtor: str, amount: Decimal
) -> Written | None:
    """Look a sales entry up by its invoice number among what changed since.

    Raises AskUser `found_differs` when it is there with another debtor or total.
    """
    since = wire.utc_literal(sent_at - LOOK_BACK)
    found = [
        entry(item)
        for item in client.all("customerledgeritems", f"ModifiedUtc ge {since}")
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
    read, since = order if is_order else draft, sent_at - LOOK_BACK
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


def _resource(kind: TargetKind) -> str:
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
        found = list(client.all(_resource(kind), query))
    except Refused:
        found = list(client.all(_resource(kind)))
    for item in found:
        if item.get("YourReference") == number:
            yield item


def _is_of(written: Written, debtor: str) -> bool:
    return bool(written.result["customer"] == debtor)


def read_documents(client: EAccounting, coupling: Coupling) -> list[dict[str, Any]]:
    """Return reference, total and VAT per rate of every document of ours.

    A thousand a call. For `flask reconcile`; amounts in euros incl VAT.
    """
    kind = TargetKind(coupling.settings["target_kind"])
    if kind == TargetKind.SALES_ENTRY:
        return list(_entries(client))
    return [_priced(item, kind) for item in client.all(_resource(kind))]


def _entries(client: EAccounting) -> Iterator[dict[str, Any]]:
    vouchers = {str(item["Id"]): item for item in client.all("vouchers")}
    for item in client.all("customerledgeritems"):
        voucher = vouchers.get(str(item["VoucherId"]), {})
        yield {
            "external_id": str(item["Id"]),
            "reference": _reference(item, voucher),
            "total": Decimal(item["TotalAmountInvoiceCurrency"]),
            "vat": _voucher_vat(voucher.get("Rows") or ()),
        }


def _reference(item: Body, voucher: Body) -> str:
    """The order number; the voucher's text has it where the company uses no payment
    references, since the field is then said to stay empty (contract 3.11)."""
    said = _ORDER_TEXT.fullmatch(str(voucher.get("VoucherText") or ""))
    return str(item.get("PaymentReferenceNumber") or (said[1] if said else ""))


def _voucher_vat(rows: Iterable[Body]) -> dict[Decimal, Decimal]:
    """VAT per rate: our VAT rows say their rate in the text (`BTW 21 %`)."""
    vat: defaultdict[Decimal, Decimal] = defaultdict(Decimal)
    for row in rows:
        said = _VAT_TEXT.fullmatch(str(row.get("TransactionText") or ""))
        if said:
            credit = Decimal(row["CreditAmount"]) - Decimal(row["DebitAmount"])
            vat[Decimal(said[1])] += credit
    return dict(vat)


def _priced(item: Body, kind: TargetKind) -> dict[str, Any]:
    """A draft or order: VAT per rate from its rows' rates and amounts."""
    incl_vat = bool(item.get("IncludesVat"))
    vat: defaultdict[Decimal, Decimal] = defaultdict(Decimal)
    for row in item.get("Rows") or ():
        rate = Decimal(row.get("VatRate") or 0)
        amount = Decimal(row.get("Amount") or 0)
        vat[rate] += vat_in(amount, rate) if incl_vat else vat_on(amount, rate)
    total = Decimal(item["Amount" if kind == TargetKind.ORDER else "TotalAmount"])
    if kind == TargetKind.ORDER and not incl_vat:
        total += Decimal(item["VatAmount"])
    return {
        "external_id": str(item["Id"]),
        "reference": str(item.get("YourReference") or ""),
        "total": total,
        "vat": dict(vat),
    }
