"""The whole product with its sandboxes on this machine, for demo, bench and tests.

Nothing outside this machine is reached and nothing has to be installed but Python:
SQLite, an embedded Redis-compatible server, sandboxes as the outside systems.
"""

import os
import socket
import time
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

import requests
from sqlalchemy import select

from core.domain.clock import local_date, utcnow
from core.domain.packages import Identity
from core.kit.mailcatcher import HOST, PAGE_PORT, SMTP_PORT
from core.main import runner
from core.models import Connection, ConnectionState, Coupling, Tenant, User
from core.net.oauth import Tokens
from core.plugin.capabilities import (
    Connector,
    FormConnector,
    OAuthConnector,
    Orders,
    Plugin,
    Sandbox,
    Shop,
)
from core.plugin.registry import Registry
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk
from core.runtime.settings import Settings
from core.services.connections import connections
from core.services.linking import checking, couplings
from core.services.people import accounts

EMAIL = "demo@koppelwerk.example"
READY_SECONDS = 90
FIRST_YEAR = 2010
"""The sample orders are from 2010 and 2011: the demo passes on all of them."""


_FIRST_PORT, _PORTS, _SHARES = 20_000, 64, 150
"""Below the ports that the kernel hands out by itself."""
_given: set[int] = set()


def free_port() -> int:
    """Return a loopback port that nobody uses now, and none twice.

    Each process takes from a share of its own: what starts seconds later on the port
    must not find that another test process was given the same one.
    """
    first = _FIRST_PORT + os.getpid() % _SHARES * _PORTS
    for port in range(first, first + _PORTS):
        if port not in _given and _is_free(port):
            _given.add(port)
            return port
    _given.clear()  # all of them were used once; most are free again
    return free_port()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def wait_for(url: str, seconds: float = READY_SECONDS) -> None:
    """Return once an address answers; TimeoutError when it never does."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if requests.get(url, timeout=2).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.05)
    raise TimeoutError(f"{url} does not answer")


class Stack:
    """Processes and addresses of one running product."""

    def __init__(
        self,
        settings: Settings,
        registry: Registry,
        ports: Mapping[str, int] | None = None,
    ) -> None:
        """Plan the parts; `ports` of sandboxes, else each one's own."""
        self.sandboxes: dict[str, tuple[Plugin, Sandbox]] = {
            name: (plugin, plugin.sandbox)
            for name, plugin in registry.plugins.items()
            if plugin.sandbox is not None
        }
        self._packages = {
            name: f"{registry.package(name)}.sandbox" for name in self.sandboxes
        }
        self.addresses = {
            name: f"http://127.0.0.1:{(ports or {}).get(name, sandbox.port)}"
            for name, (_, sandbox) in self.sandboxes.items()
        }
        self.environ = _as_environ(settings)
        for name, (_, sandbox) in self.sandboxes.items():
            self.environ.update(sandbox.environ(self.addresses[name]))
        self.mail_page = ""
        """Where mails are read; empty when there is a real mail server."""
        self._mail_ports = (0, 0)
        if not settings.smtp_url:
            self._plan_mail(None if ports is None else (free_port(), free_port()))
        self.settings = Settings.from_environ(self.environ)
        self.supervisor = runner.Supervisor([], Path(settings.var) / "logs")

    def _plan_mail(self, ports: tuple[int, int] | None) -> None:
        """Have mails caught: on the usual ports, or on those given."""
        self._mail_ports = ports or (SMTP_PORT, PAGE_PORT)
        smtp, page = self._mail_ports
        self.environ["SMTP_URL"] = f"smtp://{HOST}:{smtp}"
        self.mail_page = f"http://{HOST}:{page}"

    def start(self, part: runner.Part) -> runner.Part:
        """Start one part and watch over it from now on."""
        part.start(self.supervisor.logs)
        self.supervisor.parts = [*self.supervisor.parts, part]
        return part

    def start_outside(self) -> None:
        """Start the embedded Redis-compatible server, mail catcher and sandboxes."""
        redis = runner.redis_part(self.settings)
        if redis is not None:
            self.start(redis)
        for name, address in self.addresses.items():
            port = int(address.rsplit(":", 1)[-1])
            database = self.settings.var / f"sandbox-{name}.db"
            self.start(runner.sandbox_part(name, self._packages[name], port, database))
        if self.mail_page:
            self.start(runner.mail_part(*self._mail_ports, self.settings.var))
            wait_for(f"{self.mail_page}/health")
        runner.wait_for_redis(self.settings.redis)
        for address in self.addresses.values():
            wait_for(f"{address}/_control/health")

    def start_product(self) -> None:
        """Start web server, workers and clock; the database must be ready."""
        self.start(runner.web_part(self.settings, self.environ))
        for part in runner.worker_parts(self.environ):
            self.start(part)
        wait_for(f"{self.settings.public_url}/health")

    def stop(self) -> None:
        """Stop everything."""
        self.supervisor.stop()

    def prepare(self, password: str) -> Tenant:
        """Make and connect the demo tenant; the tables must be there.

        Runs in an application context of `self.settings` and in system scope.
        """
        with transaction():
            tenant = _demo_tenant(password)
        made = self._connect(tenant)
        targets = [row for row in made if self.sandboxes[row.plugin][1].couples]
        for source in made:
            for target in targets:
                _couple(tenant, source, target)
        return tenant

    def begin_orders(self) -> None:
        """Let orders come in."""
        for name, (_, sandbox) in self.sandboxes.items():
            if sandbox.begin_demo is not None:
                sandbox.begin_demo(self.addresses[name], self.settings.public_url)

    def _connect(self, tenant: Tenant) -> list[Connection]:
        made = []
        for name, (plugin, sandbox) in self.sandboxes.items():
            with transaction():
                connections.switch_plugin(tenant.id, name, enabled=True)
            if plugin.connector is not None and sandbox.grant is not None:
                made.append(_connection(tenant, plugin, sandbox, self.addresses[name]))
            if sandbox.seed is not None:
                sandbox.seed(self.addresses[name], tenant.id)
        return made


def _as_environ(settings: Settings) -> dict[str, str]:
    """Return the settings that differ from the defaults, as a child sees them."""
    default = Settings()
    return {
        item.name.upper(): str(getattr(settings, item.name))
        for item in fields(settings)
        if getattr(settings, item.name) != getattr(default, item.name)
    }


def _demo_tenant(password: str) -> Tenant:
    user = session().scalar(select(User).where(User.email == EMAIL))
    if user is None:
        return accounts.create_tenant_with_owner(
            name="Demo Webwinkel", email=EMAIL, password=password
        )
    accounts.set_password(user, password)
    return session().get_one(Tenant, user.tenant_id)


def _connection(
    tenant: Tenant, plugin: Plugin, sandbox: Sandbox, address: str
) -> Connection:
    connection = session().scalar(
        select(Connection).where(
            Connection.tenant_id == tenant.id, Connection.plugin == plugin.name
        )
    ) or connections.create(tenant.id, plugin.name)
    connected = connection.state == ConnectionState.CONNECTED
    if connected or plugin.connector is None or sandbox.grant is None:
        return connection
    tokens = sandbox.grant(address)
    identity = _identified(plugin.connector, tokens)
    with transaction():
        connections.complete(connection, identity, tokens)
    if plugin.find(Orders):
        checking.load_reference(connection)
    return connection


def _identified(connector: Connector, tokens: Tokens) -> Identity:
    if isinstance(connector, FormConnector):
        return connector.check(tokens.extra)
    if isinstance(connector, OAuthConnector):
        return connector.identify(tokens)
    raise TypeError(f"{type(connector).__name__} connects in no known way")


def _couple(tenant: Tenant, source: Connection, target: Connection) -> None:
    """Couple a shop to a package with the suggested configuration."""
    registry = koppelwerk().registry
    goes = source.plugin in registry.brought(Shop)
    takes = target.plugin in registry.brought(Orders)
    known = select(Coupling).where(
        Coupling.source_id == source.id, Coupling.target_id == target.id
    )
    if not (goes and takes) or session().scalar(known):
        return
    with transaction():
        coupling = couplings.create(source, target)
        today = local_date(utcnow(), tenant.timezone)
        coupling.starts_on = today.replace(year=FIRST_YEAR, month=1, day=1)
        couplings.save_suggestions(coupling)
