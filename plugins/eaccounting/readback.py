"""Reading what stands in the package: right after a write, by reference, and whole."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from core.domain import TargetKind
from core.errors import AskUser
from core.models import Coupling
from core.services.journal import Written
from plugins.eaccounting import reference, wire
from plugins.eaccounting.client import EAccounting, Refused
from plugins.eaccounting.wire import Body

LOOK_BACK = timedelta(minutes=10)
"""Clocks differ: a look-up starts so long before the send."""


def entry(body: Body) -> Written:
    """What a sales entry's answer says (contract 3.11)."""
    return _written(
        body,
        total=body["TotalAmountInvoiceCurrency"],
        vat=body.get("VATAmountInvoiceCurrency"),
        number=body["InvoiceNumber"],
    )


def draft(body: Body) -> Written:
    """What a draft's answer says: totals are worked out by Visma (3.7)."""
    return _written(
        body, total=body["TotalAmount"], vat=body["TotalVatAmount"], number=""
    )


def order(body: Body) -> Written:
    """What an order's answer says; its number is null on drafts (3.9)."""
    return _written(
        body,
        total=body["Amount"],
        vat=body["VatAmount"],
        number=body.get("Number") or "",
    )


def _written(body: Body, *, total: Any, vat: Any, number: Any) -> Written:
    result = {
        "total": str(total),
        "vat": str(vat),
        "number": str(number),
        "customer": str(body["CustomerId"]),
    }
    return Written(str(body["Id"]), result)


def find_entry(
    client: EAccounting, number: int, sent_at: datetime, debtor: str, amount: Decimal
) -> Written | None:
    """Look a sales entry up by its invoice number among what changed since.

    Raises AskUser `found_differs` when it is there with another debtor or total.
    """
    since = wire.utc_literal(sent_at - LOOK_BACK)
    for item in client.all("customerledgeritems", f"ModifiedUtc ge {since}"):
        if item["InvoiceNumber"] == number:
            same = Decimal(item["TotalAmountInvoiceCurrency"]) == amount
            return _adopt(entry(item), debtor, same)
    return None


def find_priced(
    client: EAccounting, is_order: bool, number: str, sent_at: datetime, debtor: str
) -> Written | None:
    """Look a draft or order up by its reference; see `find_entry`."""
    read = order if is_order else draft
    since = sent_at - LOOK_BACK
    for item in _referenced(client, "orders" if is_order else "customerinvoicedrafts",
                            number):  # fmt: skip
        made = item.get("CreatedUtc")
        if made is None or wire.moment(str(made)) >= since:
            return _adopt(read(item), debtor, True)
    return None


def _referenced(client: EAccounting, resource: str, number: str) -> Iterator[Body]:
    """Yield documents with a reference.

    That `YourReference` can be filtered on is unverified (contract 2.3): where it is
    refused, all documents are paged through.
    """
    try:
        found = list(client.all(resource, f"YourReference eq {wire.quoted(number)}"))
    except Refused:
        found = list(client.all(resource))
    for item in found:
        if item.get("YourReference") == number:
            yield item


def _adopt(written: Written, debtor: str, same: bool) -> Written:
    if not same or written.result["customer"] != debtor:
        raise AskUser("found_differs", reference=written.result["number"] or "-")
    return written


def read_documents(client: EAccounting, coupling: Coupling) -> list[dict[str, Any]]:
    """Return reference, total and VAT per rate of every document of ours.

    A thousand a call. For `flask reconcile`; amounts in euros incl VAT.
    """
    kind = TargetKind(coupling.settings["target_kind"])
    if kind == TargetKind.SALES_ENTRY:
        return list(_entries(client, coupling))
    resource = "orders" if kind == TargetKind.ORDER else "customerinvoicedrafts"
    return [_priced(item, kind) for item in client.all(resource)]


def _entries(client: EAccounting, coupling: Coupling) -> Iterator[dict[str, Any]]:
    rates = {
        row.external_id: Decimal(row.data["VatRate"])
        for row in reference.records(coupling.target_id, reference.VAT_CODE)
    }
    vouchers = {str(item["Id"]): item for item in client.all("vouchers")}
    for item in client.all("customerledgeritems"):
        voucher = vouchers.get(str(item["VoucherId"]), {"Rows": []})
        yield {
            "external_id": str(item["Id"]),
            "reference": str(item.get("PaymentReferenceNumber") or ""),
            "total": Decimal(item["TotalAmountInvoiceCurrency"]),
            "vat": _voucher_vat(voucher["Rows"], rates),
        }


def _voucher_vat(rows: list[Body], rates: dict[str, Decimal]) -> dict[Decimal, Decimal]:
    """VAT per rate: our VAT rows say their rate in the text (`BTW 21 %`)."""
    vat: defaultdict[Decimal, Decimal] = defaultdict(Decimal)
    known = set(rates.values())
    for row in rows:
        words = str(row.get("TransactionText") or "").split()
        if len(words) == 3 and words[0] == "BTW" and Decimal(words[1]) in known:
            credit = Decimal(row["CreditAmount"]) - Decimal(row["DebitAmount"])
            vat[Decimal(words[1])] += credit
    return dict(vat)


def _priced(item: Body, kind: TargetKind) -> dict[str, Any]:
    """A draft or order: VAT per rate from its rows' rates and amounts."""
    incl_vat = bool(item.get("IncludesVat"))
    vat: defaultdict[Decimal, Decimal] = defaultdict(Decimal)
    for row in item.get("Rows") or ():
        rate = Decimal(row.get("VatRate") or 0)
        amount = Decimal(row.get("Amount") or 0)
        base = 100 + rate if incl_vat else Decimal(100)
        vat[rate] += (amount * rate / base).quantize(Decimal("0.01"))
    total = Decimal(item["Amount" if kind == TargetKind.ORDER else "TotalAmount"])
    if kind == TargetKind.ORDER and not incl_vat:
        total += Decimal(item["VatAmount"])
    return {
        "external_id": str(item["Id"]),
        "reference": str(item.get("YourReference") or ""),
        "total": total,
        "vat": dict(vat),
    }
