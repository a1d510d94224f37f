"""What must hold of a record that goes back whole. Pure."""

from collections.abc import Mapping

from core.domain.errors import AskUser
from plugins.eaccounting.relations.mapping import Role
from plugins.eaccounting.wire import Body

_SHARED = {
    "Name": 50, "CorporateIdentityNumber": 20, "VatNumber": 20, "Telephone": 50,
    "MobilePhone": 50, "EmailAddress": 255, "WwwAddress": 255, "Note": 4000,
    "CurrencyCode": 3, "ContactPersonEmail": 255, "ContactPersonMobile": 50,
    "ContactPersonPhone": 50,
}  # fmt: skip
LIMITS: Mapping[Role, Mapping[str, int]] = {
    Role.DEBTOR: {
        **_SHARED,
        "CustomerNumber": 16, "ContactPersonName": 100, "Iban": 35, "GLN": 255,
        "InvoiceAddress1": 50, "InvoiceAddress2": 50, "InvoicePostalCode": 10,
        "InvoiceCity": 50, "InvoiceCountryCode": 2, "DeliveryCustomerName": 100,
        "DeliveryAddress1": 50, "DeliveryAddress2": 50, "DeliveryPostalCode": 10,
        "DeliveryCity": 50, "DeliveryCountryCode": 2, "EmailAddressOrder": 255,
        "EmailAddressQuote": 255, "PropertyReference": 40, "EdiGlnNumber": 255,
        "EdiServiceDelivererId": 255, "SalesDocumentLanguage": 2,
        "ElectronicAddress": 255, "ElectronicReference": 35,
    },
    Role.CREDITOR: {
        **_SHARED,
        "SupplierNumber": 16, "ContactPersonName": 50, "Address1": 50, "Address2": 50,
        "PostalCode": 10, "City": 50, "CountryCode": 2, "BankAccountNumber": 50,
        "BankBban": 50, "BankBic": 50, "BankCode": 50, "BankCountryCode": 2,
        "BankgiroNumber": 10, "BankIban": 50, "BankName": 50, "Clearing": 5,
        "OurCustomerNumber": 40, "PlusgiroNumber": 10, "PurchaseDocumentLanguage": 2,
    },
}  # fmt: skip
"""Longest texts of CustomerApi and SupplierApi (OpenAPI of 2026-02-17)."""


def check_lengths(record: Body, role: Role) -> None:
    """Check a record before it is replaced, also in fields that are not ours.

    Raises AskUser `visma_text_too_long`, which names the field: cut it would be another
    text, and nobody would know.
    """
    for name, most in LIMITS[role].items():
        length = len(str(record.get(name) or ""))
        if length > most:
            raise AskUser("visma_text_too_long", field=name, length=length, most=most)
