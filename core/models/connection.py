"""Connections: one tenant's configured use of one plugin, with its credentials."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    and_,
    column,
    literal_column,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.domain.errors import ClientRefused
from core.models.base import Base, TenantOwned, now_column, sealed

FACT_WARNING = "warning"
"""Key of a connection's facts under which its plugin's warning stands."""


_LIVE = and_(
    column("state") == literal_column("'connected'"),
    column("enabled", Boolean).is_(True),
)
_PAUSED = column("state") == literal_column("'paused'")


class ConnectionState(StrEnum):
    """Where a connection stands; the dot and its reason are derived from it."""

    NEW = "new"
    CONNECTED = "connected"
    PAUSED = "paused"
    """Authentication was lost: everything waits until the user reconnects, or until
    our own registration is good again (`Connection.waits_for_us`)."""
    ENDED = "ended"
    """The user or the outside system ended it; the credentials are wiped."""


class Connection(Base, TenantOwned):
    """A tenant's use of a plugin."""

    __tablename__ = "connection"
    __table_args__ = (
        UniqueConstraint("plugin", "external_id"),
        Index(
            "ix_connection_run",
            "next_run_at",
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index(
            "ix_connection_recheck",
            "plugin",
            "rechecked_on",
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index(
            "ix_connection_paused",
            "reason",
            "not_before",
            sqlite_where=_PAUSED,
            postgresql_where=_PAUSED,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plugin: Mapped[str] = mapped_column(String(50), index=True)
    state: Mapped[ConnectionState] = mapped_column(
        String(20), default=ConnectionState.NEW
    )
    enabled: Mapped[bool] = mapped_column(default=True)
    reason: Mapped[str] = mapped_column(String(60), default="")
    """Code of why the state is what it is (text in the catalogue)."""
    external_id: Mapped[str | None] = mapped_column(String(100))
    """Shop or company id: a reconnect to another one is refused; one tenant each."""
    administration: Mapped[str] = mapped_column(String(100), default="")
    """Of whom we keep what was read and made: `external_id` as last connected, which
    stays when the connection is ended."""
    external_name: Mapped[str] = mapped_column(String(200), default="")
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What was read at connect: currency, licence variant, country."""
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The plugin's connection form."""
    cursor: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """How far the plugin has read the outside system."""
    version: Mapped[int] = mapped_column(default=1)
    """Grows when credentials, identity or settings change."""
    checked_at: Mapped[datetime | None]
    """When the outside system last answered a check well; empty: not since connected,
    or it answered badly."""
    first_checked_at: Mapped[datetime | None]
    """When it first did. What a plugin offers beyond orders waits for it (000) and
    stays from then on: its work goes on too."""

    interval_minutes: Mapped[int] = mapped_column(default=60)
    next_run_at: Mapped[datetime | None]
    run_until: Mapped[datetime | None]
    """A scheduled run holds the connection until then (lease)."""
    last_run_at: Mapped[datetime | None]
    rechecked_on: Mapped[date | None]
    """Local date of the last nightly look at waiting orders."""
    last_run_error: Mapped[str] = mapped_column(String(60), default="")
    not_before: Mapped[datetime | None]
    """Nothing goes to the outside system before this moment (rate limit, outage)."""
    unanswered: Mapped[int] = mapped_column(default=0)
    """Documents one after the other that the package gave no usable answer to."""
    unanswered_by: Mapped[int | None]
    """The transfer that was the last of them."""
    drain_until: Mapped[datetime | None]
    drain_token: Mapped[str] = mapped_column(String(32), default="")
    drained_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = now_column()

    @property
    def waits_for_us(self) -> bool:
        """Whether it is paused for a fault of ours: it goes on by itself."""
        is_paused = self.state == ConnectionState.PAUSED
        return is_paused and self.reason == ClientRefused.CODE


class Credential(Base, TenantOwned):
    """The tokens or keys of a connection, encrypted; refreshed in single flight."""

    __tablename__ = "credential"

    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE"), primary_key=True
    )
    secret: Mapped[bytes] = sealed(
        "tenant:{tenant_id}/credential/{connection_id}/secret"
    )
    version: Mapped[int] = mapped_column(default=1)
    expires_at: Mapped[datetime | None]
    refresh_until: Mapped[datetime | None]
    refresh_owner: Mapped[str] = mapped_column(String(32), default="")


class ConnectionChoice(Base, TenantOwned):
    """What a login gave that opens several administrations, until one is chosen."""

    __tablename__ = "connection_choice"

    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE"), primary_key=True
    )
    secret: Mapped[bytes] = sealed(
        "tenant:{tenant_id}/connection_choice/{connection_id}/secret"
    )
    """The tokens and what was found, encrypted."""
    expires_at: Mapped[datetime]


class OAuthState(Base, TenantOwned):
    """One started OAuth login: random, once, short-lived, bound to a session."""

    __tablename__ = "oauth_state"

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE")
    )
    plugin: Mapped[str] = mapped_column(String(50))
    session_hash: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
