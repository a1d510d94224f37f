"""Connections: made, tested, paused, resumed and ended."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update

from core.domain.clock import utcnow
from core.domain.errors import (
    AskUser,
    AuthenticationLost,
    ClientRefused,
    KoppelwerkError,
    WaitUntil,
)
from core.domain.packages import Identity
from core.domain.redact import redact_cut
from core.models import (
    Connection,
    ConnectionChoice,
    ConnectionState,
    Credential,
    LogEntry,
    LogLevel,
    RelationSync,
    TenantPlugin,
)
from core.models.connection import FACT_WARNING
from core.net.oauth import Tokens
from core.plugin.capabilities import Shop
from core.plugin.default_hooks import first_reading
from core.rules.changes import changes, word
from core.runtime import log
from core.runtime.database import session
from core.runtime.extensions import koppelwerk, settings
from core.services.connections import administrations, credentials, registrations

HOURLY = 60
"""Minutes: a shop is looked at no less often, whatever is set (manual 004)."""
NOT_CONNECTED = "could_not_connect"
RESTS_AFTER = 3
"""After so many documents one after the other without an answer a package rests."""
LONGEST_REST = 30
"""The longest rest, in times `recheck_seconds` (an hour); the first is half of it."""


def enabled_plugins(tenant_id: int) -> list[str]:
    """Return the plugins a tenant has switched on."""
    rows = session().scalars(
        select(TenantPlugin.plugin).where(
            TenantPlugin.tenant_id == tenant_id, TenantPlugin.enabled
        )
    )
    return list(rows)


def switch_plugin(tenant_id: int, plugin: str, *, enabled: bool) -> None:
    """Switch a plugin on or off for a tenant; its connections stop with it."""
    row = session().scalar(
        select(TenantPlugin).where(
            TenantPlugin.tenant_id == tenant_id, TenantPlugin.plugin == plugin
        )
    )
    if row is None:
        row = TenantPlugin(tenant_id=tenant_id, plugin=plugin)
        session().add(row)
    row.enabled = enabled
    session().execute(
        update(Connection)
        .where(Connection.tenant_id == tenant_id, Connection.plugin == plugin)
        .values(enabled=enabled)
    )
    code = "plugin_enabled" if enabled else "plugin_disabled"
    log.write(tenant_id, code, plugin=plugin)


def create(tenant_id: int, plugin: str) -> Connection:
    """Add a connection that is yet to be made."""
    manifest = koppelwerk().registry.get(plugin).manifest
    connection = Connection(
        tenant_id=tenant_id,
        plugin=plugin,
        interval_minutes=manifest.interval or 60,
    )
    session().add(connection)
    session().flush()
    return connection


def complete(connection: Connection, identity: Identity, tokens: Tokens) -> None:
    """Store a (re)connect: same company as before, and nobody else's.

    Raises AskUser `other_company` when a reconnect reaches another company, and
    `company_taken` when another tenant has it already.
    """
    recognise(connection, [identity])
    _refuse_taken(connection, identity)
    _forget_choice(connection)
    credentials.store(connection, tokens)
    administrations.take(connection, identity.external_id)
    connection.external_id = identity.external_id
    connection.external_name = identity.name
    connection.facts = dict(identity.facts)
    if connection.state == ConnectionState.NEW:
        connection.last_run_error = ""
    if connection.state == ConnectionState.ENDED:
        _look_again(connection)
    connection.state = ConnectionState.CONNECTED
    connection.reason = ""
    connection.enabled = True
    connection.first_checked_at = first_checked(connection)
    connection.checked_at = None
    connection.version += 1
    connection.not_before = None
    connection.unanswered, connection.unanswered_by = 0, None
    connection.next_run_at = utcnow()
    log.write(
        connection.tenant_id,
        "connected",
        connection_id=connection.id,
        plugin=connection.plugin,
        name=identity.name,
    )
    plugin = koppelwerk().registry.get(connection.plugin)
    first_reading(plugin, connection.id)
    if plugin.connector is not None:
        plugin.connector.connected(connection)


def first_checked(connection: Connection) -> datetime | None:
    """Return when the outside system first answered a check well; None: not yet."""
    return connection.first_checked_at or connection.checked_at


def _look_again(connection: Connection) -> None:
    """Let a person see what the relations' next run would do: both sides lived on."""
    session().execute(
        update(RelationSync)
        .where(RelationSync.connection_id == connection.id)
        .values(needs_preview=True)
    )


def could_not_connect(
    connection: Connection, reason: str, *, code: str = NOT_CONNECTED
) -> None:
    """Note why a connection could not be made or used.

    The dot tells the code, the log and `flask plugins list` the reason.
    """
    connection.last_run_error = code
    log.write(
        connection.tenant_id,
        NOT_CONNECTED,
        level=LogLevel.ERROR,
        connection_id=connection.id,
        plugin=connection.plugin,
        reason=redact_cut(reason, 300),
    )


def could_not_be_made() -> dict[str, str]:
    """Return by plugin why a connection could not be made, of those yet to be."""
    rows = session().execute(
        select(Connection.plugin, LogEntry.params)
        .join(LogEntry, LogEntry.connection_id == Connection.id)
        .where(
            Connection.state == ConnectionState.NEW,
            Connection.last_run_error != "",
            LogEntry.code == NOT_CONNECTED,
        )
        .order_by(LogEntry.id)
    )
    return {plugin: str(params["reason"]) for plugin, params in rows}


def recognise(connection: Connection, found: Sequence[Identity]) -> Identity:
    """Return which of those that a login opens is the connection's own.

    The first, while there was none before. Raises AskUser `other_company` when the one
    of before is not among them, and `no_company` when there are none.
    """
    if not found:
        raise AskUser("no_company")
    for identity in found:
        if connection.external_id in (None, identity.external_id):
            return identity
    names = ", ".join(identity.name for identity in found)
    raise AskUser("other_company", expected=connection.external_name, found=names)


def _forget_choice(connection: Connection) -> None:
    which = ConnectionChoice.connection_id == connection.id
    session().execute(delete(ConnectionChoice).where(which))


def _refuse_taken(connection: Connection, identity: Identity) -> None:
    taken = session().execute(
        select(Connection.id)
        .where(
            Connection.plugin == connection.plugin,
            Connection.external_id == identity.external_id,
            Connection.id != connection.id,
        )
        .execution_options(all_tenants=True)
    )
    if taken.first():
        raise AskUser("company_taken", name=identity.name)


def pause(connection_id: int, code: str) -> None:
    """Stop using a connection until the user reconnects; say so once.

    With the code of ClientRefused until our registration is good again
    (`registrations`): the operator is told, and the user asked nothing.
    """
    connection = session().get_one(Connection, connection_id)
    is_ours = code == ClientRefused.CODE
    if connection.state != ConnectionState.CONNECTED and (
        is_ours or not connection.waits_for_us
    ):
        return
    connection.state = ConnectionState.PAUSED
    connection.reason = code
    if is_ours:
        registrations.note(connection)
        return
    log.write(
        connection.tenant_id,
        "connection_paused",
        level=LogLevel.ERROR,
        connection_id=connection_id,
        plugin=connection.plugin,
    )


def spare(connection_id: int, until: datetime) -> None:
    """Send nothing more to a package before a moment, in the caller's transaction."""
    session().execute(
        update(Connection)
        .where(Connection.id == connection_id)
        .values(not_before=until)
        .execution_options(synchronize_session=False)
    )


def rests(connection: Connection) -> bool:
    """Tell whether a package did not answer so often that one document at a time is
    tried, with growing pauses."""
    return connection.unanswered >= RESTS_AFTER


def unanswered(connection_id: int, transfer_id: int | None) -> bool:
    """Count a document without a usable answer, in the caller's transaction.

    One document counts once, however often it is tried: it may be its own fault; None:
    it is no document's. Tells whether the package rests from now on, 1, 2, 4 minutes
    and so on up to an hour.
    """
    own = Connection.id == connection_id
    is_other = or_(
        Connection.unanswered >= RESTS_AFTER,
        Connection.unanswered_by.is_(None),
        Connection.unanswered_by.is_distinct_from(transfer_id),
    )
    session().execute(
        update(Connection)
        .where(own, is_other)
        .values(unanswered=Connection.unanswered + 1, unanswered_by=transfer_id)
        .execution_options(synchronize_session=False)
    )
    count: int = session().scalars(select(Connection.unanswered).where(own)).one()
    if count < RESTS_AFTER:
        return False
    times = min(2 ** min(count - RESTS_AFTER, 10) / 2, LONGEST_REST)
    rest = timedelta(seconds=times * settings().recheck_seconds)
    spare(connection_id, utcnow() + rest)
    if count == RESTS_AFTER:
        _say_that_it_rests(connection_id)
    return True


def _say_that_it_rests(connection_id: int) -> None:
    connection = session().get_one(Connection, connection_id)
    log.write(
        connection.tenant_id,
        "connection_rests",
        level=LogLevel.WARNING,
        connection_id=connection_id,
        plugin=connection.plugin,
    )


def answered(connection_id: int) -> None:
    """Note that a package answers again, in the caller's transaction."""
    session().execute(
        update(Connection)
        .where(Connection.id == connection_id, Connection.unanswered > 0)
        .values(unanswered=0, unanswered_by=None)
        .execution_options(synchronize_session=False)
    )


def end(connection: Connection, code: str) -> None:
    """End a connection: tokens wiped, nothing is sent or fetched any more."""
    connection.state = ConnectionState.ENDED
    connection.reason = code
    connection.version += 1
    connection.external_id = None
    connection.checked_at = None
    _forget_choice(connection)
    credential = session().get(Credential, connection.id)
    if credential is not None:
        session().delete(credential)
    log.write(
        connection.tenant_id,
        "connection_ended",
        level=LogLevel.WARNING,
        connection_id=connection.id,
        plugin=connection.plugin,
        name=connection.external_name,
    )


def save_settings(connection: Connection, values: dict[str, Any]) -> None:
    """Store a connection's own settings (its plugin's form)."""
    changed = changes(_plain(connection.settings), _plain(values))
    connection.settings = values
    connection.version += 1
    log.write(
        connection.tenant_id,
        "settings_saved",
        connection_id=connection.id,
        plugin=connection.plugin,
        changes=changed,
    )


def _plain(values: dict[str, Any]) -> dict[str, str]:
    """Return settings as the log tells of them; a section by its parts."""
    found: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            found |= {f"{name} {part}": each for part, each in _plain(value).items()}
        else:
            found[name] = word(value)
    return found


def save_section(connection: Connection, name: str, values: dict[str, Any]) -> None:
    """Store what one section of the plugin's page holds, under its name."""
    save_settings(connection, {**connection.settings, name: values})


def longest_interval(plugin: str) -> int | None:
    """Return how many minutes may pass at most between two runs; None: as set."""
    return HOURLY if plugin in koppelwerk().registry.brought(Shop) else None


def interval_of(connection: Connection) -> timedelta:
    """Return the time between two runs of a connection."""
    longest = longest_interval(connection.plugin) or connection.interval_minutes
    return timedelta(minutes=min(connection.interval_minutes, longest))


def save_interval(connection: Connection, minutes: int) -> None:
    """Set how often a connection runs; the next run is planned anew."""
    before, connection.interval_minutes = connection.interval_minutes, minutes
    begun = connection.last_run_at or utcnow()
    connection.next_run_at = begun + interval_of(connection)
    log.write(
        connection.tenant_id,
        "settings_saved",
        connection_id=connection.id,
        plugin=connection.plugin,
        changes=changes({"interval": str(before)}, {"interval": str(minutes)}),
    )


def warn(connection_id: int, code: str) -> None:
    """Let the dot warn by a code of the plugin's texts; empty: no longer."""
    connection = session().get_one(Connection, connection_id)
    if connection.facts.get(FACT_WARNING, "") != code:
        connection.facts = {**connection.facts, FACT_WARNING: code}


def run_finished(connection_id: int, code: str = "") -> None:
    """Note the end of a scheduled run and plan the next one."""
    connection = session().get_one(Connection, connection_id)
    now = utcnow()
    connection.run_until = None
    connection.last_run_at = now
    connection.last_run_error = code
    connection.next_run_at = now + interval_of(connection)


def run_failed(
    connection_id: int, error: KoppelwerkError, *, retry_seconds: float
) -> None:
    """Note why a scheduled run ended early and plan the next try, in the caller's
    transaction: lost authentication pauses, a wait says how long itself."""
    if isinstance(error, AuthenticationLost):
        pause(connection_id, error.code)
        return
    run_finished(connection_id, error.code)
    seconds = error.seconds if isinstance(error, WaitUntil) else retry_seconds
    connection = session().get_one(Connection, connection_id)
    connection.next_run_at = utcnow() + timedelta(seconds=seconds)
