"""The whole product with its sandboxes on this machine, for demo, bench and tests.

Nothing outside this machine is reached and nothing has to be installed but Python:
SQLite, an embedded Redis-compatible server, sandboxes as the outside systems.
"""

import os
import socket
from collections.abc import Callable, Mapping
from functools import partial
from itertools import product
from pathlib import Path

import requests
import structlog
from flask import Flask
from sqlalchemy import select

from core.domain.clock import local_date, utcnow
from core.domain.packages import Identity
from core.domain.redact import redact
from core.kit.mailcatcher import HOST, PAGE_PORT, SMTP_PORT
from core.kit.outside import given_up
from core.kit.runner import Part, PartFailedError, Supervisor
from core.main import parts
from core.main.forking import prepare_to_fork
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
from core.runtime.settings import MAILS, Settings
from core.services.connections import connections
from core.services.linking import checking, couplings
from core.services.people import accounts

EMAIL = "demo@koppelwerk.example"
FIRST_YEAR = 2010
"""The sample orders are from 2010 and 2011: the demo passes on all of them."""

logger = structlog.get_logger(__name__)

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


def answers(url: str) -> bool:
    """Tell whether an address answers well."""
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False


class Stack:
    """Processes and addresses of one running product."""

    def __init__(
        self,
        settings: Settings,
        registry: Registry,
        ports: Mapping[str, int] | None = None,
        *,
        say: Callable[[str], None] = logger.warning,
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
        self.environ["DEMO_PAGES"] = " ".join(
            f"{name}={address}"
            for name, address in {**self.addresses, MAILS: self.mail_page}.items()
            if address
        )
        self.settings = Settings.from_environ(self.environ)
        self.failed: dict[str, str] = {}
        """Plugins that cannot take part, each with the reason."""
        self.supervisor = Supervisor([], Path(settings.var) / "logs", say=say)
        self._redis: Part | None = None
        self._outside: Part | None = None
        self._web: Part | None = None

    def _plan_mail(self, ports: tuple[int, int] | None) -> None:
        """Have mails caught: on the usual ports, or on those given."""
        self._mail_ports = ports or (SMTP_PORT, PAGE_PORT)
        smtp, page = self._mail_ports
        self.environ["SMTP_URL"] = f"smtp://{HOST}:{smtp}"
        self.mail_page = f"http://{HOST}:{page}"

    def start_outside(self) -> None:
        """Start the embedded Redis-compatible server, mail catcher and sandboxes."""
        self.begin_outside()
        self.wait_for_outside()

    def refuse_taken_ports(self) -> None:
        """Raise PartFailedError when somebody listens already where a part will."""
        ports = {
            name: int(address.rsplit(":", 1)[-1])
            for name, address in self.addresses.items()
        }
        ports["web"] = parts.web_port(self.settings)
        if self.mail_page:
            ports["mail-catcher"], ports["mail page"] = self._mail_ports
        for name, port in ports.items():
            if not _is_free(port):
                message = f"port {port}, for {name}, is taken; does it run already?"
                raise PartFailedError(message)

    def begin_outside(self) -> None:
        """Start what is outside the product, without waiting for it."""
        redis = parts.redis_part(self.settings)
        if redis is not None:
            self._redis = self.supervisor.start(redis)
        programs = {
            f"sandbox-{name}": parts.sandbox_program(
                self._packages[name],
                int(address.rsplit(":", 1)[-1]),
                self.settings.var / f"sandbox-{name}.db",
            )
            for name, address in self.addresses.items()
        }
        if self.mail_page:
            mail = parts.mail_program(*self._mail_ports, self.settings.mails)
            programs["mail-catcher"] = mail
        outside = parts.outside_part(programs, self.supervisor.logs)
        self._outside = self.supervisor.start(outside)

    def wait_for_outside(self) -> None:
        """Return once all that was begun answers, or was given up by itself.

        PartFailedError when all of it will not answer any more.
        """
        if self._redis is not None:
            address = self.settings.redis
            ready = partial(parts.redis_answers, address)
            self.supervisor.wait_until(ready, self._redis)
        pages = {
            f"sandbox-{name}": f"{address}/_control/health"
            for name, address in self.addresses.items()
        }
        if self.mail_page:
            pages["mail-catcher"] = f"{self.mail_page}/health"
        for name, page in pages.items():
            failed = given_up(self.supervisor.logs, name)
            self._wait_for(page, self._outside, failed)
            if failed.exists():
                first, *_, last = failed.read_text("utf-8").splitlines()
                error = PartFailedError(f"{first} {last.strip()}")
                self._fail(name.removeprefix("sandbox-"), error)

    def start_product(self, app: Flask | None = None) -> None:
        """Start web server, workers and clock; the database must be ready.

        They are forks of this process when it has the application, in whose context
        this is called then; else each is a command of its own.
        """
        self.start_web(app)
        workers = parts.worker_parts(self.environ)
        if app is not None:
            workers = parts.forked_workers(app)
        for part in workers:
            self.supervisor.start(part)
        self.wait_for_web()

    def start_web(self, app: Flask | None = None) -> None:
        """Start the web server, without waiting for it; `app` as in start_product."""
        if app is None:
            web = parts.web_part(self.environ)
        else:
            prepare_to_fork(app)
            web = parts.forked_web(app, self.settings)
        self._web = self.supervisor.start(web)

    def wait_for_web(self) -> None:
        """Return once the product's pages answer; PartFailedError if they will not."""
        self._wait_for(f"{self.settings.public_url}/health", self._web)

    def _wait_for(
        self, page: str, part: Part | None, failed: Path | None = None
    ) -> None:
        """Wait for a page, or for the file that says that it will never answer."""

        def is_over() -> bool:
            return answers(page) or (failed is not None and failed.exists())

        if part is not None:
            self.supervisor.wait_until(is_over, part)

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
                self._fail(target.plugin, error, tenant)
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
            if name in self.failed:
                self._note(tenant, name)
                continue
            try:
                if plugin.connector is not None and sandbox.grant is not None:
                    address = self.addresses[name]
                    made.append(_connection(tenant, plugin, sandbox, address))
                if sandbox.seed is not None:
                    sandbox.seed(self.addresses[name], tenant.id)
            except Exception as error:
                self._fail(name, error, tenant)
        return made

    def _fail(self, name: str, error: Exception, tenant: Tenant | None = None) -> None:
        """List a plugin as failed; of a tenant, on its connection too."""
        reason = redact(f"{type(error).__name__}: {error}")
        logger.error("plugin cannot take part", plugin=name, error=reason)
        self.failed[name] = reason
        if tenant is not None:
            session().rollback()
            self._note(tenant, name, getattr(error, "code", connections.NOT_CONNECTED))

    def _note(
        self, tenant: Tenant, name: str, code: str = connections.NOT_CONNECTED
    ) -> None:
        plugin = self.sandboxes[name][0]
        if plugin.connector is not None:
            with transaction():
                connections.could_not_connect(
                    _own(tenant, plugin), self.failed[name], code=code
                )


def _demo_tenant(password: str) -> Tenant:
    user = session().scalar(select(User).where(User.email == EMAIL))
    if user is None:
        return accounts.create_tenant_with_owner(
            name="Demo Webwinkel", email=EMAIL, password=password
        )
    accounts.set_password(user, password)
    return session().get_one(Tenant, user.tenant_id)


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
    if plugin.find(Orders):
        checking.load_reference(connection)
    return connection


def _identified(connector: Connector, tokens: Tokens) -> Identity:
    """Return the first shop or administration that the tokens open."""
    if isinstance(connector, FormConnector):
        return connector.check(tokens.extra)[0]
    if isinstance(connector, OAuthConnector):
        return connector.identify(tokens)[0]
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
