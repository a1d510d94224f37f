"""One login that opens several administrations: the user says which one it is for.

What was received waits meanwhile, sealed, also when the browser is closed; who may make
the connection chooses. It is forgotten after an hour, and with the connection.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from core.domain import jsontext
from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.domain.packages import Identity
from core.models import Connection, ConnectionChoice
from core.models.base import place_of
from core.net.oauth import Tokens
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk
from core.services.connections import connections

LIFETIME = timedelta(hours=1)


def settle(connection: Connection, found: Sequence[Identity], tokens: Tokens) -> None:
    """Connect what a login opens, or let it wait for the user's choice.

    The administration of before is taken without asking, and so is the only one there
    is. Commits by itself; raises as `connections.recognise` and `connections.complete`.
    """
    with transaction():
        if connection.external_id is None and len(found) > 1:
            _keep(connection, found, tokens)
        else:
            identity = connections.recognise(connection, found)
            connections.complete(connection, identity, tokens)


def waits(connection: Connection) -> bool:
    """Tell whether a connection waits for the user's choice."""
    return _waiting(connection) is not None


def offered(connection: Connection) -> Sequence[Identity]:
    """Return what there is to choose from; empty when nothing waits (any more)."""
    row = _waiting(connection)
    return _opened(row)[0] if row else ()


def choose(connection: Connection, external_id: str) -> None:
    """Connect the one that the user chose; commits by itself.

    Raises AskUser `choice_over` when it does not wait (any more), and as
    `connections.complete`; then the choice stays open.
    """
    with transaction():
        row = _waiting(connection, lock=True)
        found, tokens = _opened(row) if row else ((), None)
        chosen = {each.external_id: each for each in found}.get(external_id)
        if chosen is None or tokens is None:
            raise AskUser("choice_over")
        connections.complete(connection, chosen, tokens)


def sweep(now: datetime) -> None:
    """Forget what nobody chose in time, in the caller's transaction and scope."""
    session().execute(delete(ConnectionChoice).where(ConnectionChoice.expires_at < now))


def _keep(connection: Connection, found: Sequence[Identity], tokens: Tokens) -> None:
    plain = {"tokens": tokens.to_json(), "found": [asdict(each) for each in found]}
    row = ConnectionChoice(
        connection_id=connection.id,
        tenant_id=connection.tenant_id,
        secret=koppelwerk().vault.seal(
            jsontext.dumps(plain), context=_context(connection.id, connection.tenant_id)
        ),
        expires_at=utcnow() + LIFETIME,
    )
    session().merge(row)


def _waiting(connection: Connection, *, lock: bool = False) -> ConnectionChoice | None:
    """Return what waits; with a lock it is used up once at most."""
    found = select(ConnectionChoice).where(
        ConnectionChoice.connection_id == connection.id,
        ConnectionChoice.expires_at > utcnow(),
    )
    return session().scalar(found.with_for_update() if lock else found)


def _opened(row: ConnectionChoice) -> tuple[Sequence[Identity], Tokens]:
    context = _context(row.connection_id, row.tenant_id)
    plain = jsontext.loads(koppelwerk().vault.open(row.secret, context=context))
    found = [Identity(**each) for each in plain["found"]]
    return found, Tokens.from_json(plain["tokens"])


def _context(connection_id: int, tenant_id: int) -> str:
    return place_of(
        ConnectionChoice.secret, tenant_id=tenant_id, connection_id=connection_id
    )
