"""What was reminded of, so that nobody is told twice."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.domain.declarations import DeclarationKind
from core.plugin.tables import Base, TenantOwned


class Reminder(Base, TenantOwned):
    """One reminder of a declaration: before its last day, or after it."""

    __tablename__ = "belastingdienst_reminder"
    __table_args__ = (
        UniqueConstraint("administration_id", "kind", "starts_on", "ends_on", "code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    administration_id: Mapped[int] = mapped_column(
        ForeignKey("belastingdienst_administration.id", ondelete="CASCADE")
    )
    kind: Mapped[DeclarationKind] = mapped_column(String(20))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    code: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime]
