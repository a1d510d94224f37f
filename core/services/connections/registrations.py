"""Our registrations at identity servers: one that is refused is tried for all at once.

A refusal of our own client (a replaced secret, say) is no tenant's fault: connections
pause as they meet it, and one of them asks again after growing pauses. What any of
them is granted lets all of them go on. One that is still refused right after that,
while another was not, is refused for what it holds: some servers say so of a spent
refresh token.
"""

from datetime import datetime, timedelta
from hashlib import sha256

import structlog
from sqlalchemy import Select, select, update

from core.domain.clock import utcnow
from core.domain.errors import AuthenticationLost, ClientRefused
from core.models import Connection, ConnectionState, LogLevel, Mark
from core.net.oauth import OAuthProvider
from core.plugin.capabilities import OAuthConnector
from core.runtime import jobs, log
from core.runtime.database import insert_for, session, transaction
from core.runtime.extensions import koppelwerk
from core.runtime.leaps import in_words
from core.runtime.tenancy import system_scope

REFUSED = "registration_refused"
"""Code of the log's entry that the operator is alarmed by."""
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 15))
PROOF = timedelta(minutes=10)
"""So long a grant to another connection proves that our registration is good."""

logger = structlog.get_logger(__name__)


class Registration:
    """A plugin's client at its identity server, as one connection uses it.

    Its row is a `Mark`: how often it was refused in a row and when it is tried next,
    or, below zero, which connection was granted something again and when.
    """

    def __init__(
        self, plugin: str, provider: OAuthProvider, connection_id: int
    ) -> None:
        """Bind to a connection; nothing is read yet."""
        self._plugin = plugin
        self._service = provider.service
        self._connection_id = connection_id
        self._name = _name(provider)
        self._was_refused = False

    def begin(self) -> None:
        """Take the turn to ask; ClientRefused, without a call, while it is not time."""
        now = utcnow()
        with transaction() as current:
            mark = current.get(Mark, self._name)
            self._was_refused = mark is not None and mark.value > 0
            if mark is None or not self._was_refused:
                return
            taken = self._claim(now, now + _pause(mark.value))
        if not taken:
            raise ClientRefused(service=self._service, status="-", error="-")

    def refused(self, error: ClientRefused) -> AuthenticationLost:
        """Note a refusal, of the registration or else of what this connection holds."""
        now = utcnow()
        with transaction() as current:
            mark = current.get(Mark, self._name)
            if mark is not None and self._is_own(mark, error, now):
                return AuthenticationLost("grant_refused", service=self._service)
            times = 1 + (mark.value if mark is not None and mark.value > 0 else 0)
            if mark is None or self._was_refused or times == 1:
                self._store(times, now + _pause(times))
        logger.error("an identity server refuses our registration", **error.params)
        return error

    def works(self) -> None:
        """Let all go on that wait, since the server granted something again."""
        with transaction():
            self._store(-self._connection_id, utcnow())
            resume(self._plugin)
        self._was_refused = False

    def granted(self) -> None:
        """Note that the server knows us; does nothing unless it had refused us."""
        if self._was_refused:
            self.works()

    def _is_own(self, mark: Mark, error: ClientRefused, now: datetime) -> bool:
        is_proved = mark.value < 0 and -mark.value != self._connection_id
        of_client = error.params["error"] == "invalid_client"
        return is_proved and not of_client and now - mark.read_at < PROOF

    def _claim(self, now: datetime, until: datetime) -> bool:
        """Move the next try on, if its time has come; False when another was first."""
        changed = session().execute(
            update(Mark)
            .where(Mark.name == self._name, Mark.value > 0, Mark.read_at <= now)
            .values(read_at=until)
            .returning(Mark.name)
            .execution_options(synchronize_session=False)
        )
        return changed.first() is not None

    def _store(self, value: int, moment: datetime) -> None:
        values = {"value": value, "read_at": moment}
        session().execute(
            insert_for(Mark)
            .values(name=self._name, **values)
            .on_conflict_do_update(index_elements=[Mark.name], set_=values)
        )


def _name(provider: OAuthProvider) -> str:
    """Name a registration; one whose secret was replaced is another, tried at once."""
    parts = (provider.token_url, provider.client_id, provider.client_secret)
    return "client:" + sha256("\n".join(parts).encode()).hexdigest()[:20]


def _pause(times: int) -> timedelta:
    return PAUSES[min(times, len(PAUSES)) - 1]


def note(connection: Connection) -> None:
    """Write the entry that the operator is alarmed by, in the caller's transaction."""
    log.write(
        connection.tenant_id,
        REFUSED,
        level=LogLevel.ERROR,
        connection_id=connection.id,
        plugin=connection.plugin,
    )


def resume(plugin: str) -> None:
    """Let a plugin's connections go on that wait for us, in the caller's transaction.

    Each runs at once: what came meanwhile may have been missed.
    """
    with system_scope():
        for connection in session().scalars(
            _waiting().where(Connection.plugin == plugin)
        ):
            connection.state = ConnectionState.CONNECTED
            connection.reason, connection.not_before = "", None
            connection.next_run_at = utcnow()
            log.write(
                connection.tenant_id,
                "registration_works",
                connection_id=connection.id,
                plugin=plugin,
            )
        session().flush()
    jobs.wake_after_commit("dispatch", queue="clock")


def due(now: datetime) -> list[int]:
    """Return of each refused registration the connection tried longest ago, where it is
    time (dispatcher)."""
    found: dict[str, int] = {}
    waiting = session().scalars(
        _waiting().order_by(Connection.not_before.asc().nulls_first(), Connection.id)
    )
    for connection in waiting:
        if connection.plugin not in found and _is_time(connection.plugin, now):
            found[connection.plugin] = connection.id
    return list(found.values())


def provider_of(plugin: str) -> OAuthProvider | None:
    """Return a plugin's registration; None: it has none, or is not there."""
    known = koppelwerk().registry.plugins.get(plugin)
    connector = known.connector if known else None
    return connector.provider() if isinstance(connector, OAuthConnector) else None


def _is_time(plugin: str, now: datetime) -> bool:
    provider = provider_of(plugin)
    if provider is None:
        return False
    mark = session().get(Mark, _name(provider))
    return mark is None or mark.value <= 0 or mark.read_at <= now


def _waiting() -> Select[Connection]:
    return select(Connection).where(
        Connection.state == in_words(ConnectionState.PAUSED),
        Connection.reason == ClientRefused.CODE,
    )
