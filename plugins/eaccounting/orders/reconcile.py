"""What stands in the package of every order, whole: for `flask reconcile`."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from core.plugin.capabilities import CountBooked
from core.plugin.setups import has_clearing_account
from core.plugin.tables import Coupling
from plugins.eaccounting.client import EAccounting, pages_of
from plugins.eaccounting.connector import open_client
from plugins.eaccounting.mapping import TargetKind
from plugins.eaccounting.models import EAccountingPaymentMapping
from plugins.eaccounting.orders.rounding import vat_of
from plugins.eaccounting.readback import resource
from plugins.eaccounting.wire import Body

_VAT_TEXT = re.compile(r"BTW (\d+(?:\.\d+)?) %")
_ORDER_TEXT = re.compile(r"(?:B|Creditering b)estelling (.+?)(?:, factuur .*)?")
"""The texts of our own vouchers (see `orders.mapping`)."""
_TOTAL = {TargetKind.ORDER: "Amount", TargetKind.DRAFT_INVOICE: "TotalAmount"}


def calls(coupling: Coupling, count: CountBooked, _since: date | None) -> int:
    """Return what `documents` takes: by pages, two lists for sales entries.

    Where payments are booked an entry has a voucher of its own and one of its payment.
    """
    kind = TargetKind(coupling.settings.get("target_kind", TargetKind.SALES_ENTRY))
    documents = count()
    if kind == TargetKind.SALES_ENTRY:
        settles = has_clearing_account(EAccountingPaymentMapping, coupling.id)
        vouchers = documents * 2 if settles else documents
        return pages_of("vouchers", vouchers) + pages_of(
            "customerledgeritems", documents
        )
    return pages_of(resource(kind), documents)


def documents(
    coupling: Coupling,
    since: date | None = None,  # noqa: ARG001  part of `Reconcile`
) -> list[dict[str, Any]]:
    """Return reference, total and VAT per rate of every document of ours.

    All of them, whatever `since`: on which dates may be filtered is not known
    (contract 2.3), and calls are not scarce. Amounts in euros incl VAT.
    """
    kind = TargetKind(coupling.settings["target_kind"])
    with open_client(coupling.target) as client:
        if kind == TargetKind.SALES_ENTRY:
            return list(_entries(client))
        return [_priced(item, kind) for item in client.all(resource(kind))]


def _entries(client: EAccounting) -> Iterator[dict[str, Any]]:
    vouchers = {str(item["Id"]): item for item in client.all("vouchers")}
    for item in client.all("customerledgeritems"):
        voucher = vouchers.get(str(item["VoucherId"]), {})
        yield {
            "external_id": str(item["Id"]),
            "reference": _reference(item, voucher),
            "total": Decimal(item["TotalAmountInvoiceCurrency"]),
            "vat": _voucher_vat(voucher.get("Rows") or ()),
            "left": Decimal(item["RemainingAmountInvoiceCurrency"]),
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
    sign = -1 if item.get("IsCreditInvoice") else 1
    amounts: defaultdict[Decimal, Decimal] = defaultdict(Decimal)
    for row in item.get("Rows") or ():
        amounts[Decimal(row.get("VatRate") or 0)] += Decimal(row.get("Amount") or 0)
    vat = {
        rate: sign * vat_of(amount, rate, incl_vat=incl_vat)
        for rate, amount in amounts.items()
    }
    total = sign * Decimal(item[_TOTAL[kind]])
    if kind == TargetKind.ORDER:
        vat = _as_given(vat, Decimal(item["VatAmount"]))
        total += Decimal(0) if incl_vat else Decimal(item["VatAmount"])
    return {
        "external_id": str(item["Id"]),
        "reference": str(item.get("YourReference") or ""),
        "total": total,
        "vat": vat,
    }


def _as_given(vat: dict[Decimal, Decimal], whole: Decimal) -> dict[Decimal, Decimal]:
    """Let an order's VAT be what was given with it (contract 3.9): the cents that the
    rows are off go to the rate with most of it."""
    off = whole - sum(vat.values())
    if vat and off:
        most = max(vat, key=lambda rate: abs(vat[rate]))
        vat[most] += off
    return vat
