"""The taxpayer: what is the same for all administrations of one tax number."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.plugin.tables import Base, Money, TenantOwned, now_column
from plugins.belastingdienst.law.cash_scheme import Entitlement


class FilingPlace(StrEnum):
    """Where a taxpayer files his returns; asked once."""

    UNSAID = ""
    """Nobody said; taken as here."""
    HERE = "here"
    ELSEWHERE = "elsewhere"
    """In the package itself or the portal: here is only compared and watched."""


class Occurrence(StrEnum):
    """Whether a case that no booking tells comes up at a taxpayer."""

    UNSAID = ""
    NEVER = "never"
    """Not asked again."""
    SOMETIMES = "sometimes"
    """Asked in each return that it may stand in."""


class Taxpayer(Base, TenantOwned):
    """One tax number of a tenant, and what he said of himself."""

    __tablename__ = "belastingdienst_taxpayer"
    __table_args__ = (UniqueConstraint("tenant_id", "tax_number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tax_number: Mapped[str] = mapped_column(String(14))
    """Omzetbelastingnummer: nine digits, B, two digits; without NL."""
    created_at: Mapped[datetime] = now_column()
    filed_at: Mapped[FilingPlace] = mapped_column(
        String(10), default=FilingPlace.UNSAID
    )
    cash_scheme: Mapped[Entitlement] = mapped_column(
        String(10), default=Entitlement.NONE
    )
    """Why VAT follows the money (kasstelsel); NONE: it follows the invoice."""
    cash_scheme_since: Mapped[date | None]
    """First day that the scheme was used."""
    small_business_since: Mapped[date | None]
    """First day of the KOR; None: never."""
    small_business_until: Mapped[date | None]
    """Last day of the KOR; None: it still holds."""
    union_scheme_since: Mapped[date | None]
    """First day of the EU-KOR in other states; None: never."""
    union_scheme_until: Mapped[date | None]
    cases: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """`Occurrence` by the code of a case or year-end prompt."""
    asked_at: Mapped[datetime | None]
    """When the questions were answered last."""


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
