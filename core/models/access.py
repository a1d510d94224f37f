"""Links that are good once, and counters against guessing."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, TenantOwned, now_column


class LinkKind(StrEnum):
    """What a one-time link opens."""

    INSTALL = "install"
    PASSWORD = "password"  # noqa: S105  the kind of link, not a password
    INVITE = "invite"
    EMAIL = "email"
    """An extra address for the tenant's mail."""
    OWN_EMAIL = "own_email"
    """The address that somebody wants to log in with."""


class OneTimeLink(Base, TenantOwned):
    """A link from a mail: random, hashed at rest, short-lived, used up by its use."""

    __tablename__ = "one_time_link"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[LinkKind] = mapped_column(String(20))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    licence_id: Mapped[int | None] = mapped_column(
        ForeignKey("licence.id", ondelete="CASCADE")
    )
    """The installation it begins (kind install)."""
    value: Mapped[str] = mapped_column(String(255), default="")
    """The address to be confirmed (kinds about e-mail)."""
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = now_column()


class Throttle(Base):
    """How often something was tried within a window; kept where all servers see it."""

    __tablename__ = "throttle"

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    until: Mapped[datetime]
