"""Own tables: what was last read of an administration, and the mapping tables."""

from core.plugin.tables import Base, PaymentMapping, ReferenceRecord, VatMapping


class MoneybirdRecord(Base, ReferenceRecord):
    """A VAT rate or a revenue account of an administration."""

    __tablename__ = "moneybird_record"


class MoneybirdVatMapping(Base, VatMapping):
    """What a VAT rate of the shop becomes in Moneybird."""

    __tablename__ = "moneybird_vat_mapping"


class MoneybirdPaymentMapping(Base, PaymentMapping):
    """What a payment method of the shop means in Moneybird."""

    __tablename__ = "moneybird_payment_mapping"
