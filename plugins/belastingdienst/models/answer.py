"""What a taxpayer answered to the questions of a period."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.plugin.tables import Base, Money, TenantOwned, now_column


class Answer(Base, TenantOwned):
    """What was said of one question in one period of a taxpayer."""

    __tablename__ = "belastingdienst_answer"
    __table_args__ = (UniqueConstraint("taxpayer_id", "starts_on", "ends_on", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    taxpayer_id: Mapped[int] = mapped_column(
        ForeignKey("belastingdienst_taxpayer.id", ondelete="CASCADE")
    )
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    """The last day, included."""
    code: Mapped[str] = mapped_column(String(40))
    """Of a case or year-end prompt, or `right_` with a box that looked wrong."""
    applies: Mapped[bool]
    entry_id: Mapped[int | None] = mapped_column(
        ForeignKey("belastingdienst_entry.id", ondelete="SET NULL")
    )
    """The amount that was filled in for it."""
    turnover: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    """Of a box that is right as it is: while it says so, in whole euros."""
    vat: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    answered_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL")
    )
    answered_at: Mapped[datetime] = now_column()
