"""Tenants, the people who log in, and which plugins a tenant has switched on."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.models.base import Base, TenantOwned, now_column


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
    timezone: Mapped[str] = mapped_column(String(50), default="Europe/Amsterdam")
    language: Mapped[str] = mapped_column(String(5), default="nl")
    vat_number: Mapped[str] = mapped_column(String(20), default="")
    """Own VAT number; with it VIES gives a consultation number as proof."""
    active: Mapped[bool] = mapped_column(default=True)
    """False: orders are kept and wait, nothing is booked (licence ended)."""
    served_at: Mapped[datetime | None]
    """When a worker last took work of this tenant: the longest ago goes first."""
    created_at: Mapped[datetime] = now_column()


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
    created_at: Mapped[datetime] = now_column()
    tenant: Mapped[Tenant | None] = relationship()


class TenantPlugin(Base, TenantOwned):
    """A plugin switched on (or off again) for a tenant."""

    __tablename__ = "tenant_plugin"
    __table_args__ = (UniqueConstraint("tenant_id", "plugin"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plugin: Mapped[str] = mapped_column(String(50))
    enabled: Mapped[bool] = mapped_column(default=True)
