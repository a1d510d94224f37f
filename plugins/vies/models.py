"""Own table: what VIES answered, as proof and to ask no more than once a day."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.plugin.tables import Base, TenantOwned


class ViesConsultation(Base, TenantOwned):
    """One answer of VIES on a VAT number, kept for the tenant that asked."""

    __tablename__ = "vies_consultation"
    __table_args__ = (
        Index("ix_vies_consultation_number", "tenant_id", "number", "asked_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(60), default="")
    consultation_number: Mapped[str] = mapped_column(String(40), default="")
    """VIES's requestIdentifier; only with a requester number of our own."""
    name: Mapped[str] = mapped_column(String(300), default="")
    address: Mapped[str] = mapped_column(String(500), default="")
    asked_at: Mapped[datetime]
