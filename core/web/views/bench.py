"""The bare route that `flask bench webhook` compares with: one insert, no checks.

Only there when `BENCH_ROUTE` is set, which the benchmark does for its own product.
"""

from uuid import uuid4

from flask import Flask, Response
from sqlalchemy import select

from core.domain.clock import utcnow
from core.models import Connection, InboxEvent, InboxState
from core.runtime.database import insert_for, session
from core.runtime.extensions import csrf, db
from core.runtime.tenancy import system_scope
from core.web.policy import access


def register(app: Flask) -> None:
    """Add the route."""
    app.add_url_rule("/bench/bare", "bench.bare", bare, methods=["POST"])


@csrf.exempt  # type: ignore[untyped-decorator]  # the library is untyped
@access("webhook")
def bare() -> Response:
    """Insert one row and answer."""
    with system_scope():
        connection = (
            session()
            .execute(select(Connection.id, Connection.tenant_id).limit(1))
            .one()
        )
        session().execute(
            insert_for(InboxEvent).values(
                tenant_id=connection.tenant_id,
                connection_id=connection.id,
                event_id=str(uuid4()),
                kind="bench",
                source_id="bench",
                state=InboxState.DONE,
                priority=0,
                failures=0,
                code="",
                received_at=utcnow(),
            )
        )
        db.session.commit()
    return Response(status=200)
