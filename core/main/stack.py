"""The whole product with its sandboxes on this machine, for demo, bench and tests.

Nothing outside this machine is reached and nothing has to be installed but Python:
SQLite, an embedded Redis-compatible server, sandboxes as the outside systems.
"""

import os
import socket
import time
from collections.abc import Mapping
from itertools import product
from pathlib import Path

import requests
import structlog
from sqlalchemy import select

from core.domain.clock import local_date, utcnow
from core.domain.packages import Identity
from core.domain.redact import redact
from core.kit.mailcatcher import HOST, PAGE_PORT, SMTP_PORT
from core.main import runner
from core.models import Connection, ConnectionState, Coupling, Tenant, User
from core.net.oauth import Tokens
from core.plugin.capabilities import (
    Connector,
    FormConnector,
    OAuthConnector,
    Plugin,
    Sandbox,
)
from core.plugin.registry import Registry
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk
from core.runtime.settings import Settings
from core.services.connections import connections
from core.services.linking import couplings
from core.services.people import accounts

logger = structlog.get_logger(__name__)
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
        self.environ = settings.as_environ()
        for name, (_, sandbox) in self.sandboxes.items():
            self.environ.update(sandbox.environ(self.addresses[name]))
        self.mail_page = ""
        """Where mails are read; empty when there is a real mail server."""
        self._mail_ports = (0, 0)
        if not settings.smtp_url:
            self._plan_mail(None if ports is None else (free_port(), free_port()))
        self.settings = Settings.from_environ(self.environ)
        self.failed: dict[str, str] = {}
        """Plugins that cannot take part, each with the reason."""
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
        for name, address in self.addresses.items():
            try:
                wait_for(f"{address}/_control/health")
            except TimeoutError as error:
                self._fail(name, error)

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
        for source, target in product(made, targets):
            try:
                _couple(tenant, source, target)
            except Exception as error:  # one system must not stop the others
                self._fail(target.plugin, error)
                _note(tenant, self.sandboxes[target.plugin][0], error)
        return tenant

    def begin_orders(self) -> None:
        """Let orders come in."""
        for name, (_, sandbox) in self.sandboxes.items():
            if sandbox.begin_demo is None or name in self.failed:
                continue
            try:
                sandbox.begin_demo(self.addresses[name], self.settings.public_url)
            except Exception as error:  # one system must not stop the others
                self._fail(name, error)

    def _connect(self, tenant: Tenant) -> list[Connection]:
        """Connect what can be; one system that cannot does not stop the others."""
        made = []
        for name, (plugin, sandbox) in self.sandboxes.items():
            with transaction():
                connections.switch_plugin(tenant.id, name, enabled=True)
            try:
                if plugin.connector is not None and sandbox.grant is not None:
                    address = self.addresses[name]
                    made.append(_connection(tenant, plugin, sandbox, address))
                if sandbox.seed is not None:
                    sandbox.seed(self.addresses[name], tenant.id)
            except Exception as error:
                self._fail(name, error)
                _note(tenant, plugin, error)
        return made

    def _fail(self, name: str, error: Exception) -> None:
        reason = redact(f"{type(error).__name__}: {error}")
        logger.error("plugin cannot take part", plugin=name, error=reason)
        self.failed[name] = reason


def _demo_tenant(password: str) -> Tenant:
    user = session().scalar(select(User).where(User.email == EMAIL))
    if user is None:
        return accounts.create_tenant_with_owner(
            name="Demo Webwinkel", email=EMAIL, password=password
        )
    accounts.set_password(user, password)
    return session().get_one(Tenant, user.tenant_id)


def _note(tenant: Tenant, plugin: Plugin, error: Exception) -> None:
    """Tell on a plugin's connection why it cannot take part."""
    session().rollback()
    if plugin.connector is not None:
        with transaction():
            connections.could_not_connect(_own(tenant, plugin), error)


def _own(tenant: Tenant, plugin: Plugin) -> Connection:
    known = select(Connection).where(
        Connection.tenant_id == tenant.id, Connection.plugin == plugin.name
    )
    return session().scalar(known) or connections.create(tenant.id, plugin.name)


def _connection(
    tenant: Tenant, plugin: Plugin, sandbox: Sandbox, address: str
) -> Connection:
    connection = _own(tenant, plugin)
    connected = connection.state == ConnectionState.CONNECTED
    if connected or plugin.connector is None or sandbox.grant is None:
        return connection
    tokens = sandbox.grant(address)
    identity = _identified(plugin.connector, tokens)
    with transaction():
        connections.complete(connection, identity, tokens)
    if plugin.order_target is not None:
        plugin.order_target.load_reference(connection)
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
    goes = registry.get(source.plugin).is_order_source
    takes = registry.get(target.plugin).order_target is not None
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
