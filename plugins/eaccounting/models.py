"""Own tables: the local index of the package's records, and the mapping tables."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.plugin.tables import Base, PaymentMapping, TenantOwned, VatMapping


class EAccountingRecord(Base, TenantOwned):
    """One record of the package as last read: customer, article, VAT code, account.

    `key` is what we look it up by: the e-mail address of a customer (lower case), the
    number of an article or account, the code of a VAT code. Customers cannot be
    filtered on e-mail for certain (contract 2.3), so the index answers that.
    """

    __tablename__ = "eaccounting_record"
    __table_args__ = (
        UniqueConstraint("connection_id", "kind", "external_id"),
        Index("ix_eaccounting_record_key", "connection_id", "kind", "key"),
        Index("ix_eaccounting_record_name", "connection_id", "kind", "name"),
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


class EAccountingVatMapping(Base, VatMapping):
    """What a VAT rate of the shop becomes in eAccounting."""

    __tablename__ = "eaccounting_vat_mapping"
    __table_args__ = (UniqueConstraint("coupling_id", "sale_kind", "country", "rate"),)

    article_coding: Mapped[str] = mapped_column(String(60), default="")
    """Id of the article coding for drafts and orders; empty: found by rate."""


class EAccountingPaymentMapping(Base, PaymentMapping):
    """What a payment method of the shop means in eAccounting."""

    __tablename__ = "eaccounting_payment_mapping"
    __table_args__ = (UniqueConstraint("coupling_id", "method"),)
