"""Both sides filled as a finished first run leaves them: it would take too long."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click
from sqlalchemy import insert

from core.domain.clock import utcnow
from core.main.commands.bench.relation_place import (
    CHUNK,
    HOURS,
    Place,
    data_of,
    fill,
    move_clock,
)
from core.models import Connection, RelationLink
from core.plugin.capabilities import RelationPackage, Relations
from core.rules.sync import CreateOut, Link, linked, plan
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk

if TYPE_CHECKING:
    from core.plugin.capabilities.sandbox import FillRelations


def fill_in_step(place: Place, number: int, first: Callable[[], object]) -> None:
    """Let both sides be as a finished first run of so many relations leaves them, but
    for the lines that tell what it did.

    `first` does that run. It is a real one, with nothing on either side, by a clock of
    the package that is ahead; what it would have made is made after it, at the hour
    before it, planned and linked by the same rules.
    """
    move_clock(place, HOURS)
    first()
    move_clock(place, -HOURS)
    fill(place.tenant_id, number)
    connection = session().get_one(Connection, place.connection_id)
    plugin = koppelwerk().registry.get(connection.plugin)
    target, sandbox = plugin.find(Relations), plugin.sandbox
    make = sandbox.bench.fill_relations if sandbox else None
    if target is None or make is None:
        raise click.ClickException("this package's sandbox cannot be filled")
    with target.open(connection) as package:
        session().rollback()
        for start in range(1, number + 1, CHUNK):
            ids = range(start, min(start + CHUNK, number + 1))
            _couple(place, package, make, ids)
    move_clock(place, HOURS)


def _couple(
    place: Place, package: RelationPackage, make: "FillRelations", ids: Sequence[int]
) -> None:
    locals_ = {str(i): package.local(str(i), data_of(i)) for i in ids}
    planned = plan(list(locals_.values()), [], [], package.ways)
    wanted = [(data_of(int(a.local)), a) for a in planned if isinstance(a, CreateOut)]
    made = make(place.address, package, wanted)
    rows = [
        linked(locals_[action.local], remote, action.pending)
        for (_data, action), remote in zip(wanted, made, strict=True)
    ]
    with transaction() as current:
        current.execute(insert(RelationLink), [_link_row(place, link) for link in rows])


def _link_row(place: Place, link: Link) -> dict[str, Any]:
    return {
        "tenant_id": place.tenant_id,
        "connection_id": place.connection_id,
        "relation_id": int(link.local),
        "role": link.role,
        "external_id": link.remote,
        "our_hash": link.our_hash,
        "their_hash": link.their_hash,
        "base": link.base,
        "synced_at": utcnow(),
    }
