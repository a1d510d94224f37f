"""Changes of filed periods: since when it is known that a declaration is not right."""

from datetime import date

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.plugin.tables import Base, TenantOwned


class FiledChange(Base, TenantOwned):
    """A filed period of a taxpayer whose books say something else; gone when not."""

    __tablename__ = "belastingdienst_change"
    __table_args__ = (
        UniqueConstraint("tenant_id", "tax_number", "starts_on", "ends_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tax_number: Mapped[str] = mapped_column(String(14))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    known_on: Mapped[date]
    """The local day it was first noticed: eight weeks count from it."""
