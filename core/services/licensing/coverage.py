"""Which couplings may book, and the orders that wait while theirs may not.

Derived from the licences, so that it can be done again at any time: a coupling may
book while its licence is a running trial or paid. Couplings of tenants without any
licence (demo, from before licences) are not held up.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, exists, or_, select, update

from core.domain.clock import utcnow
from core.models import Coupling, Licence, LicenceState, Transfer, TransferState
from core.runtime import jobs
from core.runtime.database import session

LIVE = (LicenceState.TRIAL, LicenceState.PAID)
ENDED = "licence_ended"
"""Code of orders that wait for a licence."""


def align(tenant_id: int | None = None) -> None:
    """Bring couplings and their orders in line with the licences.

    In the caller's transaction; of one tenant, or of all without `tenant_id`. What is
    being sent at this moment is finished.
    """
    own = [] if tenant_id is None else [Coupling.tenant_id == tenant_id]
    for licensed in (False, True):
        session().execute(
            update(Coupling)
            .where(
                Coupling.licensed.is_(not licensed),
                _may_book() if licensed else ~_may_book(),
                *own,
            )
            .values(licensed=licensed)
            .execution_options(synchronize_session="fetch")
        )
    _hold_orders(own)
    if tenant_id is not None:
        _release_orders(own)


def _may_book() -> ColumnElement[bool]:
    has_none = ~exists().where(Licence.tenant_id == Coupling.tenant_id)
    covered = exists().where(
        Licence.coupling_id == Coupling.id, Licence.state.in_(LIVE)
    )
    return or_(Coupling.source_id.is_(None), has_none, covered)


def _hold_orders(own: Sequence[ColumnElement[bool]]) -> None:
    """Let what would go wait, with the reason; by the index of the work."""
    held = [Coupling.licensed.is_(False), *own]
    now = utcnow()
    session().execute(
        update(Transfer)
        .where(
            Transfer.target_id.in_(select(Coupling.target_id).where(*held)),
            or_(
                Transfer.state == TransferState.QUEUED,
                and_(
                    Transfer.state == TransferState.SENDING,
                    Transfer.lease_until < now,
                ),
            ),
            Transfer.coupling_id.in_(select(Coupling.id).where(*held)),
        )
        .values(state=TransferState.WAITING, code=ENDED, params={}, changed_at=now)
        .execution_options(synchronize_session=False)
    )


def _release_orders(own: Sequence[ColumnElement[bool]]) -> None:
    """Queue what waited for a licence."""
    free = [Coupling.licensed.is_(True), *own]
    now = utcnow()
    session().execute(
        update(Transfer)
        .where(
            Transfer.target_id.in_(select(Coupling.target_id).where(*free)),
            Transfer.state == TransferState.WAITING,
            Transfer.code == ENDED,
            Transfer.coupling_id.in_(select(Coupling.id).where(*free)),
        )
        .values(state=TransferState.QUEUED, code="", due_at=now, changed_at=now)
        .execution_options(synchronize_session=False)
    )
    jobs.wake_after_commit("drain", queue="default")
