"""What belongs to a relation's card: contact persons, and what was merged into it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, TenantOwned, now_column


class RelationContact(Base, TenantOwned):
    """Somebody who works at an organisation; no package knows contact persons."""

    __tablename__ = "relation_contact"

    id: Mapped[int] = mapped_column(primary_key=True)
    relation_id: Mapped[int] = mapped_column(
        ForeignKey("relation.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(200))
    """The last name."""
    first_name: Mapped[str] = mapped_column(String(100), default="")
    initials: Mapped[str] = mapped_column(String(20), default="")
    name_prefix: Mapped[str] = mapped_column(String(20), default="")
    function: Mapped[str] = mapped_column(String(100), default="")
    email: Mapped[str] = mapped_column(String(255), default="")
    phone: Mapped[str] = mapped_column(String(50), default="")
    mobile: Mapped[str] = mapped_column(String(50), default="")
    gets_invoices: Mapped[bool] = mapped_column(default=False)
    """Invoices are mailed to this person instead of to the organisation's address."""
    gets_copies: Mapped[bool] = mapped_column(default=False)
    """In cc of every mail that brings an invoice."""
    note: Mapped[str] = mapped_column(String(500), default="")

    @property
    def full_name(self) -> str:
        """First name (or initials), prefix and last name."""
        parts = (self.first_name or self.initials, self.name_prefix, self.name)
        return " ".join(part for part in parts if part)


class RelationMerge(Base, TenantOwned):
    """One merge of two relations: what it moved and changed, so that it can be undone.

    The relation that was merged away stays as it was, its history with it, and points
    to the kept one (`Relation.merged_into_id`).
    """

    __tablename__ = "relation_merge"
    __table_args__ = (Index("ix_relation_merge_kept", "kept_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("relation.id", ondelete="CASCADE"))
    merged_id: Mapped[int] = mapped_column(
        ForeignKey("relation.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime] = now_column()
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL")
    )
    kept_version: Mapped[int]
    """The kept one's version once they were merged; another one now: changed since."""
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """By flat field that the merge changed in the kept one: what stood there."""
    numbers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Numbers that the kept one took over, by field."""
    moved: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Ids of the rows that moved: `invoices`, `contacts`, `links`."""
    undone_at: Mapped[datetime | None]


class RelationDistinct(Base, TenantOwned):
    """*Geen dubbele*: two relations that look alike and are not the same."""

    __tablename__ = "relation_distinct"

    low_id: Mapped[int] = mapped_column(
        ForeignKey("relation.id", ondelete="CASCADE"), primary_key=True
    )
    high_id: Mapped[int] = mapped_column(
        ForeignKey("relation.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL")
    )
    at: Mapped[datetime] = now_column()
