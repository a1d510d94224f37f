"""The four companies behind the sandbox's login, and their settings."""

from core.kit.sandbox.store import Store
from plugins.eaccounting.sandbox.fields import Body
from plugins.eaccounting.sandbox.seed import RECEIVABLES, fill
from plugins.eaccounting.sandbox.world import Company, stable_id

STANDARD, INVOICING, BOOKKEEPING, SOLO, PRO = 1, 2, 3, 4, 5

# key, name, country, currency, VAT number, variant
_COMPANIES = (
    ("demo", "Demo Webwinkel B.V. sandbox", "NL", "EUR", "NL123456782B90", STANDARD),
    ("tweede", "Tweede Administratie B.V. sandbox", "NL", "EUR", "NL111222333B44",
     STANDARD),
    ("kronor", "Nordisk Handel AB sandbox", "SE", "SEK", "SE556677889901", STANDARD),
    ("boekhouden", "Alleen Boekhouden B.V. sandbox", "NL", "EUR", "NL333222111B01",
     BOOKKEEPING),
)  # fmt: skip

_MODULES = {
    STANDARD: ["api_standard", "sales_standard"],
    INVOICING: ["api_standard", "sales_standard"],
    BOOKKEEPING: ["api_standard"],
    SOLO: ["api_standard"],
    PRO: ["api_standard", "sales_standard", "stock"],
}


# The settings in which the companies do not differ.
_COMMON: Body = {
    "Email": "administratie@example.com",
    "Phone": "0201234567",
    "MobilePhone": None,
    "Address1": "Keizersgracht 1",
    "Address2": None,
    "PostalCode": "1015 AA",
    "City": "Amsterdam",
    "Website": None,
    "OurReference": None,
    "CorporateIdentityNumber": "12345678",
    "PeppolId": None,
    "BankAccount": None,
    "Iban": "NL91ABNA0417164300",
    "AccountNumberDigits": 4,
    "AccountingLockedTo": "2009-12-31T00:00:00Z",
    "AccountingLockInterval": 0,
    "Gln": None,
    "TypeOfBusiness": 1,
    "VatPeriod": 3,
    "NextCustomerNumber": 1000,
    "NextSupplierNumber": 500,
    "NextCustomerInvoiceNumber": 1,
    "NextQuoteNumber": 1,
    "NextOrderNumber": 1,
    "NextArticleNumber": 1,
    "ShowPricesExclVatPC": False,
    "ShowContributionMargin": False,
    "HasProportionalVatEnabled": False,
    "ProportionalVatValue": None,
    "IsPayslipActivated": False,
    "UsesCostCenter": False,
    "UsesProject": False,
    "UsesPaymentReferenceNumber": False,
    "DomesticCurrencyRounding": 0,
    "UsesReverseConstructionVat": False,
    "UsesRotReducedInvoicing": False,
    "CompanyStatus": 1,
    "KeepOriginalDraftDate": False,
    "UsePaymentFilesForOutgoingPayments": False,
    "UseAutomaticVatCalculation": None,
    "ShowCostCenterReminder": False,
    "ShowProjectReminder": False,
    "UsesGreenTechnology": False,
    "UsesVatTriangulationRules": False,
    "CompanyEmailForUpload": None,
    "VismaWebshopStatus": 0,
    "UsesTransactionText": True,
    "InvoicePrintSettingsType": 0,
}


def settings_of(
    key: str, name: str, country: str, currency: str, vat: str, variant: int
) -> Body:
    """Return a company's settings in the shape of GET /companysettings."""
    return _COMMON | {
        "Name": name,
        "CountryCode": country,
        "CurrencyCode": currency,
        "TermsOfPaymentId": stable_id(key, "terms", "14 dagen"),
        "VatCode": vat,
        "ProductVariant": variant,
        "ActivatedModules": _MODULES[variant],
        "UsesMoss": country == "NL",
        "CompanyIdentifier": stable_id("company", key),
    }


def companies(store: Store) -> dict[str, Company]:
    """Return all companies, filled, by id."""
    made = (_filled(row, store) for row in _COMPANIES)
    return {company.id: company for company in made}


def another(key: str, store: Store) -> Company:
    """Return one more Dutch company, filled."""
    row = (key, f"{key} B.V. sandbox", "NL", "EUR", "NL111222333B44", STANDARD)
    return _filled(row, store)


def _filled(row: tuple[str, str, str, str, str, int], store: Store) -> Company:
    return fill(Company(row[0], settings_of(*row), RECEIVABLES), store)
