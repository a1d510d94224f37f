"""Files that go with a sales invoice: what is taken in, and what stays.

A file that was sent as the invoice is never deleted or made anew.
"""

from sqlalchemy import func, select

from core.domain.errors import AskUser
from core.models import InvoiceAttachment, SalesInvoice
from core.rules.invoice_rules import LARGEST_TOTAL, media_type_of, safe_name
from core.runtime import quota
from core.runtime.database import session
from core.services.invoicing import sales_invoices


def add(row: SalesInvoice, filename: str, content: bytes) -> InvoiceAttachment:
    """Add a file to a draft in the caller's transaction.

    Raises AskUser `invoice_not_draft`, `file_empty`, `file_too_large`, `file_type`,
    `file_content`, `files_too_large` or `files_per_day`.
    """
    media_type = media_type_of(filename, content)
    sales_invoices.hold_draft(row)
    if size_of(row) + len(content) > LARGEST_TOTAL:
        raise AskUser("files_too_large")
    quota.admit(row.tenant_id, len(content))
    return sales_invoices.attach(row, safe_name(filename), media_type, content)


def size_of(row: SalesInvoice) -> int:
    """Return how many bytes an invoice's files are together."""
    found = session().scalar(
        select(func.sum(func.length(InvoiceAttachment.content))).where(
            InvoiceAttachment.tenant_id == row.tenant_id,
            InvoiceAttachment.invoice_id == row.id,
        )
    )
    return int(found or 0)


def remove(row: SalesInvoice, attachment: InvoiceAttachment) -> None:
    """Take a file off a draft in the caller's transaction.

    Raises AskUser `attachment_is_invoice` or `invoice_not_draft`.
    """
    if attachment.is_invoice:
        raise AskUser("attachment_is_invoice")
    sales_invoices.hold_draft(row)
    row.attachments.remove(attachment)
    session().flush()
