"""The product with its sandboxes as processes, for tests that compare end states."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import requests
from flask import Flask
from sqlalchemy import select

from core.domain import jsontext
from core.main.app import ROOT, create_app
from core.main.stack import Stack, free_port
from core.models import Connection, Coupling, Transfer
from core.plugin.registry import Registry, discover
from core.runtime import jobs
from core.runtime.database import session
from core.runtime.extensions import db
from core.runtime.settings import Settings
from core.runtime.tenancy import system_scope
from core.services.linking import schedule
from tests import places
from tests.database import empty_database

PASSWORD = "een lang wachtwoord"


@contextmanager
def outside(
    folder: Path, *, only: Collection[str] = (), **values: Any
) -> Iterator[Stack]:
    """Run the sandboxes (and the embedded Redis) for as long as it takes.

    `only` names the sandboxes that are needed; without it all of them run.
    """
    settings = replace(
        Settings(),
        var_dir=str(folder),
        log_level="ERROR",
        public_url=f"http://127.0.0.1:{free_port()}",
        environ={"EACCOUNTING_CALLS_PER_MINUTE": "0"},
        **values,
    )
    registry = Registry()
    registry.load(discover(ROOT / "plugins"))
    names = [name for name, plugin in registry.plugins.items() if plugin.sandbox]
    stack = Stack(settings, registry, {name: free_port() for name in names})
    for name in set(names) - set(only or names):
        del stack.sandboxes[name], stack.addresses[name]
    try:
        stack.start_outside()
        yield stack
        places.check(stack.settings)
    finally:
        stack.stop()


@dataclass
class Product:
    """A connected demo tenant and the sandboxes it is connected to."""

    app: Flask
    stack: Stack
    tenant_id: int
    shop_id: int
    package_id: int
    coupling_id: int

    def control(
        self, name: str, path: str, body: Any = None, verb: str = "POST"
    ) -> Any:
        """Call a sandbox's control address."""
        answer = requests.request(
            verb,
            f"{self.stack.addresses[name]}/_control/{path}",
            data=jsontext.dumps({} if body is None else body),
            timeout=120,
        )
        answer.raise_for_status()
        return jsontext.loads(answer.content)

    def read_shop(self) -> None:
        """Poll the shop, as the schedule does, and on where a poll's time was over."""
        connection = session().get_one(Connection, self.shop_id)
        connection.cursor, place = {}, None
        session().commit()
        while place != (place := self._poll()) and place:
            pass

    def _poll(self) -> Any:
        """Poll once; return where it was cut, nothing when it was not."""
        jobs.run_task("poll", self.shop_id)
        return session().get_one(Connection, self.shop_id).cursor.get("place")

    def run_now(self) -> None:
        """Press *Koppeling uitvoeren* for the shop."""
        schedule.run_now(session().get_one(Connection, self.shop_id))
        session().commit()

    def drain(self) -> None:
        """Send what is due."""
        jobs.run_task("drain", 0)

    def configure(self, **values: Any) -> None:
        """Change the coupling's settings."""
        coupling = session().get_one(Coupling, self.coupling_id)
        coupling.settings = {**coupling.settings, **values}
        session().commit()

    def transfers(self) -> dict[str, Transfer]:
        """All transfers by order number, fresh from the database."""
        session().rollback()
        session().expire_all()
        rows = session().scalars(select(Transfer).order_by(Transfer.id))
        return {row.number: row for row in rows}

    def ledger(self, kind: str) -> list[dict[str, Any]]:
        """What the package's sandbox accepted, in order."""
        entries = self.control("eaccounting", f"ledger?kind={kind}", verb="GET")
        return [entry["body"] for entry in entries]


@contextmanager
def product(stack: Stack, database_url: str, folder: Path) -> Iterator[Product]:
    """Connect a demo tenant on an empty database and empty sandboxes."""
    for name, (_, sandbox) in stack.sandboxes.items():
        address = stack.addresses[name]
        requests.post(f"{address}/_control/reset", timeout=30).raise_for_status()
        if sandbox.bench.unlimited is not None:
            sandbox.bench.unlimited(address)
    settings = replace(stack.settings, database_url=database_url, var_dir=str(folder))
    app = create_app(settings)
    with app.app_context(), system_scope():
        empty_database()
        tenant = stack.prepare(PASSWORD)
        coupling = session().scalars(select(Coupling)).one()
        yield Product(
            app, stack, tenant.id, coupling.source_id, coupling.target_id, coupling.id
        )
        db.session.remove()
        db.engine.dispose()
