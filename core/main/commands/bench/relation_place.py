"""A package's sandbox, a product that is connected to it, and relations in bulk."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import insert, select, update

from core.domain.clock import utcnow
from core.domain.relations import PostalAddress, RelationData, relation_hash
from core.main.stack import Stack, free_port
from core.models import (
    AddressRole,
    Base,
    Connection,
    Relation,
    RelationAddress,
    RelationKind,
    RelationSync,
    RelationType,
)
from core.plugin import settings as plugin_settings
from core.runtime import planner
from core.runtime.database import session, transaction
from core.runtime.extensions import db, koppelwerk
from core.runtime.settings import Settings
from core.runtime.tenancy import system_scope

CHUNK = 2000
HOURS = timedelta(hours=4)
TIMEOUT = 30


@dataclass(frozen=True)
class Place:
    """One package's sandbox, and the product that is connected to it."""

    address: str
    connection_id: int
    tenant_id: int


@contextmanager
def product(name: str) -> Iterator[Place]:
    """Run one package's sandbox and a product on a database of its own."""
    from core.main.app import create_app  # the composition root imports the commands

    with tempfile.TemporaryDirectory(prefix="kwbench-") as folder:
        registry = koppelwerk().registry
        settings = replace(
            Settings(**_no_limits(Settings)),
            var_dir=str(Path(folder) / "v"),
            database_url=f"sqlite:///{Path(folder) / 'relations.db'}",
            public_url=f"http://127.0.0.1:{free_port()}",
            log_level="ERROR",
        )
        stack = Stack(
            settings, registry, {one: free_port() for one in registry.plugins}
        )
        stack.sandboxes = {name: stack.sandboxes[name]}
        stack.addresses = {name: stack.addresses[name]}
        try:
            stack.start_outside()
            yield from _connected(create_app(stack.settings), stack, name)
        finally:
            stack.stop()


def _connected(app: Any, stack: Stack, name: str) -> Iterator[Place]:
    address = stack.addresses[name]
    unlimited = stack.sandboxes[name][1].bench.unlimited
    if unlimited is not None:
        unlimited(address)
    with app.app_context(), system_scope():
        plugins = koppelwerk().registry.settings.values()
        unlimited_too = [replace(each, **_no_limits(each)) for each in plugins]
        plugin_settings.init(app, stack.settings, unlimited_too)
        Base.metadata.create_all(db.engine)
        with db.engine.begin() as connection:
            planner.learn(connection)
        tenant_id = stack.prepare("bench-bench-bench").id
        connection_id = (
            session()
            .scalars(select(Connection.id).where(Connection.plugin == name))
            .one()
        )
        session().rollback()
        yield Place(address, connection_id, tenant_id)
        db.session.remove()
        db.engine.dispose()


def fill(tenant_id: int, number: int) -> None:
    """Make relations in bulk, as if they were there since yesterday."""
    at = utcnow() - timedelta(days=1)
    for start in range(1, number + 1, CHUNK):
        ids = range(start, min(start + CHUNK, number + 1))
        with transaction() as current:
            current.execute(insert(Relation), [_row(i, tenant_id, at) for i in ids])
            current.execute(
                insert(RelationAddress), [_address(i, tenant_id) for i in ids]
            )


def data_of(number: int) -> RelationData:
    place = PostalAddress(
        "Stationsstraat", str(number), "", "1000 AA", "Amsterdam", "NL"
    )
    return RelationData(
        False, f"Relatie {number}", "client", debtor_number=str(100_000 + number),
        email=f"r{number}@example.com", postal_address=place,
    )  # fmt: skip


def _row(number: int, tenant_id: int, at: object) -> dict[str, Any]:
    data = data_of(number)
    return {
        "id": number,
        "tenant_id": tenant_id,
        "kind": RelationKind.ORGANISATION,
        "relation_type": RelationType.CLIENT,
        "name": data.name,
        "sort_name": data.name.casefold(),
        "debtor_number": data.debtor_number,
        "email": data.email,
        "content_hash": relation_hash(data),
        "version": 1,
        "created_at": at,
        "changed_at": at,
    }


def _address(number: int, tenant_id: int) -> dict[str, Any]:
    address = asdict(data_of(number).postal_address)
    owned = {"tenant_id": tenant_id, "relation_id": number}
    return {**owned, "role": AddressRole.POSTAL, **address}


def _no_limits(settings: Any) -> dict[str, Any]:
    """Return our own limits on calls among some settings, all off."""
    return {one.name: 0 for one in fields(settings) if "_calls_per_" in one.name}


def move_clock(place: Place, time_: timedelta) -> None:
    """Move the package's clock."""
    body = {"seconds": time_.total_seconds()}
    requests.post(f"{place.address}/_control/clock", json=body, timeout=TIMEOUT)


def later(place: Place) -> None:
    """Let four hours pass, in the package and here."""
    move_clock(place, HOURS)
    with transaction() as current:
        sync = current.get_one(RelationSync, place.connection_id)
        if sync.seen_at is not None:
            sync.seen_at -= HOURS
        ids = current.scalars(
            select(Relation.id).where(Relation.changed_at > utcnow() - HOURS)
        )
        current.execute(
            update(Relation)
            .where(Relation.id.in_(ids.all()))
            .values(changed_at=utcnow() - HOURS)
            .execution_options(synchronize_session=False)
        )
