"""Making a transfer, in the caller's transaction; once for each target and subject."""

from typing import Any

from core.domain.clock import utcnow
from core.models import Coupling, Transfer
from core.runtime.database import insert_once, session


def make(
    coupling: Coupling, subject: str, subject_id: int, **values: Any
) -> int | None:
    """Make a coupling's transfer of a subject, due now; return its id.

    None where its target has one already, whoever made it: it stays as it is.
    """
    now = utcnow()
    given = {"params": {}, "due_at": now, "created_at": now, "changed_at": now}
    row = {
        "tenant_id": coupling.tenant_id,
        "coupling_id": coupling.id,
        "target_id": coupling.target_id,
        "subject": subject,
        "subject_id": subject_id,
        **given,
        **values,
    }
    made = session().execute(insert_once(Transfer, Transfer.id), [row])
    found: int | None = made.scalar()
    return found
