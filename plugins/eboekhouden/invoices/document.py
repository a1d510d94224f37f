"""The file of a booked invoice, mailed to the administration's digital archive.

No public interface links a document to an entry (contract 7), so nothing here says
that one was linked: the file arrives in the archive under a name that stands in the
entry's Boekstuk.
"""

import structlog

from core.domain.errors import TooOften
from core.domain.invoices import InvoiceBooking
from core.domain.strings import cut
from core.plugin import mail
from core.plugin.database import session, transaction
from core.plugin.mail import Attachment
from core.plugin.tables import Tenant
from core.plugin.work import Job
from plugins.eboekhouden import wire

SETTING = "archive_email"
KIND = "eboekhouden_archive"
"""Name of the mail's template, and the beginning of its key."""
NOT_ARCHIVED = "eboekhouden_not_archived"
_TYPES = {
    "application/pdf": ".pdf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
}
"""What the archive is known to take (7)."""
LARGEST = 3 * 1024 * 1024
"""In bytes; the limit that is known of another client (7)."""
logger = structlog.get_logger(__name__)


def is_wanted(booking: InvoiceBooking) -> bool:
    """Tell whether the user wants it there, and there is a file."""
    return bool(booking.settings.get(SETTING) and booking.document_name)


def file_of(booking: InvoiceBooking) -> Attachment | None:
    """Return the invoice's file under its name in the archive, which goes in Boekstuk.

    None when none is to go, or when the archive would not take it.
    """
    suffix = _TYPES.get(booking.document_type.lower(), "")
    if not is_wanted(booking) or not suffix:
        return None
    content = booking.document
    session().rollback()
    if content is None or len(content) > LARGEST:
        return None
    safe = "".join(c if c.isalnum() or c in "-_." else "-" for c in _stem(booking))
    name = f"{cut(safe, wire.VOUCHER - len(suffix))}{suffix}"
    return Attachment(name, booking.document_type, content)


def _stem(booking: InvoiceBooking) -> str:
    return f"factuur-{booking.invoice.number}"


def deposit(job: Job, booking: InvoiceBooking, file: Attachment | None) -> str:
    """Mail the file to the archive, once however often it is booked again.

    Commits by itself; the mail is a row with a key of its own, which the mail task
    sends. Returns the code of a warning when the user wanted it and it cannot go.
    """
    if file is None:
        return NOT_ARCHIVED if is_wanted(booking) else ""
    try:
        with transaction() as current:
            tenant = current.get_one(Tenant, job.tenant_id)
            mail.queue(
                str(booking.settings[SETTING]),
                KIND,
                language=tenant.language,
                tenant_id=job.tenant_id,
                dedup_key=f"{KIND}:{job.connection_id}:{job.subject_id}",
                attachments=[file],
                sender=tenant.name,
                happened_at=job.happened_at,
                number=booking.invoice.number,
                is_credit=bool(booking.invoice.credits_number),
                filename=file.filename,
            )
    except mail.BadAddress:
        logger.warning("no archive at this address", connection=job.connection_id)
        return NOT_ARCHIVED
    except TooOften:
        logger.warning("no more mails today", connection=job.connection_id)
        return NOT_ARCHIVED
    return ""
