"""Read-only lists: settings, fiscal years, accounts, VAT codes, units, terms."""

from flask import Response

from core.kit.sandbox.app import json_response
from plugins.eaccounting.sandbox.access import endpoint
from plugins.eaccounting.sandbox.errors import missing, unknown
from plugins.eaccounting.sandbox.fields import Body, Shape
from plugins.eaccounting.sandbox.pages import listing
from plugins.eaccounting.sandbox.vatdata import CURRENCIES, ELSEWHERE, EU
from plugins.eaccounting.sandbox.world import Company

ACCOUNT = Shape(
    """
    Name text 100 required
    Number text required
    VatCodeId uuid?
    FiscalYearId uuid required
    IsActive bool required
    ModifiedUtc date ro
    """
)
VAT_CODE = Shape(
    """
    Id uuid ro
    Code text?
    VatRate number
    OssCodeType int
    """
)
_PLAIN = Shape("Id uuid ro")

COUNTRIES: dict[str, Body] = {
    code: {"Name": name, "NameEnglish": english, "Code": code, "IsEuMember": eu}
    for code, name, english, eu in sorted(
        [(c, n, e, True) for c, (n, e, _) in EU.items()]
        + [(c, n, e, False) for c, (n, e) in ELSEWHERE.items()]
    )
}


@endpoint("/companysettings", "companysettings")
def company_settings(company: Company) -> Response:
    """Answer the company's settings (not paged)."""
    return json_response(company.settings)


@endpoint("/fiscalyears", "fiscalyears")
def fiscal_years(company: Company) -> Response:
    """List the fiscal years."""
    return listing(company.years, "fiscalyears", _PLAIN)


@endpoint("/fiscalyears/<year>", "fiscalyears")
def fiscal_year(company: Company, year: str) -> Response:
    """Answer one fiscal year, or 404."""
    return json_response(_found(company.years, year, "Fiscal year"))


def _found(items: list[Body], key: str, what: str) -> Body:
    for item in items:
        if item["Id"] == key.lower():
            return item
    raise missing(what)


@endpoint("/accounts", "accounts")
def accounts(company: Company) -> Response:
    """List the accounts of all fiscal years."""
    years = company.accounts.values()
    return listing([a for year in years for a in year.values()], "accounts", ACCOUNT)


@endpoint("/accounts/standardaccounts", "accounts")
def standard_accounts(company: Company) -> Response:
    """List which account is used for what (Dutch companies only)."""
    numbers = (
        ("AccountsReceivable", company.receivables),
        ("AccountsPayable", 1600),
        ("OutgoingVatHigh", 1520),
        ("OutgoingVatLow", 1530),
        ("IngoingVat", 1590),
    )
    rows: list[Body] = [{"AccountType": t, "AccountNumber": n} for t, n in numbers]
    dutch = company.settings["CountryCode"] == "NL"
    return listing(rows if dutch else [], "standardaccounts", _PLAIN)


@endpoint("/accounts/<year>", "accounts")
def accounts_of_year(company: Company, year: str) -> Response:
    """List the accounts of one fiscal year."""
    found = company.accounts.get(year.lower())
    if found is None:
        raise unknown("fiscalyearId", year)
    return listing(list(found.values()), "accounts", ACCOUNT)


@endpoint("/accounts/<year>/<number>", "accounts")
def account(company: Company, year: str, number: str) -> Response:
    """Answer one account, or 404."""
    found = company.accounts.get(year.lower(), {}).get(number)
    if found is None:
        raise missing("Account")
    return json_response(found)


@endpoint("/vatcodes", "vatcodes")
def vat_codes(company: Company) -> Response:
    """List the VAT codes; OSS codes only when the company uses OSS."""
    oss = company.settings["UsesMoss"]
    codes = [c for c in company.vat_codes.values() if oss or not c["OssCodeType"]]
    return listing(codes, "vatcodes", VAT_CODE)


@endpoint("/vatcodes/<key>", "vatcodes")
def vat_code(company: Company, key: str) -> Response:
    """Answer one VAT code, or 404."""
    return json_response(_found(list(company.vat_codes.values()), key, "VAT code"))


@endpoint("/articleaccountcodings", "articleaccountcodings")
def codings(company: Company) -> Response:
    """List the codings an article can have."""
    return listing(list(company.codings.values()), "articleaccountcodings", _PLAIN)


@endpoint("/articleaccountcodings/<key>", "articleaccountcodings")
def coding(company: Company, key: str) -> Response:
    """Answer one coding; an unknown id is a 400."""
    return json_response(_known(company.codings, key, "articleAccountCodingId"))


@endpoint("/units", "units")
def units(company: Company) -> Response:
    """List the units."""
    return listing(list(company.units.values()), "units", _PLAIN)


@endpoint("/units/<key>", "units")
def unit(company: Company, key: str) -> Response:
    """Answer one unit, or 404."""
    return json_response(_found(list(company.units.values()), key, "Unit"))


@endpoint("/termsofpayments", "termsofpayments")
def terms(company: Company) -> Response:
    """List the terms of payment."""
    return listing(list(company.terms.values()), "termsofpayments", _PLAIN)


@endpoint("/termsofpayments/<key>", "termsofpayments")
def term(company: Company, key: str) -> Response:
    """Answer one term of payment; an unknown id is a 400."""
    return json_response(_known(company.terms, key, "id"))


def _known(items: dict[str, Body], key: str, name: str) -> Body:
    if key.lower() not in items:
        raise unknown(name, key)
    return items[key.lower()]


@endpoint("/countries", "countries")
def countries(_company: Company) -> Response:
    """List the countries."""
    return listing(list(COUNTRIES.values()), "countries", _PLAIN)


@endpoint("/countries/<code>", "countries")
def country(_company: Company, code: str) -> Response:
    """Answer one country; an unknown code is a 400."""
    if code.upper() not in COUNTRIES:
        raise unknown("countrycode", code)
    return json_response(COUNTRIES[code.upper()])


@endpoint("/currencies", "currencies")
def currencies(_company: Company) -> Response:
    """List the currencies."""
    return listing([{"Code": code} for code in CURRENCIES], "currencies", _PLAIN)
