"""The questions of the last return, each with its sums by hand."""

from datetime import date
from decimal import Decimal

import pytest

from plugins.belastingdienst.law import year_end
from plugins.belastingdienst.law.spans import month_of, year_of
from plugins.belastingdienst.law.year_end import Asset, Benefit, Car
from tests.quarters import quarter

D = date.fromisoformat


def service(in_use: str, price: int) -> Asset:
    vat, amount = Decimal(6300), Decimal(price)
    return Asset("3", vat, Decimal(100), D(in_use), service_amount=amount)


def property_of(in_use: str) -> Asset:
    return Asset("2", Decimal(21_000), Decimal(0), D(in_use), is_property=True)


def test_asked_in_the_last_return_of_the_year_only() -> None:
    for period in (
        quarter(2026, 4),
        month_of(D("2026-12-01")),
        year_of(D("2026-01-01")),
    ):
        assert len(year_end.prompts(period)) == 4
    for period in (quarter(2026, 3), month_of(D("2026-11-01"))):
        assert year_end.prompts(period) == ()
    left = year_end.prompts(quarter(2026, 4), ["year_end_car"])
    assert [each.box for each in left] == ["1d", "5b", "5b"]


@pytest.mark.parametrize(
    ("car", "vat"),
    [
        # 2.7 % of 40,000
        (Car(Decimal(40_000), D("2023-05-01")), "1080.00"),
        # 2022 to 2026 are five years: still 2.7 %; 2021 is one more
        (Car(Decimal(40_000), D("2022-12-31")), "1080.00"),
        (Car(Decimal(40_000), D("2021-12-31")), "600.00"),
        (Car(Decimal(40_000), D("2025-01-01"), None, False), "600.00"),
        # from 1 October: 92 of 365 days of 1,080 is 272.219...
        (Car(Decimal(40_000), D("2026-10-01")), "272.22"),
        # until 31 January: 31 of 365 days of 600 is 50.958...
        (Car(Decimal(40_000), D("2019-01-01"), D("2026-01-31")), "50.96"),
        # half of the turnover is taxed
        (Car(Decimal(40_000), D("2023-05-01"), None, True, Decimal(50)), "540.00"),
        (Car(Decimal(40_000), D("2027-01-01")), "0"),
        (Car(Decimal(40_000), D("2019-01-01"), D("2025-12-31")), "0"),
    ],
)
def test_private_use_of_a_car(car: Car, vat: str) -> None:
    assert year_end.car_vat(car, 2026) == Decimal(vat)


def test_a_car_owes_at_most_what_was_deducted() -> None:
    car = Car(Decimal(40_000), D("2023-05-01"))
    most = year_end.car_at_most(car, 2026, Decimal("300.10"), Decimal(5000))
    assert most == Decimal("1300.10")
    old = year_end.car_at_most(car, 2028, Decimal("300.10"), Decimal(5000))
    assert old == Decimal("300.10")


def test_gifts_and_staff_above_227_a_person() -> None:
    benefits = [
        Benefit("Anna", Decimal("200.00"), Decimal("42.00")),
        Benefit("Anna", Decimal("27.01"), Decimal("5.67")),
        Benefit("Bram", Decimal("227.00"), Decimal("47.67")),
    ]
    assert year_end.bua_vat(benefits) == {"Anna": Decimal("47.67")}


@pytest.mark.parametrize(
    ("asset", "year", "share", "vat"),
    [
        # 2,100 fully deducted; in the first year 60 % taxed: 40 % of it goes back
        (Asset("1", Decimal(2100), Decimal(100), D("2026-02-01")), 2026, 60, "840.00"),
        # later a fifth: 420 a year, 40 % of it
        (Asset("1", Decimal(2100), Decimal(100), D("2024-02-01")), 2026, 60, "168.00"),
        (Asset("1", Decimal(2100), Decimal(100), D("2024-02-01")), 2026, 90, "0"),
        (Asset("1", Decimal(2100), Decimal(100), D("2024-02-01")), 2026, 89, "46.20"),
        (Asset("1", Decimal(2100), Decimal(100), D("2021-02-01")), 2026, 0, "0"),
        # nothing deducted, now fully taxed: a tenth of property's 21,000 comes back
        (property_of("2017-06-01"), 2026, 100, "-2100.00"),
        (property_of("2016-06-01"), 2026, 100, "0"),
        (service("2026-01-01", 30_000), 2027, 0, "1260.00"),
        (service("2025-12-31", 30_000), 2027, 0, "0"),
        (service("2026-01-01", 29_999), 2027, 0, "0"),
    ],
)
def test_revision(asset: Asset, year: int, share: int, vat: str) -> None:
    assert year_end.revised_vat(asset, year, Decimal(share)) == Decimal(vat)
