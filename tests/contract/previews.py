"""A person who confirms a preview of relations, as it must be before a run."""

import time

from sqlalchemy import update

from core.domain.clock import utcnow
from core.models import Connection, RelationRun, RelationSync, RunKind, RunState
from core.runtime import jobs
from core.runtime.database import session, transaction
from core.services.syncing import relation_previews, relation_sync


def confirm_preview(connection_id: int) -> None:
    """Let the preview end and confirm it; its run has begun, and is not worked on."""
    for _turn in range(20):
        with transaction() as current:
            current.execute(update(RelationRun).values(due_at=utcnow()))
            current.execute(update(RelationSync).values(lease_until=None))
        jobs.run_task("relation_sync", connection_id)
        session().rollback()
        session().expire_all()
        run = relation_sync.recent_runs(connection_id, 1)[0]
        assert run.kind == RunKind.PREVIEW
        if run.state != RunState.RUNNING:
            assert run.state == RunState.DONE, run.code
            break
        time.sleep(0.1)
    with transaction():
        connection = session().get_one(Connection, connection_id)
        assert relation_previews.confirm_waiting(connection) is not None
