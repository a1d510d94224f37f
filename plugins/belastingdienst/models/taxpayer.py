"""The taxpayer: what is the same for all administrations of one tax number."""

from datetime import datetime

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
