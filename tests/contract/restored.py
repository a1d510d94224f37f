"""A document as a backup of before its booking knows it, long after it was booked."""

from sqlalchemy import delete, update

from core.domain.clock import utcnow
from core.models import Link, Mail, Step, Transfer, TransferState
from core.runtime.database import session, transaction
from core.services.operations import restores


def forget_bookings() -> None:
    """Let everything be as it was right before it was sent, in a restored database."""
    plain = {"synchronize_session": False}
    session().rollback()
    with transaction() as current:
        for table in (Step, Link, Mail):
            current.execute(delete(table).execution_options(**plain))
        unsent = update(Transfer).values(
            state=TransferState.QUEUED, code="", external_id="", external_number="",
            document="", booked_at=None, booked_hash="", due_at=utcnow(),
        )  # fmt: skip
        current.execute(unsent.execution_options(**plain))
    with transaction():
        restores.begin(utcnow())
    session().expire_all()
