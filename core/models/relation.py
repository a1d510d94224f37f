"""Relations of the CRM side: organisations and persons, and how they changed."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.models.base import Base, TenantOwned, by_bytes, now_column


class RelationKind(StrEnum):
    """Which of the manuals' field tables a relation follows."""

    ORGANISATION = "organisation"
    PERSON = "person"


class RelationType(StrEnum):
    """Where a relation stands in the sales funnel (manuals 000, 001 and 002)."""

    SUSPECT = "suspect"
    PROSPECT = "prospect"
    CLIENT = "client"
    PRIVATE_CLIENT = "private_client"
    VENDOR = "vendor"
    TO_REVIEW = "to_review"


class AddressRole(StrEnum):
    """What an address is for; a person has home and alternative addresses."""

    VISITING = "visiting"
    POSTAL = "postal"
    INVOICE = "invoice"
    DELIVERY = "delivery"
    HOME = "home"
    ALTERNATIVE = "alternative"


class Relation(Base, TenantOwned):
    """An organisation or a person; `name` is the organisation's or the last name."""

    __tablename__ = "relation"
    __table_args__ = (
        Index("ix_relation_list", "tenant_id", "sort_name", "id"),
        Index("ix_relation_kind", "tenant_id", "kind", "sort_name", "id"),
        Index("ix_relation_type", "tenant_id", "relation_type", "sort_name", "id"),
        Index("ix_relation_manager", "tenant_id", "manager_id", "sort_name", "id"),
        Index("ix_relation_changed", "tenant_id", "changed_at", "id"),
        UniqueConstraint("tenant_id", "debtor_number"),
        UniqueConstraint("tenant_id", "creditor_number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[RelationKind] = mapped_column(String(20))
    relation_type: Mapped[RelationType] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    sort_name: Mapped[str] = mapped_column(String(200))
    """The name in lower case: what lists are sorted and searched by."""
    first_name: Mapped[str] = mapped_column(String(100), default="")
    initials: Mapped[str] = mapped_column(String(20), default="")
    name_prefix: Mapped[str] = mapped_column(String(20), default="")
    """Tussenvoegsel: van, de, van der."""
    gender: Mapped[str] = mapped_column(String(1), default="")
    """`m`, `f`, `x` or empty."""
    debtor_number: Mapped[str | None] = mapped_column(String(20))
    creditor_number: Mapped[str | None] = mapped_column(String(20))
    phone: Mapped[str] = mapped_column(String(50), default="")
    mobile: Mapped[str] = mapped_column(String(50), default="")
    fax: Mapped[str] = mapped_column(String(50), default="")
    email: Mapped[str] = mapped_column(String(255), default="")
    website: Mapped[str] = mapped_column(String(255), default="")
    chamber_number: Mapped[str] = mapped_column(String(20), default="")
    vat_number: Mapped[str] = mapped_column(String(20), default="")
    iban: Mapped[str] = mapped_column(String(34), default="")
    bic: Mapped[str] = mapped_column(String(11), default="")
    manager_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL")
    )
    """The relation manager (relatiebeheerder)."""
    merged_into_id: Mapped[int | None] = mapped_column(
        ForeignKey("relation.id", ondelete="CASCADE"), index=True
    )
    """The relation that this one was merged into: it is in no list any more, and keeps
    its numbers, so that nobody else gets them."""
    blocked_at: Mapped[datetime | None]
    """When its customer was erased though the law keeps an invoice to it: it is in no
    list any more, and nothing is sent to it or kept in step."""
    content_hash: Mapped[str] = mapped_column(String(64), default="")
    """Over every field above and the addresses: unchanged means nothing to send."""
    doubts: Mapped[dict[str, Any] | None]
    """By flat field: why a value that came in is not believed; NULL: all is well."""
    assumed: Mapped[list[Any] | None]
    """Flat fields that no package told: a country of its own company, a kind."""
    version: Mapped[int] = mapped_column()
    """Grows with every change; two that change the same version cannot both succeed."""
    created_at: Mapped[datetime] = now_column()
    changed_at: Mapped[datetime] = now_column()
    addresses: Mapped[list["RelationAddress"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="RelationAddress.id"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads it


_is_in_doubt = Relation.doubts.is_not(None)
Index(
    "ix_relation_doubts",
    Relation.tenant_id,
    Relation.sort_name,
    Relation.id,
    sqlite_where=_is_in_doubt,
    postgresql_where=_is_in_doubt,
)
_is_debtor = Relation.debtor_number.is_not(None)
_is_creditor = Relation.creditor_number.is_not(None)
Index(
    "ix_relation_debtors",
    Relation.tenant_id,
    Relation.sort_name,
    Relation.id,
    sqlite_where=_is_debtor,
    postgresql_where=_is_debtor,
)
Index(
    "ix_relation_creditors",
    Relation.tenant_id,
    Relation.sort_name,
    Relation.id,
    sqlite_where=_is_creditor,
    postgresql_where=_is_creditor,
)


class RelationWord(Base, TenantOwned):
    """A word by which a relation is found: of its name, e-mail, numbers or city."""

    __tablename__ = "relation_word"
    __table_args__ = (
        Index("ix_relation_word_find", "tenant_id", "word", "relation_id"),
    )

    # The tenant leads in both indexes: every question names it, and without
    # statistics SQLite would else read all words of a tenant to find one relation's.
    tenant_id: Mapped[int] = mapped_column(
        ForeignKey("tenant.id", ondelete="CASCADE"), primary_key=True
    )
    relation_id: Mapped[int] = mapped_column(
        ForeignKey("relation.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    word: Mapped[str] = mapped_column(by_bytes(100), primary_key=True)


class RelationAddress(Base, TenantOwned):
    """One address of a relation; house number and suffix stand apart."""

    __tablename__ = "relation_address"
    __table_args__ = (UniqueConstraint("tenant_id", "relation_id", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    # No index of its own: SQLite would prefer it to the one above and read them all.
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"))
    relation_id: Mapped[int] = mapped_column(
        ForeignKey("relation.id", ondelete="CASCADE"), index=True
    )
    role: Mapped[AddressRole] = mapped_column(String(20))
    street: Mapped[str] = mapped_column(String(100), default="")
    house_number: Mapped[str] = mapped_column(String(10), default="")
    house_number_suffix: Mapped[str] = mapped_column(String(10), default="")
    postal_code: Mapped[str] = mapped_column(String(10), default="")
    city: Mapped[str] = mapped_column(String(100), default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    written: Mapped[str] = mapped_column(String(250), default="")
    """Street, number and suffix as they came in; empty: as we join them."""


class RelationChange(Base, TenantOwned):
    """One change of a relation: by whom, from where, and what stood there before."""

    __tablename__ = "relation_change"
    __table_args__ = (Index("ix_relation_change_list", "relation_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    relation_id: Mapped[int] = mapped_column(
        ForeignKey("relation.id", ondelete="CASCADE")
    )
    at: Mapped[datetime] = now_column()
    action: Mapped[str] = mapped_column(String(20))
    """`made`, `edited`, `imported`, `api`, `synced`, `put_back`, or `overwritten`
    (theirs)."""
    version: Mapped[int] = mapped_column(default=0)
    """The relation's version that it led to; of `overwritten`: at which it happened."""
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """By field: what it was and what it became."""
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL")
    )
    connection_id: Mapped[int | None] = mapped_column(
        ForeignKey("connection.id", ondelete="SET NULL")
    )
    """The connection it came in by, or whose package lost its own value."""


_is_overwritten = RelationChange.action == "overwritten"
Index(
    "ix_relation_change_overwritten",
    RelationChange.connection_id,
    RelationChange.id,
    sqlite_where=_is_overwritten,
    postgresql_where=_is_overwritten,
)


class RelationLink(Base, TenantOwned):
    """A relation's counterpart in a package, and what both were when last in step.

    It outlives its relation: what is deleted here does not come in again.
    """

    __tablename__ = "relation_link"
    __table_args__ = (
        UniqueConstraint("connection_id", "role", "external_id"),
        UniqueConstraint("connection_id", "role", "relation_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE")
    )
    relation_id: Mapped[int | None] = mapped_column(
        ForeignKey("relation.id", ondelete="SET NULL"), index=True
    )
    role: Mapped[str] = mapped_column(String(10))
    """`debtor` or `creditor`: a package keeps them apart."""
    external_id: Mapped[str] = mapped_column(String(100))
    our_hash: Mapped[str] = mapped_column(String(64), default="")
    their_hash: Mapped[str] = mapped_column(String(64), default="")
    base: Mapped[str] = mapped_column(Text, default="")
    """What each field was on both sides, as short hashes (`core.rules.sync.bases`);
    empty: of before that was kept."""
    synced_at: Mapped[datetime] = now_column()
    """When the two were last seen in step, in a run that reads everything."""
    retired_at: Mapped[datetime | None]
    """When the record was set inactive there, once its relation was merged away."""
