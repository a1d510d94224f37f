"""Sent sales invoices, for plugins that hand them on in another form."""

from typing import Protocol

from core.domain.structured_invoices import StructuredInvoice
from core.plugin.ports import Port


class Invoices(Protocol):
    """Who keeps the sales invoices."""

    def of_invoice(self, invoice_id: int, *, files: bool = True) -> StructuredInvoice:
        """Return a sent invoice of the tenant in scope, as EN 16931 has it.

        With the file that was sent, and what went with it, inside; without `files`
        they are not read. Raises AskUser `invoice_not_sent`.
        """

    def of_draft(self, invoice_id: int) -> StructuredInvoice:
        """Return a draft likewise, as it is now: without a number, without files."""


port = Port[Invoices]()
of_invoice = port.calls.of_invoice
of_draft = port.calls.of_draft
