"""After a restore: documents of ours that we no longer know, by what they carry.

A sales entry's invoice number was drawn and is lost with its row; its voucher's text
names the order or invoice (`mapping`, `invoice_mapping`). Drafts and orders carry the
order's number as their reference.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.domain.money import CENT, ZERO
from core.domain.packages import Written
from core.plugin.work import Job
from plugins.eaccounting import readback, wire
from plugins.eaccounting.client import EAccounting
from plugins.eaccounting.mapping import TargetKind
from plugins.eaccounting.wire import Body

ORDER, INVOICE, CREDIT = "Bestelling", "Factuur", "Creditfactuur"
ORDER_CREDIT = "Creditering bestelling"
_SERIES = range(1_000_000_000, wire.INT32)
"""Invoice numbers that are drawn: they begin at the moment, in seconds."""
_AHEAD = 30 * 86400


class LostDocuments:
    """What was made in a company since a backup; ledger items are read once."""

    def __init__(self, client: EAccounting) -> None:
        self._client = client
        self._entries: list[tuple[Body, str]] | None = None

    def first_number(self) -> int:
        """Return the least invoice number to draw: above those we know to be there."""
        now = int(utcnow().timestamp())
        numbers = [int(item["InvoiceNumber"] or 0) for item, _ in self._entries or ()]
        drawn = [n + 1 for n in numbers if n in _SERIES and n < now + _AHEAD]
        return max([now, *drawn])

    def entry(
        self, job: Job, word: str, number: str, since: datetime, amount: Decimal,
        debtor: str,
    ) -> Written | None:  # fmt: skip
        """Find the sales entry of an order or invoice (`word`, as in its text).

        Raises AskUser `found_after_restore` when one has another total or debtor.
        """
        found = [
            readback.entry(item)
            for item, text in self._read(since)
            if _is_about(item, text, word, number)
        ]
        return _ours(job, found, number, amount, debtor, ZERO)

    def priced(
        self, job: Job, kind: TargetKind, number: str, since: datetime,
        amount: Decimal, debtor: str,
    ) -> Written | None:  # fmt: skip
        """Find a draft or order; see `entry`. A draft's total may be a cent a row off,
        since the vendor works it out."""
        is_order = kind == TargetKind.ORDER
        read = readback.order_document if is_order else readback.draft
        items = [
            item
            for item in readback.referenced(self._client, kind, number)
            if readback.is_since(item, since)
        ]
        rows = max((len(item.get("Rows") or ()) for item in items), default=0)
        off = ZERO if is_order else rows * CENT
        return _ours(job, [read(item) for item in items], number, amount, debtor, off)

    def attachment(self, mark: str, voucher: str, file_name: str) -> Written | None:
        """Find the document of an entry: linked to its voucher, or uploaded by us.

        A mark may be another invoice's that we lost; the name has its number.
        """
        for item in self._client.all("attachments", includeTemporaryUrl="false"):
            is_linked = bool(voucher) and item.get("DocumentId") == voucher
            is_uploaded = item.get("Comment") == mark and not item.get("DocumentId")
            if is_linked or (is_uploaded and item.get("FileName") == file_name):
                return Written(str(item["Id"]))
        return None

    def _read(self, since: datetime) -> list[tuple[Body, str]]:
        """Return ledger items with the text of each one's voucher."""
        if self._entries is None:
            query = f"ModifiedUtc ge {wire.utc_literal(since)}"
            texts = {
                str(item["Id"]): str(item.get("VoucherText") or "")
                for item in self._client.all("vouchers", query)
            }
            self._entries = [
                (item, texts.get(str(item.get("VoucherId")), ""))
                for item in self._client.all("customerledgeritems", query)
            ]
        return self._entries


def _is_about(item: Body, text: str, word: str, number: str) -> bool:
    """Tell whether it is of this order or invoice.

    By its text; by the payment reference where the text is not one of ours.
    """
    said = f"{word} {number}"
    words = (ORDER, INVOICE, CREDIT, ORDER_CREDIT)
    if text.startswith(tuple(f"{each} " for each in words)):
        return text == said or text.startswith((f"{said}, ", f"{said} op factuur "))
    return bool(
        item.get("PaymentReferenceNumber") == wire.clip(number, wire.PAYMENT_REFERENCE)
    )


def _ours(
    job: Job, found: Sequence[Written], number: str, amount: Decimal, debtor: str,
    off: Decimal,
) -> Written | None:  # fmt: skip
    """Return the one that agrees; those of our other transfers are left out."""
    free = [one for one in found if not job.is_of_another(one.external_id)]
    for one in free:
        difference = abs(Decimal(one.result["total"] or 0) - amount)
        if difference <= off and one.result["customer"] == debtor:
            return one
    if free:
        raise AskUser(
            "found_after_restore",
            reference=number,
            amount=amount,
            found=free[0].result["total"],
            found_number=free[0].result["number"] or free[0].external_id,
        )
    return None
