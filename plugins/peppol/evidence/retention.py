"""What stays of a tenant that is erased: what it sent, and the proof of it.

The law keeps invoices seven years, or ten, also with who sent them. What came in goes:
that is the tenant's own to keep (*Alles downloaden* has it). As long as he is there it
stays byte for byte, whoever of his customers is erased: it is his administration (AWR
art. 52, WBTW art. 60), and the GDPR lets that stand (art. 17(3)(b)).
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, exists, func, select, update

from core.plugin.database import session
from core.plugin.tables import Relation
from plugins.peppol.models import PeppolEvidence, PeppolReceived, PeppolSending

KEPT = (PeppolSending, PeppolEvidence)
STAYS = (PeppolReceived,)


def of_customer(email: str) -> Sequence[tuple[str, date]]:
    """Return number and last day of what came in of a relation of the tenant in scope,
    by its e-mail address."""
    rows = session().execute(
        select(PeppolReceived.number, PeppolReceived.keep_until)
        .join(Relation, Relation.id == PeppolReceived.relation_id)
        .where(func.lower(Relation.email) == email)
        .order_by(PeppolReceived.id)
    )
    return [(number, until) for number, until in rows]


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
