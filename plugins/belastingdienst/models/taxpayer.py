"""The taxpayer: what is the same for all administrations of one tax number."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.plugin.tables import Base, TenantOwned, now_column
from plugins.belastingdienst.law.cash_scheme import Entitlement
from plugins.belastingdienst.law.icp import Rhythm


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
    icp_rhythm: Mapped[Rhythm] = mapped_column(String(10), default=Rhythm.LAW)
    """How often he declares ICP, as far as that is his choice."""
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
    small_business_passed_on: Mapped[date | None]
    """Day of the sale that passed 20,000 euros: from then on there is VAT again."""
    small_business_told: Mapped[str] = mapped_column(String(40), default="")
    """Year and code of what was told last of the limit."""
    union_scheme_since: Mapped[date | None]
    """First day of the EU-KOR in other states; None: never."""
    union_scheme_until: Mapped[date | None]
    cases: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """`Occurrence` by the code of a case or year-end prompt."""
    asked_at: Mapped[datetime | None]
    """When the questions were answered last."""
    oss_from: Mapped[date | None]
    """First day of the registration for the one stop shop; None: not registered."""
    oss_until: Mapped[date | None]
    """Last day of it; None: it goes on."""

    def in_oss(self, day: date) -> bool:
        """Tell whether a local day falls within the registration."""
        if self.oss_from is None or day < self.oss_from:
            return False
        return self.oss_until is None or day <= self.oss_until
