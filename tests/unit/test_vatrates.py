"""VAT rates by country and day, also against the data files they come from."""

import json
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import eu_vat_rates_data
import pytest

from core.rules import vatrates
from core.rules.vatrates import MEMBER_STATES, NoVatRates, is_member_state, rates
from core.rules.vatrates_compare import differences
from tests.shared import shared_file

STATE = date(2026, 9, 29)


def test_there_are_27_member_states_with_rates_on_every_day_since_2010() -> None:
    assert len(MEMBER_STATES) == 27
    for country in MEMBER_STATES:
        for day in (vatrates.FIRST_DAY, date(2011, 7, 1), STATE):
            found = rates(country, day)
            assert 15 <= found.standard <= 27
            assert found.standard_from <= day
            assert found.reduced_from <= day
            assert all(rate <= found.standard for rate in found.all_rates)


@pytest.mark.parametrize(
    ("country", "day", "expected"),
    [
        ("NL", date(2011, 6, 1), "19"),
        ("NL", date(2012, 9, 30), "19"),
        ("NL", date(2012, 10, 1), "21"),
        ("DE", date(2020, 12, 31), "16"),
        ("FR", date(2010, 12, 1), "19.6"),
        ("IE", date(2011, 12, 9), "21"),
        ("PT", date(2010, 12, 31), "21"),
        ("PT", date(2011, 1, 1), "23"),
        ("FI", date(2026, 1, 1), "25.5"),
    ],
)
def test_the_day_decides_the_standard_rate(
    country: str, day: date, expected: str
) -> None:
    assert rates(country, day).standard == Decimal(expected)


def test_lower_rates_change_by_day_too() -> None:
    assert rates("FI", date(2025, 12, 31)).reduced == (Decimal(10), Decimal(14))
    assert rates("FI", date(2026, 1, 1)).reduced == (Decimal(10), Decimal("13.5"))
    assert rates("AT", STATE).super_reduced == Decimal("4.9")
    assert rates("DK", STATE).all_rates == (Decimal(25),)
    assert rates("BE", STATE).all_rates == (Decimal(21), Decimal(12), Decimal(6))


def test_unknown_countries_and_days_are_refused() -> None:
    for country, day in (("US", STATE), ("GB", STATE), ("NL", date(2009, 12, 31))):
        with pytest.raises(NoVatRates):
            rates(country, day)


def test_membership_follows_the_day() -> None:
    assert not is_member_state("HR", date(2013, 6, 30))
    assert is_member_state("HR", date(2013, 7, 1))
    assert is_member_state("GR", STATE)
    assert not is_member_state("GB", date(2011, 1, 1))
    assert not is_member_state("", STATE)


def test_vies_has_its_own_prefixes() -> None:
    assert vatrates.vat_number_prefix("GR") == "EL"
    assert vatrates.vat_number_prefix("XI") == "XI"
    assert vatrates.vat_number_prefix("NL") == "NL"
    with pytest.raises(NoVatRates):
        vatrates.vat_number_prefix("GB")


def test_standard_rates_agree_with_the_history_file() -> None:
    path = shared_file("contracts/vat/standard-rate-history-2016-2026.tsv")
    rows = [line.split("\t") for line in path.read_text().splitlines()[2:]]
    assert len(rows) == 40
    for code, day, rate in rows:
        country = "GR" if code == "EL" else code
        assert rates(country, date.fromisoformat(day)).standard == Decimal(rate)
    for country in MEMBER_STATES:
        code = "EL" if country == "GR" else country
        last = [row for row in rows if row[0] == code][-1]
        assert rates(country, STATE).standard == Decimal(last[2])


def test_rates_agree_with_the_locked_list_of_the_commissions() -> None:
    """A newer list that differs fails here: `flask vat-rates` shows what changed."""
    file = Path(str(files(eu_vat_rates_data))) / "eu_vat_rates_data.json"
    listed = json.loads(file.read_text("utf-8"), parse_float=Decimal)
    on = date.fromisoformat(listed["version"])
    members = {code for code, row in listed["rates"].items() if row["eu_member"]}
    assert members == set(MEMBER_STATES)
    assert differences(listed["rates"], on) == []
    listed["rates"]["NL"] |= {"standard": Decimal(22), "reduced": [Decimal(9)]}
    assert differences(listed["rates"], on) == [
        "NL: standard 22 there, 21 here", "NL: 22 only there", "NL: 21 only here",
    ]  # fmt: skip


LOWER = [
    ("LU", 2019, "17 14 8 3"), ("LU", 2023, "16 13 7 3"), ("LU", 2024, "17 14 8 3"),
    ("CY", 2024, "19 9 5 3"), ("MT", 2024, "18 12 7 5"), ("CZ", 2012, "20 14"),
    ("GR", 2015, "23 13 6.5"), ("GR", 2016, "23 13 6"), ("PL", 2010, "22 7 3"),
    ("ES", 2025, "21 10 4"), ("AT", 2021, "20 13 10 5"), ("NL", 2026, "21 9"),
]  # fmt: skip


@pytest.mark.parametrize(("country", "year", "expected"), LOWER)
def test_the_set_of_a_day(country: str, year: int, expected: str) -> None:
    found = rates(country, date(year, 1, 1)).all_rates
    assert " ".join(map(str, found)) == expected


def test_a_period_has_every_rate_of_its_days() -> None:
    def between(country: str, first: date, last: date) -> list[str]:
        return [str(rate) for rate in vatrates.rates_between(country, first, last)]

    old = date(2024, 1, 1)
    assert between("EE", old, STATE) == ["24", "22", "13", "9", "5"]
    assert between("FI", old, date(2024, 12, 31)) == ["25.5", "24", "14", "10"]
    assert between("RO", old, date(2024, 2, 1)) == ["19", "9", "5"]
    assert between("GB", date(2019, 1, 1), STATE) == ["20", "5"]
    assert between("GB", date(2021, 1, 1), STATE) == []
    assert between("XI", date(2019, 1, 1), STATE) == ["20", "5"]


def test_changes_are_known_by_day() -> None:
    found = vatrates.changes_between(date(2025, 7, 1), date(2026, 7, 1))
    told = {
        (each.country, each.on.isoformat()): [
            " ".join(map(str, rates)) for rates in (each.ends, each.begins)
        ]
        for each in found
    }
    assert told[("EE", "2025-07-01")] == ["22", "24"]
    assert told[("LT", "2026-01-01")] == ["9", "12"]
    assert told[("AT", "2026-07-01")] == ["", "4.9"]
    assert ("NL", "2026-01-01") not in told
