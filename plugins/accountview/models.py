"""The six-step wizard, ondernemingen and Visma.net users (manual 003)."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.plugin.tables import Base, TenantOwned, now_column


class Activation(Base, TenantOwned):
    """How far a tenant is with *Visma-diensten activeren*; passwords are not kept."""

    __tablename__ = "accountview_activation"
    __table_args__ = (UniqueConstraint("tenant_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    step: Mapped[int] = mapped_column(default=1)
    """The first step that is not done: 1 Welkom to 6 Autorisatie; 7: finished."""
    edition: Mapped[str] = mapped_column(String(50), default="")
    version: Mapped[str] = mapped_column(String(20), default="")
    serial: Mapped[str] = mapped_column(String(50), default="")
    modules: Mapped[list[Any]] = mapped_column(default=list)
    terms_accepted_at: Mapped[datetime | None]
    server: Mapped[str] = mapped_column(String(200), default="")
    communication_checked_at: Mapped[datetime | None]
    administrator_email: Mapped[str] = mapped_column(String(255), default="")
    administrator_first_name: Mapped[str] = mapped_column(String(100), default="")
    administrator_last_name: Mapped[str] = mapped_column(String(100), default="")
    administrator_made_at: Mapped[datetime | None]
    administrator_confirmed_at: Mapped[datetime | None]
    gateway_failures: Mapped[list[Any]] = mapped_column(default=list)
    """Codes of what the last check found wrong."""
    gateway_checked_at: Mapped[datetime | None]
    """When the gateway was found right."""
    single_sign_on: Mapped[bool] = mapped_column(default=False)
    authorised_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = now_column()
    changed_at: Mapped[datetime] = now_column()


class Undertaking(Base, TenantOwned):
    """An onderneming: one company with all its book years."""

    __tablename__ = "accountview_undertaking"
    __table_args__ = (UniqueConstraint("tenant_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20))
    description: Mapped[str] = mapped_column(String(100))
    is_blocked: Mapped[bool] = mapped_column(default=True)
    """Column Blk: released once the administration is ready for use."""
    visma_id: Mapped[int] = mapped_column(default=0)
    """0: not registered at Visma.net."""
    registered_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = now_column()


class UndertakingAdministration(Base, TenantOwned):
    """Whose an administration is that declarations are made for."""

    __tablename__ = "accountview_undertaking_administration"
    __table_args__ = (UniqueConstraint("administration_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    administration_id: Mapped[int]
    """Of the plugin that files; its table is not ours, so that nothing refers to it."""
    undertaking_id: Mapped[int] = mapped_column(
        ForeignKey("accountview_undertaking.id", ondelete="CASCADE"), index=True
    )


class VismaUser(Base, TenantOwned):
    """A user of Visma.net, by e-mail address."""

    __tablename__ = "accountview_user"
    __table_args__ = (UniqueConstraint("tenant_id", "email"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(200))


class VismaUserAccess(Base, TenantOwned):
    """That a user has a role for one onderneming."""

    __tablename__ = "accountview_user_access"
    __table_args__ = (UniqueConstraint("user_id", "undertaking_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("accountview_user.id", ondelete="CASCADE")
    )
    undertaking_id: Mapped[int] = mapped_column(
        ForeignKey("accountview_undertaking.id", ondelete="CASCADE"), index=True
    )
    role: Mapped[str] = mapped_column(String(30), default="AutoReport User")


MODELS = (
    Activation,
    Undertaking,
    UndertakingAdministration,
    VismaUser,
    VismaUserAccess,
)
