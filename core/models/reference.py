"""The local index of a package's records: the columns that every plugin's has."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from core.models.base import OfAdministration, TenantOwned


class ReferenceRecord(TenantOwned, OfAdministration):
    """One record of a package as last read: a debtor, an article, a VAT code.

    `external_id` is what bookings refer to, `key` what we look it up by.
    """

    __tablename__: str

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:  # noqa: N805  # a class's attribute
        """Each record once; looked up by key."""
        return (
            UniqueConstraint("connection_id", "kind", "external_id"),
            Index(f"ix_{cls.__tablename__}_key", "connection_id", "kind", "key"),
        )

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE")
    )
    kind: Mapped[str] = mapped_column(String(20))
    external_id: Mapped[str] = mapped_column(String(100))
    key: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(200))
    data: Mapped[dict[str, Any]]
    read_at: Mapped[datetime]
