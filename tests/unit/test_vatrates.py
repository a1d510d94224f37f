"""VAT rates by country and day, also against the data files they come from."""

import json
from datetime import date
from decimal import Decimal

import pytest

from core.rules import vatrates
from core.rules.vatrates import MEMBER_STATES, NoVatRates, is_member_state, rates
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


def test_rates_agree_with_the_commissions_state() -> None:
    path = shared_file("contracts/vat/eu_vat_rates_data-2026-09-29.json")
    listed = json.loads(path.read_text(), parse_float=Decimal)["rates"]
    members = {code: row for code, row in listed.items() if row["eu_member"]}
    assert set(members) == set(MEMBER_STATES)
    for country, row in members.items():
        found = rates(country, STATE)
        assert found.standard == row["standard"]
        # the file also lists island and regional rates among the reduced ones
        assert set(found.reduced) <= set(row["reduced"])
