"""The REST API's tokens and idempotency keys, webhooks out, and rights."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, Leased, TenantOwned, now_column, sealed

_PLACE = "tenant:{tenant_id}/webhook_endpoint/{id}/secret"


class ApiToken(Base, TenantOwned):
    """A token of the REST API; shown once, kept as a hash."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime] = now_column()
    used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class IdempotencyKey(Base, TenantOwned):
    """A write of the API that was done: the same key gets the same answer."""

    __tablename__ = "idempotency_key"
    __table_args__ = (UniqueConstraint("token_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_id: Mapped[int] = mapped_column(
        ForeignKey("api_token.id", ondelete="CASCADE")
    )
    key: Mapped[str] = mapped_column(String(100))
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(default=0)
    """0 while the first request is being handled."""
    body: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = now_column()


class WebhookEndpoint(Base, TenantOwned):
    """An address of the tenant that is told of changes (Standard Webhooks)."""

    __tablename__ = "webhook_endpoint"

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(String(500))
    events: Mapped[list[Any]] = mapped_column(default=list)
    secret: Mapped[bytes] = sealed(_PLACE)
    """Encrypted."""
    previous_secret: Mapped[bytes | None] = sealed(_PLACE)
    """The secret before it was replaced; signs as well until `previous_until`."""
    previous_until: Mapped[datetime | None]
    enabled: Mapped[bool] = mapped_column(default=True)
    reason: Mapped[str] = mapped_column(String(60), default="")
    """Code of why it was switched off; empty: by the user, or not at all."""
    succeeded_at: Mapped[datetime | None]
    """When it last took a message."""
    called_at: Mapped[datetime | None]
    """When it was last called: of a tenant's, the one called longest ago goes first."""
    not_before: Mapped[datetime | None]
    """It does not answer, or slowly: nothing is sent to it until then."""
    created_at: Mapped[datetime] = now_column()


class DeliveryState(StrEnum):
    """Where a webhook stands."""

    QUEUED = "queued"
    DONE = "done"
    FAILED = "failed"


class WebhookDelivery(Base, TenantOwned, Leased):
    """One message to one endpoint; its id stays the same over all tries."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index("ix_webhook_delivery_work", "state", "due_at"),
        Index("ix_webhook_delivery_turn", "endpoint_id", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(
        ForeignKey("webhook_endpoint.id", ondelete="CASCADE"), index=True
    )
    message_id: Mapped[str] = mapped_column(String(60))
    event: Mapped[str] = mapped_column(String(60))
    payload: Mapped[str] = mapped_column(Text)
    state: Mapped[DeliveryState] = mapped_column(
        String(10), default=DeliveryState.QUEUED
    )
    failures: Mapped[int] = mapped_column(default=0)
    last_status: Mapped[int] = mapped_column(default=0)
    """HTTP status of the last try; 0: no answer, or not tried yet."""
    answer: Mapped[str] = mapped_column(String(500), default="")
    """The last answer's text, cut; or the code of why there was none."""
    tried_at: Mapped[datetime | None]
    due_at: Mapped[datetime]
    created_at: Mapped[datetime] = now_column()


class PluginRight(Base, TenantOwned):
    """Whether a role may make and see connections of a plugin (Rechten)."""

    __tablename__ = "plugin_right"
    __table_args__ = (UniqueConstraint("tenant_id", "role", "plugin"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(String(20))
    plugin: Mapped[str] = mapped_column(String(50))
    allowed: Mapped[bool] = mapped_column(default=True)
