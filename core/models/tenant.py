"""Tenants, the people who log in, and which plugins a tenant has switched on."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.models.base import Base, TenantOwned, now_column, sealed


class Role(StrEnum):
    """What a user may do: owner and colleague within a tenant, operator across."""

    OWNER = "owner"
    COLLEAGUE = "colleague"
    OPERATOR = "operator"


class Tenant(Base):
    """A webshop owner or CRM user; owns everything else."""

    __tablename__ = "tenant"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    home_country: Mapped[str] = mapped_column(String(2), default="NL")
    timezone: Mapped[str] = mapped_column(
        String(50), default="Europe/Amsterdam", index=True
    )
    language: Mapped[str] = mapped_column(String(5), default="nl")
    vat_number: Mapped[str] = mapped_column(String(20), default="")
    """Own VAT number; with it VIES gives a consultation number as proof."""
    vat_statuses: Mapped[list[Any]] = mapped_column(default=list)
    """One stop shop, home VAT, KOR: by first day, as `core.rules.seller.stored`."""
    address: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Street, postal code and city for our invoices."""
    extra_email: Mapped[str] = mapped_column(String(255), default="")
    """Gets the mails too (Profiel)."""
    terms_accepted_at: Mapped[datetime | None]
    active: Mapped[bool] = mapped_column(default=True)
    """False: orders are kept and wait, nothing is booked (blocked by an operator)."""
    created_at: Mapped[datetime] = now_column()


class Turn(Base):
    """When a tenant last had its turn with one kind of due work; the longest ago goes
    first. Each kind has its own: whoever books a lot still gets its mail out."""

    __tablename__ = "turn"

    kind: Mapped[str] = mapped_column(String(60), primary_key=True)
    """The table the work stands in."""
    tenant_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """0: work of nobody, such as mail to ourselves."""
    served_at: Mapped[datetime]


class User(Base):
    """Somebody who logs in. `tenant_id` is empty for operators."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int | None] = mapped_column(
        ForeignKey("tenant.id", ondelete="CASCADE"), index=True
    )
    email: Mapped[str] = mapped_column(String(255), unique=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[Role] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(5), default="nl")
    session_key: Mapped[str] = mapped_column(String(64))
    """Changes when all sessions of this user must end."""
    failed_logins: Mapped[int] = mapped_column(default=0)
    blocked_until: Mapped[datetime | None]
    must_change_password: Mapped[bool] = mapped_column(default=False)
    """A mailed first password: it opens nothing but the page that replaces it."""
    password_until: Mapped[datetime | None]
    """A mailed password is refused after this moment."""
    totp_secret: Mapped[bytes | None] = sealed(
        "tenant:{tenant_id}/user/{id}/totp_secret"
    )
    """Encrypted; asked for at log-in once `totp_confirmed_at` is set."""
    totp_confirmed_at: Mapped[datetime | None]
    totp_step: Mapped[int] = mapped_column(BigInteger, default=0)
    """The last time step that was used: a code is good once."""
    recovery_hashes: Mapped[list[Any]] = mapped_column(default=list)
    tour_closed: Mapped[bool] = mapped_column(default=False)
    """This user has seen enough of what a demo invites to."""
    created_at: Mapped[datetime] = now_column()
    tenant: Mapped[Tenant | None] = relationship()


class TenantPlugin(Base, TenantOwned):
    """A plugin switched on (or off again) for a tenant."""

    __tablename__ = "tenant_plugin"
    __table_args__ = (UniqueConstraint("tenant_id", "plugin"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plugin: Mapped[str] = mapped_column(String(50))
    enabled: Mapped[bool] = mapped_column(default=True)
