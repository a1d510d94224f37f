"""Own table: sets of rules that the operator installed, newer than those shipped."""

from datetime import date, datetime

from sqlalchemy import LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.plugin.tables import Base, now_column


class PeppolRules(Base):
    """One set of rules, compiled to XSLT; of the installation, not of a tenant."""

    __tablename__ = "peppol_rules"
    __table_args__ = (UniqueConstraint("layer", "first_day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    layer: Mapped[str] = mapped_column(String(10))
    """Of `rule_packs.LAYERS`."""
    first_day: Mapped[date]
    """From when documents are held against it."""
    name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    added_at: Mapped[datetime] = now_column()
