"""What stays of a tenant that is erased: what it sent, and the proof of it.

The law keeps invoices seven years, or ten, also with who sent them. What came in goes:
that is the tenant's own to keep (*Alles downloaden* has it).
"""

from sqlalchemy import delete, exists, update

from core.plugin.database import session
from plugins.peppol.models import PeppolEvidence, PeppolSending

KEPT = (PeppolSending, PeppolEvidence)


def forget(tenant_id: int) -> None:
    """Drop what never left, and blank the rest; in the caller's transaction."""
    left = exists().where(PeppolEvidence.sending_id == PeppolSending.id)
    session().execute(
        delete(PeppolSending)
        .where(PeppolSending.tenant_id == tenant_id, ~left)
        .execution_options(synchronize_session=False)
    )
    session().execute(
        update(PeppolSending)
        .where(PeppolSending.tenant_id == tenant_id)
        .values(
            invoice_id=None, due_at=None, params={}, errors=[], buyer_reference="",
            order_number="",
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip
