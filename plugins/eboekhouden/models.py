"""Own tables: the local index, calls per month, debtor numbers, and the mappings."""

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.plugin.tables import (
    Base,
    OfAdministration,
    PaymentMapping,
    ReferenceRecord,
    TenantOwned,
    VatMapping,
)


class EBoekhoudenRecord(Base, ReferenceRecord):
    """One relation or ledger account of the administration as last read.

    `external_id` is what bookings refer to: the code of a relation or an account.
    `key` is what we look it up by: a relation's e-mail address in lower case.
    """

    __tablename__ = "eboekhouden_record"

    external_id: Mapped[str] = mapped_column(String(50))


class EBoekhoudenCalls(Base, TenantOwned):
    """How many calls a connection made in a calendar month (local time)."""

    __tablename__ = "eboekhouden_calls"
    __table_args__ = (UniqueConstraint("connection_id", "month"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE")
    )
    month: Mapped[str] = mapped_column(String(7))
    """`2026-11`."""
    calls: Mapped[int] = mapped_column(default=0)


class EBoekhoudenDebtorNumber(Base, TenantOwned, OfAdministration):
    """The number drawn for a debtor before it is made, so that it is drawn once."""

    __tablename__ = "eboekhouden_debtor_number"
    __table_args__ = (UniqueConstraint("connection_id", "email"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE")
    )
    email: Mapped[str] = mapped_column(String(255))
    number: Mapped[str] = mapped_column(String(15))


class EBoekhoudenVatMapping(Base, VatMapping):
    """What a VAT rate of the shop becomes in e-Boekhouden."""

    __tablename__ = "eboekhouden_vat_mapping"


class EBoekhoudenPaymentMapping(Base, PaymentMapping):
    """What a payment method of the shop means in e-Boekhouden."""

    __tablename__ = "eboekhouden_payment_mapping"
