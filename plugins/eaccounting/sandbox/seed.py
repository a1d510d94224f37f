"""The companies the sandbox starts with, and their charts, VAT codes and lists.

All ids are derived from names, so that a restart or a reset gives the same ids.
"""

from decimal import Decimal
from typing import Any

from core.kit.sandbox.store import Store
from plugins.eaccounting.sandbox.fields import Body
from plugins.eaccounting.sandbox.vatdata import EU
from plugins.eaccounting.sandbox.world import Company, Table, stable_id

_EPOCH = "2010-01-01T00:00:00.000000Z"
RECEIVABLES = 1300
FIRST_YEAR, LAST_YEAR = 2010, 2027

# Kinds of accounts; the numbers are the sandbox's own, the vendor publishes none.
_ASSET, _RECEIVABLE, _PAYABLE, _VAT, _CLEARING, _REVENUE, _COST = 1, 2, 3, 4, 5, 6, 7
_TYPES = {_ASSET: "Activa", _RECEIVABLE: "Debiteuren", _PAYABLE: "Crediteuren",
          _VAT: "Btw", _CLEARING: "Tussenrekening", _REVENUE: "Omzet",
          _COST: "Kosten"}  # fmt: skip

# number, name, type, code of its default VAT code
_CHART: tuple[tuple[int, str, int, str | None], ...] = (
    (100, "Inventaris", _ASSET, None),
    (1000, "Kas", _ASSET, None),
    (1010, "Bank", _ASSET, None),
    (1200, "Overige vorderingen", _ASSET, None),
    (RECEIVABLES, "Debiteuren", _RECEIVABLE, None),
    (1520, "Af te dragen btw hoog", _VAT, None),
    (1530, "Af te dragen btw laag", _VAT, None),
    (1540, "Af te dragen btw overig", _VAT, None),
    (1590, "Voorbelasting", _VAT, None),
    (1600, "Crediteuren", _PAYABLE, None),
    (1800, "Vooruitontvangen bedragen", _CLEARING, None),
    (2000, "Tussenrekening iDEAL", _CLEARING, None),
    (2010, "Tussenrekening PayPal", _CLEARING, None),
    (2020, "Tussenrekening creditcard", _CLEARING, None),
    (2030, "Tussenrekening Klarna", _CLEARING, None),
    (2040, "Tussenrekening Mollie", _CLEARING, None),
    (2050, "Tussenrekening Bancontact", _CLEARING, None),
    (2060, "Tussenrekening overboeking", _CLEARING, None),
    (2070, "Tussenrekening rembours", _CLEARING, None),
    (2090, "Tussenrekening overig", _CLEARING, None),
    (4000, "Inkoopkosten", _COST, None),
    (4900, "Betalingsverschillen", _COST, None),
    (8000, "Omzet hoog tarief", _REVENUE, "VH"),
    (8010, "Omzet laag tarief", _REVENUE, "VL"),
    (8020, "Omzet 0 % en vrijgesteld", _REVENUE, "V0"),
    (8030, "Omzet binnen de EU (ICP)", _REVENUE, "ICP"),
    (8040, "Omzet buiten de EU (export)", _REVENUE, "EXP"),
    (8100, "Omzet webwinkel", _REVENUE, "VH"),
    (8150, "Verzendkosten", _REVENUE, "VH"),
    (8200, "Omzet OSS", _REVENUE, None),
    (8900, "Omzet oude administratie", _REVENUE, "VH"),
    (8950, "Automatische omzetcorrectie", _REVENUE, None),
)
_BLOCKED = frozenset((1010, 8950))
_INACTIVE = frozenset((8900,))

# code, description, rate, VAT account
_DUTCH: tuple[tuple[str, str, int, int | None], ...] = (
    ("VH", "Verkoop hoog tarief 21 %", 21, 1520),
    ("VL", "Verkoop laag tarief 9 %", 9, 1530),
    ("V0", "Verkoop 0 % / vrijgesteld", 0, None),
    ("ICP", "Intracommunautaire levering van goederen", 0, None),
    ("EXP", "Export buiten de EU", 0, None),
    ("IH", "Voorbelasting hoog tarief 21 %", 21, 1590),
    ("IL", "Voorbelasting laag tarief 9 %", 9, 1590),
)

_OSS_COUNTRIES = [code for code in EU if code != "NL"]


def oss_accounts(country: str) -> tuple[int, int]:
    """Return the VAT account and the revenue account of OSS sales to a country."""
    place = _OSS_COUNTRIES.index(country) + 1
    return 1540 + place, 8200 + place


def rate_text(rate: Decimal) -> str:
    """Write a rate as in a code: 21, 5.5."""
    return f"{rate.normalize():f}"


def add_vat_code(
    company: Company, code: str, description: str, rate: Decimal,
    account: int | None, oss: int = 0,
) -> Body:  # fmt: skip
    """Add (or replace) one VAT code and return it; `account` is its VAT account."""
    body: Body = {
        "Id": stable_id(company.key, "vatcode", code),
        "Code": code,
        "Description": description,
        "VatRate": rate,
        "OssCodeType": oss,
        "RelatedAccounts": {
            "AccountNumber1": account, "AccountNumber2": None, "AccountNumber3": None,
        },
    }  # fmt: skip
    company.vat_codes[body["Id"]] = body
    if account is not None:
        company.vat_accounts.add(account)
    return body


def add_coding(company: Company, name: str, rate: Decimal, account: int) -> Body:
    """Add one article account coding: a VAT rate with its revenue accounts."""
    body: Body = {
        "Id": stable_id(company.key, "coding", name),
        "Name": name,
        "NameEnglish": name,
        "Type": "Goods",
        "VatRate": rate_text(rate),
        "IsActive": True,
        "VatRatePercent": rate,
        "DomesticSalesSubjectToReversedConstructionVatAccountNumber": None,
        "DomesticSalesSubjectToVatAccountNumber": account,
        "DomesticSalesVatExemptAccountNumber": 8020,
        "ForeignSalesSubjectToMossAccountNumber": 8200,
        "ForeignSalesSubjectToThirdPartySalesAccountNumber": None,
        "ForeignSalesSubjectToVatWithinEuAccountNumber": account,
        "ForeignSalesVatExemptOutsideEuAccountNumber": 8040,
        "ForeignSalesVatExemptWithinEuAccountNumber": 8030,
        "DomesticSalesVatCodeExemptAccountNumber": None,
        "ChangedUtc": _EPOCH,
    }
    company.codings[body["Id"]] = body
    return body


def add_oss(company: Company, country: str, rate: Decimal) -> Body:
    """Add the OSS codes and the coding of one country and rate; return the sales one.

    Sales rows carry the code of type 1; type 2 names the VAT itself.
    """
    name, text = EU[country][0], rate_text(rate)
    vat_account, revenue = oss_accounts(country)
    add_vat_code(company, f"OSSB-{country}-{text}", f"OSS btw {name} {text} %",
                 rate, vat_account, 2)  # fmt: skip
    sales = add_vat_code(
        company,
        f"OSS-{country}-{text}",
        f"OSS verkoop {name} {text} %",
        rate,
        vat_account,
        1,
    )
    add_coding(company, f"OSS {name} {text} %", rate, revenue)
    return sales


def _account(company: Company, year: str, row: tuple[Any, ...]) -> Body:
    number, name, kind, code = row
    vat = company.vat_codes.get(stable_id(company.key, "vatcode", code))
    return {
        "Name": name,
        "Number": str(number),
        "VatCodeId": vat["Id"] if vat else None,
        "VatCodeDescription": vat["Description"] if vat else None,
        "FiscalYearId": year,
        "ReferenceCode": None,
        "Type": kind,
        "TypeDescription": _TYPES[kind],
        "ModifiedUtc": _EPOCH,
        "CreatedUtc": _EPOCH,
        "IsActive": number not in _INACTIVE,
        "AllowTransactionText": True,
        "IsFirstCostCenterMandatory": False,
        "IsProjectAllowed": False,
        "IsCostCenterAllowed": False,
        "IsBlockedForManualBooking": number in _BLOCKED,
        "Description": None,
    }


def add_account(
    company: Company, number: int, name: str, code: str | None = None,
    kind: int = _REVENUE,
) -> None:  # fmt: skip
    """Add one account to every fiscal year; `code` is its default VAT code."""
    for year_id, accounts in company.accounts.items():
        row = (number, name, kind, code)
        accounts[str(number)] = _account(company, year_id, row)


def _add_years(company: Company) -> None:
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        year_id = stable_id(company.key, "year", year)
        company.accounts[year_id] = {}
        company.years.append({
            "Id": year_id,
            "StartDate": f"{year}-01-01T00:00:00Z",
            "EndDate": f"{year}-12-31T00:00:00Z",
            "IsLockedForAccounting": False,
            "BookkeepingMethod": 0,
        })  # fmt: skip


def _add_chart(company: Company) -> None:
    for number, name, kind, code in _CHART:
        add_account(company, number, name, code, kind)
    for country in _OSS_COUNTRIES:
        vat_account, revenue = oss_accounts(country)
        name, _, rates = EU[country]
        standard = f"OSS-{country}-{rate_text(Decimal(rates.split()[0]))}"
        add_account(company, vat_account, f"Btw OSS {name}", None, _VAT)
        add_account(company, revenue, f"Omzet OSS {name}", standard)


def _add_vat(company: Company) -> None:
    for code, description, rate, account in _DUTCH:
        add_vat_code(company, code, description, Decimal(rate), account)
    for name, rate, account in (
        ("Goederen 21 %", 21, 8000),
        ("Goederen 9 %", 9, 8010),
        ("Goederen 0 %", 0, 8020),
    ):
        add_coding(company, name, Decimal(rate), account)
    for country in _OSS_COUNTRIES:
        for text in EU[country][2].split():
            add_oss(company, country, Decimal(text))


def _add_lists(company: Company) -> None:
    for code, name, short in (
        ("PCE", "per stuk", "st"),
        ("KGM", "kilogram", "kg"),
        ("MTR", "meter", "m"),
        ("HUR", "uur", "u"),
        ("BX", "doos", "ds"),
    ):
        unit_id = stable_id(company.key, "unit", code)
        company.units[unit_id] = {"Id": unit_id, "Name": name, "Code": code,
                                  "Abbreviation": short,
                                  "AbbreviationEnglish": code.lower()}  # fmt: skip
    for name, english, days, kind in (
        ("14 dagen", "14 days", 14, 0),
        ("30 dagen", "30 days", 30, 0),
        ("8 dagen", "8 days", 8, 0),
        ("Contant", "Cash", 0, 2),
        ("Betaaldienst", "Payment service provider", 0, 5),
    ):
        term_id = stable_id(company.key, "terms", name)
        company.terms[term_id] = {
            "Id": term_id, "Name": name, "NameEnglish": english, "NumberOfDays": days,
            "TermsOfPaymentTypeId": kind, "TermsOfPaymentTypeText": english,
            "AvailableForSales": True, "AvailableForPurchase": kind in (0, 2),
        }  # fmt: skip


_TABLES = (("customers", "CustomerNumber"), ("suppliers", "SupplierNumber"),
           ("articles", "Number"), ("customerinvoicedrafts", "Id"), ("orders", "Id"),
           ("customerledgeritems", "Id"), ("vouchers", "Id"),
           ("attachments", "Id"), ("supplierinvoicedrafts", "Id"),
           ("supplierinvoices", "Id"))  # fmt: skip


def fill(company: Company, store: Store) -> Company:
    """Give a company its years, chart, VAT codes, lists and tables."""
    _add_years(company)
    _add_vat(company)
    _add_chart(company)
    _add_lists(company)
    for name, number in _TABLES:
        company.tables[name] = Table(store, f"{name}:{company.key}", number)
    return company
