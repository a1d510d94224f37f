"""The vendor's words: field names, lengths, VAT codes (SOAP manual 5.5, contract 4, 5).

Records go as plain dicts with the SOAP names, whichever interface carries them; the
REST names stand beside them here. Amounts are Decimal euros, dates local dates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Body = dict[str, Any]

SOURCE = "Koppelwerk"
"""Who we say we are: 15 characters by SOAP, 10 without signs by REST (2, 8.1)."""
SALES_INVOICE = "FactuurVerstuurd"
PURCHASE_INVOICE = "FactuurOntvangen"
PAYMENT_IN = "FactuurbetalingOntvangen"
"""Money received on an invoice sent; negative: paid back (8.3, type 3 and 4: a payment
*sent* settles an invoice of a creditor)."""
JOURNAL = "Memoriaal"
EXCL_VAT = "EX"
NO_VAT = "GEEN"
"""The code of what is outside VAT."""
MOST_LINES = 100
"""Lines of an entry by SOAP (4.2); REST takes 500, we stay below both."""
MOST_ENTRIES = 500
"""GetMutaties gives the newest so many rows (2)."""
CODE, INVOICE_NUMBER, DESCRIPTION, VOUCHER, REFERENCE = 15, 50, 200, 50, 50
REST_DESCRIPTION = 50
LINE_TEXT = "Omschrijving"
"""Of a line: what was sold. Only REST's rows have it (8.3)."""
LINE_FIELDS = (
    "BedragInvoer", "BedragExclBTW", "BedragBTW", "BedragInclBTW", "BTWCode",
    "BTWPercentage", "TegenrekeningCode", "KostenplaatsID",
)  # fmt: skip
"""All that a line has by SOAP (4.2)."""
DEBTORS, PROFIT_AND_LOSS, MONEY, BALANCE = "DEB", "VW", "FIN", "BAL"
CREDITORS = "CRED"
"""Ledger categories (4.3): receivables, revenue among costs, and banks, cash and
clearing accounts, the only ones that payments come in on (8.3)."""
BUSINESS, PRIVATE = "B", "P"

RELATION_LIMITS = {
    "Code": 15, "Bedrijf": 100, "Contactpersoon": 50, "Geslacht": 1,
    "Adres": 150, "Postcode": 50, "Plaats": 50, "Land": 50,
    "Adres2": 150, "Postcode2": 50, "Plaats2": 50, "Land2": 50,
    "Telefoon": 50, "GSM": 50, "FAX": 50, "Email": 150, "Site": 50,
    "BTWNummer": 50, "KvkNummer": 50, "Aanhef": 50, "IBAN": 50, "BIC": 50, "BP": 1,
}  # fmt: skip
"""Longest texts (4.1); a contact may be 150 when added but 50 when changed."""
RELATION_REST = {
    "ID": "id", "AddDatum": "date", "Code": "code", "Bedrijf": "name",
    "Contactpersoon": "contact", "Geslacht": "gender", "Adres": "address",
    "Postcode": "postalCode", "Plaats": "city", "Land": "country",
    "Adres2": "address2", "Postcode2": "postalCode2", "Plaats2": "city2",
    "Land2": "country2", "Telefoon": "phoneNumber", "GSM": "mobilePhoneNumber",
    "FAX": "faxNumber", "Email": "emailAddress", "Site": "website",
    "Notitie": "note", "BTWNummer": "vatNumber",
    "KvkNummer": "companyRegistrationNumber", "Aanhef": "salutation",
    "IBAN": "iban", "BIC": "bic", "BP": "type", "Gb_ID": "ledgerId",
    "GeenEmail": "doNotReceiveNewsletters",
    **{f"Def{number}": f"freeText{number}" for number in range(1, 11)},
}  # fmt: skip
"""SOAP name to REST name (8.3)."""
RELATION_DEFAULTS: Body = {
    "ID": 0, "AddDatum": None, "Gb_ID": 0, "GeenEmail": 0, "NieuwsbriefgroepenCount": 0,
    **dict.fromkeys((*RELATION_LIMITS, "Notitie", "Bankrekening", "Girorekening"), ""),
    **{f"Def{number}": "" for number in range(1, 11)},
    "LA": "0",
}  # fmt: skip
"""Every tag of a relation by SOAP: the manual wants all sent, unused numbers 0 (2)."""


@dataclass(frozen=True)
class VatCode:
    """A VAT code for sales; `rate` in percent, None where it is free."""

    code: str
    rate: Decimal | None
    use: str
    """`domestic`, `reverse`, `eu_goods`, `eu_services`, `export`, `distance`, `other`
    or `none`."""


def _codes(text: str) -> tuple[VatCode, ...]:
    rows = (line.split() for line in text.strip().splitlines())
    return tuple(
        VatCode(code, None if rate == "-" else Decimal(rate), use)
        for code, rate, use in rows
    )


SALE_CODES = {
    "NL": _codes("""
        HOOG_VERK_21   21  domestic
        LAAG_VERK_9    9   domestic
        HOOG_VERK      19  domestic
        LAAG_VERK      6   domestic
        VERL_VERK      0   reverse
        VERL_VERK_L9   0   reverse
        BI_EU_VERK     0   eu_goods
        BI_EU_VERK_D   0   eu_services
        BU_EU_VERK     0   export
        AFST_VERK      0   distance
        AFW_VERK       -   other
        GEEN           0   none
    """),
    "BE": _codes("""
        BE_21_VERK     21  domestic
        BE_12_VERK     12  domestic
        BE_6_VERK      6   domestic
        BE_0_VERK      0   domestic
        BE_VERL_VERK   0   reverse
        BE_IC_VERK     0   eu_goods
        BE_IC_D_VERK   0   eu_services
        BE_EXP_VERK    0   export
        GEEN           0   none
    """),
}
"""By the country where the company is registered (5). A reverse-charged sale carries
no VAT, so its rate is 0 here although the vendor's table names the rate shifted."""


PURCHASE_CODES = {
    "NL": _codes("""
        HOOG_INK_21    21  domestic
        LAAG_INK_9     9   domestic
        GEEN           0   none
    """),
    "BE": _codes("""
        BE_21_INK      21  domestic
        BE_12_INK      12  domestic
        BE_6_INK       6   domestic
        BE_0_INK       0   domestic
        GEEN           0   none
    """),
}
"""Of what is bought at home (5). How amounts of reverse-charged and foreign purchases
are to be given is not told, so their codes are not used."""


def purchase_codes(country: str) -> tuple[VatCode, ...]:
    """Return the VAT codes of purchases; the Dutch ones for any other country."""
    return PURCHASE_CODES.get(country, PURCHASE_CODES["NL"])


def purchase_code(code: str) -> VatCode | None:
    """Return a VAT code of purchases by name, of whichever country."""
    return _named(code, PURCHASE_CODES)


def sale_codes(country: str) -> tuple[VatCode, ...]:
    """Return the VAT codes of a company's country; the Dutch ones for any other."""
    return SALE_CODES.get(country, SALE_CODES["NL"])


def sale_code(code: str) -> VatCode | None:
    """Return a VAT code of sales by name, of whichever country."""
    return _named(code, SALE_CODES)


def _named(code: str, countries: Mapping[str, Sequence[VatCode]]) -> VatCode | None:
    every = (found for codes in countries.values() for found in codes)
    return next((found for found in every if found.code == code), None)


UNREADABLE = "Unreadable"
"""Key of a record that cannot be read as it stands, with what could be made of it: it
is never written back. Without `Bedrijf` only what names it is known."""


class Malformed(ValueError):
    """An answer lacks what the contract promises."""


def named(row: Body) -> dict[str, str]:
    """Return what names a record, for the words about it."""
    return {"number": str(row.get("Code") or "-"), "id": str(row.get("ID") or "-")}
