"""A year of a shop with invoices beside it, read and filed by month and by quarter.

The boxes are reckoned here in whole cents from what the test itself made up, with the
days of Amsterdam; nothing of the product's law or figures is used.
FILED_YEAR=whole files all twelve months; CI takes two, and all quarters.
"""

import os
import random
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import select

from core.domain.declarations import DeclarationKind, TaxPeriod
from core.domain.orders import LineKind, Order, OrderLine, Refund
from core.models import Connection, Tenant
from core.runtime.database import session
from plugins.belastingdienst.figures import period_figures
from plugins.belastingdienst.law.spans import quarter_of
from plugins.belastingdienst.models import Administration, OssRegister
from plugins.belastingdienst.models.filing import FilingStage
from plugins.belastingdienst.oss import reading, registers
from plugins.belastingdienst.oss.returns import Books
from plugins.belastingdienst.sales import own_sales
from plugins.belastingdienst.tasks import read_figures, read_oss
from tests.contract.belastingdienst.conftest import World as Outside
from tests.integration.belastingdienst import invoice_samples
from tests.integration.belastingdienst.shop_samples import (
    line,
    order,
    record,
    refund,
    shop,
)
from tests.integration.conftest import files, tax_office
from tests.integration.filing_world import NUMBERS as TAX_NUMBERS
from tests.integration.filing_world import Files

__all__ = ["Outside", "files", "tax_office"]  # fixtures
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
FIRST, DAYS = datetime(2025, 10, 1, tzinfo=UTC), 365
MONTHS = [(2025, 10 + n) if n < 3 else (2026, n - 2) for n in range(12)]
FILED = MONTHS if os.environ.get("FILED_YEAR") == "whole" else MONTHS[:2]
QUARTERS = [(2025, 4), (2026, 1), (2026, 2), (2026, 3)]
ABROAD = {"DE": "19", "FR": "20", "ES": "21"}
NUMBERS = {"BE": "BE0403019261", "DE": "DE136695976"}
ELEMENTS = {
    "1a": ("TaxedTurnoverSuppliesServicesGeneralTariff",
           "ValueAddedTaxSuppliesServicesGeneralTariff"),
    "1b": ("TaxedTurnoverSuppliesServicesReducedTariff",
           "ValueAddedTaxSuppliesServicesReducedTariff"),
    "3a": ("SuppliesToCountriesOutsideTheEC", ""),
    "3b": ("SuppliesToCountriesWithinTheEC", ""),
}  # fmt: skip
"""Turnover and VAT of the boxes that a shop has, as the taxonomy calls them."""
NOTHING = (
    *(name for pair in ELEMENTS.values() for name in pair if name),
    "TaxedTurnoverSuppliesServicesOtherRates",
    "ValueAddedTaxSuppliesServicesOtherRates",
    "TaxedTurnoverPrivateUse",
    "ValueAddedTaxPrivateUse",
    "SuppliesServicesNotTaxed",
    "TurnoverSuppliesServicesByWhichVATTaxationIsTransferred",
    "ValueAddedTaxSuppliesServicesByWhichVATTaxationIsTransferred",
    "InstallationDistanceSalesWithinTheEC",
    "TurnoverFromTaxedSuppliesFromCountriesOutsideTheEC",
    "ValueAddedTaxOnSuppliesFromCountriesOutsideTheEC",
    "TurnoverFromTaxedSuppliesFromCountriesWithinTheEC",
    "ValueAddedTaxOnSuppliesFromCountriesWithinTheEC",
    "ValueAddedTaxOnInput",
)
"""Every figure of the form: what was not done stands there as zero."""
Key = tuple[int, int, str, str]
"""Year, month, box, what (`turnover` or `vat`)."""


@dataclass
class Year:
    """What was sold, in cents, as this test counts it."""

    boxes: Counter[Key] = field(default_factory=Counter)
    icp: Counter[tuple[int, int, str, str]] = field(default_factory=Counter)
    oss: Counter[tuple[date, str]] = field(default_factory=Counter)
    orders: list[Order] = field(default_factory=list)
    invoices: list[dict[str, Any]] = field(default_factory=list)

    def add(self, on: date, box: str, excl: int, vat: int = 0) -> None:
        self.boxes[on.year, on.month, box, "turnover"] += excl
        self.boxes[on.year, on.month, box, "vat"] += vat

    def quarter(self, year: int, number: int) -> dict[str, tuple[int, int]]:
        return self.of([(year, number * 3 - 2 + n) for n in range(3)])

    def of(self, months: list[tuple[int, int]]) -> dict[str, tuple[int, int]]:
        boxes = {key[2] for key in self.boxes if key[:2] in months}
        found = {
            box: tuple(
                sum(self.boxes[(*month, box, what)] for month in months)
                for what in ("turnover", "vat")
            )
            for box in sorted(boxes)
        }
        return {box: (pair[0], pair[1]) for box, pair in found.items() if any(pair)}


def vat_within(incl: int, rate: str) -> int:
    """VAT in an amount, in cents, half away from zero."""
    percent = int(rate)
    return (2 * incl * percent + 100 + percent) // (2 * (100 + percent))


def euros(cents: int) -> str:
    sign, whole = "-" * (cents < 0), abs(cents)
    return f"{sign}{whole // 100}.{whole % 100:02}"


def lines_of(dice: random.Random, where: str) -> list[tuple[OrderLine, int, int]]:
    """Lines with what they come to excl VAT and their VAT, in cents."""
    rates = {"NL": ["21", "9", "21"]}.get(where, [ABROAD.get(where, "0")] * 2)
    found = []
    for place, rate in enumerate(rates):
        incl = dice.randint(150, 40_000)
        vat = vat_within(incl, rate)
        kind = LineKind.SHIPPING if place == 2 else LineKind.GOODS
        made = line(euros(incl), euros(vat), rate, kind, f"Artikel {place}")
        found.append((made, incl - vat, vat))
    return found


def year_of_the_shop() -> Year:
    """A sale a day, here and everywhere; a fifth of them comes back."""
    dice, year = random.Random(2026), Year()
    for number in range(DAYS):
        where = dice.choice(["NL", "NL", "NL", "DE", "FR", "ES", "ICP", "US"])
        minutes = dice.choice([600, 900, 1319, 1330, 1385, 1439])  # about midnight too
        at = FIRST + timedelta(days=number, minutes=minutes)
        sold = lines_of(dice, where)
        _count(year, where, at, at, sold, 1)
        back: list[Refund] = []
        if dice.random() < 0.2:
            taken = sold if dice.random() < 0.5 else sold[:1]
            moment = at + timedelta(days=dice.randint(0, 120), minutes=7)
            if moment < FIRST + timedelta(days=DAYS):
                _count(year, where, at, moment, taken, -1)
                lines = [made for made, _excl, _vat in taken]
                back.append(refund("r", moment.isoformat(), lines))
        year.orders.append(_order(number, where, at, sold, back))
    for number in range(60):
        _invoice(dice, year, number)
    return year


def _order(
    number: int,
    where: str,
    at: datetime,
    sold: list[tuple[OrderLine, int, int]],
    back: list[Refund],
) -> Order:
    lines = [made for made, _excl, _vat in sold]
    more: dict[str, Any] = {}
    if where == "ICP":
        more = {"vat_number": NUMBERS["BE"], "is_business": True,
                "reverse_charged": True}  # fmt: skip
    country = "BE" if where == "ICP" else where
    return order(f"{number:04}", at.isoformat(), country, lines, refunds=back, **more)


def _count(
    year: Year,
    where: str,
    sold_at: datetime,
    at: datetime,
    sold: list[tuple[OrderLine, int, int]],
    sign: int,
) -> None:
    on, sold_on = (each.astimezone(AMSTERDAM).date() for each in (at, sold_at))
    for made, excl, vat in sold:
        if where in ABROAD:
            start = date(sold_on.year, (sold_on.month - 1) // 3 * 3 + 1, 1)
            year.oss[start, where] += sign * vat
        elif where == "NL":
            box = "1a" if made.vat_rate == 21 else "1b"
            year.add(on, box, sign * excl, sign * vat)
        elif where == "US":
            year.add(on, "3a", sign * excl)
        else:
            year.add(on, "3b", sign * excl)
            year.icp[on.year, on.month, "goods", "BE"] += sign * excl


def _invoice(dice: random.Random, year: Year, number: int) -> None:
    code, box, rate = dice.choice(
        [("H", "1a", 21), ("L", "1b", 9), ("ICD", "3b", 0), ("EX", "3a", 0)]
    )
    excl = dice.randint(-5_000, 90_000)
    vat = (abs(excl) * rate + 50) // 100 * (1 if excl >= 0 else -1)
    on = FIRST.date() + timedelta(days=dice.randrange(DAYS))
    customer = None
    if box == "3b":
        year.icp[on.year, on.month, "services", "DE"] += excl
        customer = invoice_samples.german()
    year.add(on, box, excl, vat)
    year.invoices.append(
        {"number": f"F{number:03}", "line": (code, euros(excl)), "vat": euros(vat),
         "on": on, "customer": customer}
    )  # fmt: skip


YEAR = year_of_the_shop()


@pytest.fixture
def books(files: Files) -> Administration:
    tenant = session().get_one(Tenant, files.tenant.id)
    winkel = shop(tenant)
    record(winkel, *YEAR.orders)
    invoice = invoice_samples.maker(tenant)
    for one in YEAR.invoices:
        invoice(one["number"], one["line"], vat=one["vat"], on=one["on"],
                customer=one["customer"])  # fmt: skip
    return _sells_all(files, TAX_NUMBERS[0], winkel.id)


def _sells_all(files: Files, number: str, shop_id: int) -> Administration:
    """Add a taxpayer whose returns are made of all that was sold."""
    made = files.administration(number=number)
    choice = own_sales.choose(files.tenant.id, invoices=True, chosen=[shop_id])
    made.own_sales = choice.stored()
    registers.save(
        made, days=(date(2025, 10, 1), None), since=date(2025, 10, 1),
        sales=(True, [shop_id]), invoice_kind="services", user_id=files.user.id,
    )  # fmt: skip
    session().commit()
    return made


def read(administration_id: int, period: TaxPeriod) -> Any:
    of = session().get_one(Administration, administration_id)
    row = period_figures.of(of, period)
    row.reading, row_id = True, row.id
    session().commit()
    read_figures(row_id)
    return session().get_one(type(row), row_id)


def in_cents(row: Any) -> dict[str, tuple[int, int]]:
    boxes = period_figures.summary(row).boxes
    return {
        str(name): (int(box.turnover * 100), int(box.vat * 100))
        for name, box in sorted(boxes.items())
        if box.turnover or box.vat
    }


def test_a_year_by_month_and_by_quarter(books: Administration) -> None:
    administration_id = books.id
    for month in MONTHS:
        row = read(administration_id, TaxPeriod.month(*month))
        assert (row.code, row.doubts) == ("", []), month
        assert in_cents(row) == YEAR.of([month]), month
    for year, number in QUARTERS:
        row = read(administration_id, TaxPeriod.quarter(year, number))
        assert in_cents(row) == YEAR.quarter(year, number)
        rows = period_figures.summary(row).icp_amounts
        months = [(year, number * 3 - 2 + n) for n in range(3)]
        assert {
            (kind.value, who.country): int(amount * 100)
            for (kind, who), amount in rows.items()
        } == {
            (kind, country): total
            for kind, country in {key[2:] for key in YEAR.icp}
            if (total := sum(YEAR.icp[(*one, kind, country)] for one in months))
        }
    _check_oss()


def _check_oss() -> None:
    """Every sale and refund abroad, by the quarter of the sale, in no Dutch box."""
    register = session().scalars(select(OssRegister)).one()
    reading.ask(register)
    session().commit()
    read_oss(register.id)
    register = session().scalars(select(OssRegister)).one()
    taxpayer = registers.taxpayer(register.tenant_id, register.tax_number)
    found = Books(register, taxpayer, date(2026, 10, 5))
    for start in sorted({start for start, _country in YEAR.oss}):
        made = found.quarter(quarter_of(start)).made
        got: Counter[str] = Counter()
        for one in made.lines:
            got[one.country] += int(one.vat * 100)
        assert dict(got) == {
            country: vat for (day, country), vat in YEAR.oss.items() if day == start
        }


def test_a_year_filed_by_quarter_and_by_month(
    books: Administration, files: Files
) -> None:
    """Each on its own day; all that the tax office has got is reckoned here."""
    _file_year(files, books, [TaxPeriod.quarter(*one) for one in QUARTERS])
    shop_id = session().scalars(select(Connection.id)).one()
    monthly = _sells_all(files, TAX_NUMBERS[1], shop_id)
    _file_year(files, monthly, [TaxPeriod.month(*one) for one in FILED])
    lists = len(QUARTERS) + len(FILED) // 3
    assert len(files.arrived()) == len(QUARTERS) + len(FILED) + lists


def _clock_at(period: TaxPeriod) -> time_machine.travel:
    """Some days after a period, when one files."""
    return time_machine.travel(
        datetime(period.end.year, period.end.month, period.end.day, 9, tzinfo=UTC)
        + timedelta(days=5),
        tick=True,
    )


def _file_year(files: Files, of: Administration, periods: list[TaxPeriod]) -> None:
    """File the return of each period, and the ICP declaration of each quarter."""
    administration_id, number = of.id, of.tax_number
    for period in periods:
        months = [(one.start.year, one.start.month) for one in months_of(period)]
        with _clock_at(period):
            read(administration_id, period)
            sent = _filed(files, administration_id, period, DeclarationKind.VAT_RETURN)
            assert (sent["nummer"], sent["berichtsoort"]) == (number, "Omzetbelasting")
            assert _amounts(sent) == Counter(_return_of(YEAR.of(months))), period
            if period.end.month % 3:
                continue
            quarter = TaxPeriod.quarter(period.end.year, period.end.month // 3)
            sent = _filed(files, administration_id, quarter, DeclarationKind.ICP)
            assert (sent["nummer"], sent["berichtsoort"]) == (number, "ICP")
            assert _amounts(sent) == Counter(_icp_of(quarter)), period


def months_of(period: TaxPeriod) -> list[TaxPeriod]:
    first, last = period.start.month, period.end.month
    return [TaxPeriod.month(period.start.year, one) for one in range(first, last + 1)]


def _filed(
    files: Files, administration_id: int, period: TaxPeriod, kind: DeclarationKind
) -> dict[str, Any]:
    """Prepare, approve and send; return what the tax office has got of it."""
    of = session().get_one(Administration, administration_id)
    filing_id = files.approve(files.prepare(of, period, kind)).id
    files.work(filing_id, rounds=3)
    assert files.stage(filing_id) == (FilingStage.ACCEPTED, ""), (period, kind)
    reference = files.row(filing_id).reference
    (sent,) = [one for one in files.arrived() if one["aanleverkenmerk"] == reference]
    return sent


def _return_of(boxes: dict[str, tuple[int, int]]) -> list[tuple[str, int]]:
    """Return every figure of the form in whole euros, down, by its element."""
    whole = {
        box: (turnover // 100, vat // 100) for box, (turnover, vat) in boxes.items()
    }
    owed = sum(vat for _turnover, vat in whole.values())
    sums = {"ValueAddedTaxOwed": owed, "ValueAddedTaxOwedToBePaidBack": owed}
    found = dict.fromkeys(NOTHING, 0) | sums
    for box, (turnover, vat) in whole.items():
        found[ELEMENTS[box][0]] = turnover
        if ELEMENTS[box][1]:
            found[ELEMENTS[box][1]] = vat
    return list(found.items())


def _icp_of(quarter: TaxPeriod) -> list[tuple[str, int]]:
    """Return goods to Belgium and services to Germany, each rounded down."""
    months = [(one.start.year, one.start.month) for one in months_of(quarter)]
    found = [
        (name, sum(YEAR.icp[(*one, *row)] for one in months) // 100)
        for row, name in (
            (("goods", "BE"), "SuppliesAmount"), (("services", "DE"), "ServicesAmount"),
        )
    ]  # fmt: skip
    return [(name, amount) for name, amount in found if amount]


def _amounts(sent: dict[str, Any]) -> Counter[tuple[str, int]]:
    """Return every amount in the message that came in, by its element."""
    found = re.findall(r"<[\w-]+:(\w+) [^>]*unitRef[^>]*>(-?\d+)<", sent["inhoud"])
    return Counter((name, int(amount)) for name, amount in found)
