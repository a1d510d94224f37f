"""The taxpayer: what is the same for all administrations of one tax number."""

from datetime import date, datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.plugin.tables import Base, TenantOwned, now_column
from plugins.belastingdienst.law.icp import Rhythm


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
    oss_from: Mapped[date | None]
    """First day of the registration for the one stop shop; None: not registered."""
    oss_until: Mapped[date | None]
    """Last day of it; None: it goes on."""

    def in_oss(self, day: date) -> bool:
        """Tell whether a local day falls within the registration."""
        if self.oss_from is None or day < self.oss_from:
            return False
        return self.oss_until is None or day <= self.oss_until
