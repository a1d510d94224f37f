"""Own tables: the local index of the package's records, and the mapping tables."""

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.plugin.tables import Base, PaymentMapping, ReferenceRecord, VatMapping


class EAccountingRecord(Base, ReferenceRecord):
    """One record of the package as last read: customer, article, VAT code, account.

    `key` is what we look it up by: the e-mail address of a customer (lower case), the
    number of an article or account, the code of a VAT code. Customers cannot be
    filtered on e-mail for certain (contract 2.3), so the index answers that.
    """

    __tablename__ = "eaccounting_record"


Index(
    "ix_eaccounting_record_name",
    EAccountingRecord.connection_id,
    EAccountingRecord.kind,
    EAccountingRecord.name,
)


class EAccountingVatMapping(Base, VatMapping):
    """What a VAT rate of the shop becomes in eAccounting."""

    __tablename__ = "eaccounting_vat_mapping"

    article_coding: Mapped[str] = mapped_column(String(60), default="")
    """Id of the article coding for drafts and orders; empty: found by rate."""


class EAccountingPaymentMapping(Base, PaymentMapping):
    """What a payment method of the shop means in eAccounting."""

    __tablename__ = "eaccounting_payment_mapping"
