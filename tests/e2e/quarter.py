"""What is sold in a quarter, and what its returns must say, by a sum of our own."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

import requests

from core.domain import jsontext
from core.domain.clock import local_date, utcnow
from core.domain.declarations import DeclarationKind
from core.main.stack import Stack
from plugins.belastingdienst.xbrl.declared import Declared, read_back

TAX_NUMBER = "001000044B37"
INPUT_VAT = Decimal("212.10")
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Customer:
    """A relation, as it is typed."""

    name: str
    email: str
    postal_code: str
    city: str
    country: str
    vat_number: str = ""


@dataclass(frozen=True)
class Invoice:
    """An invoice of the quarter: its day, and quantity, price and VAT code of lines."""

    customer: Customer
    day: int
    lines: tuple[tuple[str, str, str], ...]
    by_mail: bool = False
    credited_on: int | None = None


BAKERY = Customer(
    "Bakkerij De Korrel", "inkoop@korrel.example", "3511 LX", "Utrecht", "NL"
)
SCHOOL = Customer(
    "Basisschool De Zwaan", "adm@zwaan.example", "8011 AB", "Zwolle", "NL"
)
GERMAN = Customer(
    "Radhaus GmbH", "rechnung@radhaus.example", "10115", "Berlin", "DE", "DE136695976"
)
BELGIAN = Customer(
    "Fietspunt BV", "facturen@fietspunt.example", "9000", "Gent", "BE", "BE0428759497"
)
CUSTOMERS = (BAKERY, SCHOOL, GERMAN, BELGIAN)
INVOICES = (
    Invoice(BAKERY, 3, (("2", "499,95", "NL21"), ("1", "12,10", "NL21")), by_mail=True),
    Invoice(SCHOOL, 20, (("1,5", "40,33", "NL9"), ("1", "99,99", "NL21"))),
    Invoice(GERMAN, 33, (("4", "449,19", "NLICL"),), by_mail=True),
    Invoice(BELGIAN, 40, (("12,5", "65", "NLICD"),)),
    Invoice(BAKERY, 55, (("1", "57,81", "NL21"),), credited_on=60),
)
"""Days count from the first of the quarter. In 3b the cents add up to a euro."""
RATES = {"NL21": Decimal(21), "NL9": Decimal(9)}


def amount(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


def per_code() -> Iterator[tuple[str, Decimal]]:
    """Yield what every invoice has under a code; what was credited adds up to zero."""
    for invoice in INVOICES:
        if invoice.credited_on is None:
            for code in {code for *_, code in invoice.lines}:
                sums = [
                    (amount(quantity) * amount(price)).quantize(CENT, ROUND_HALF_UP)
                    for quantity, price, found in invoice.lines
                    if found == code
                ]
                yield code, sum(sums, Decimal(0))


def sold(*codes: str) -> Decimal:
    return sum((found for code, found in per_code() if code in codes), Decimal(0))


def vat(code: str) -> Decimal:
    """VAT per invoice and code, rounded to the cent there."""
    found = (
        (excl * RATES[code] / 100).quantize(CENT, ROUND_HALF_UP)
        for each, excl in per_code()
        if each == code
    )
    return sum(found, Decimal(0))


def down(exact: Decimal) -> Decimal:
    return exact.to_integral_value(ROUND_FLOOR)


def up(exact: Decimal) -> Decimal:
    return exact.to_integral_value(ROUND_CEILING)


def arrived(stack: Stack) -> dict[str, Declared]:
    """Return what the tax office got, by kind; twice the same kind fails."""
    address = f"{stack.addresses['belastingdienst']}/_control/ledger?kind=delivery"
    rows = [row["body"] for row in jsontext.loads(requests.get(address).content)]
    assert sorted(row["berichtsoort"] for row in rows) == ["ICP", "Omzetbelasting"]
    assert {row["nummer"] for row in rows} == {TAX_NUMBER}
    kinds = {"ICP": DeclarationKind.ICP, "Omzetbelasting": DeclarationKind.VAT_RETURN}
    return {
        row["berichtsoort"]: read_back(
            row["inhoud"].encode(), kinds[row["berichtsoort"]]
        )
        for row in rows
    }


def check_return(declared: Declared) -> None:
    found = {
        str(rubric): (box.turnover, box.vat)
        for rubric, box in declared.boxes.items()
        if box.turnover or box.vat
    }
    owed = down(vat("NL21")) + down(vat("NL9"))
    assert found == {
        "1a": (down(sold("NL21")), down(vat("NL21"))),
        "1b": (down(sold("NL9")), down(vat("NL9"))),
        "3b": (down(sold("NLICL", "NLICD")), 0),
        "5b": (0, up(INPUT_VAT)),
    }
    assert declared.totals == {"5a": owed, "5g": owed - up(INPUT_VAT)}


def check_icp(declared: Declared) -> None:
    found = {
        (str(row.kind), row.customer.country + row.customer.vat_number, row.amount)
        for row in declared.rows
    }
    assert found == {
        ("goods", GERMAN.vat_number, down(sold("NLICL"))),
        ("services", BELGIAN.vat_number, down(sold("NLICD"))),
    }


def last_quarter() -> tuple[date, str]:
    """Return the first day of the quarter that ended last, and how people call it."""
    today = local_date(utcnow(), "Europe/Amsterdam")
    month = (today.month - 1) // 3 * 3 + 1
    before = date(today.year, month, 1) - timedelta(days=1)
    number = (before.month - 1) // 3 + 1
    return date(before.year, before.month - 2, 1), f"{number}e kwartaal {before.year}"
