"""The forecast of a month's calls, and the addresses they go to."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from plugins.eboekhouden.budget import forecast, month_bounds
from plugins.eboekhouden.client.http import secured, split

HOME = ZoneInfo("Europe/Amsterdam")


def test_an_address_becomes_https_except_on_loopback() -> None:
    assert secured("http://soap.e-boekhouden.nl/soap.asmx") == (
        "https://soap.e-boekhouden.nl/soap.asmx"
    )
    assert secured("http://127.0.0.1:8104/x") == "http://127.0.0.1:8104/x"
    assert split("https://soap.e-boekhouden.nl/soap.asmx?WSDL") == (
        "https://soap.e-boekhouden.nl/", "soap.asmx?WSDL",
    )  # fmt: skip
    with pytest.raises(ValueError, match="refused"):
        secured("https://a:b@example.com/")


def test_the_forecast_is_in_proportion_to_the_time_passed() -> None:
    half = datetime(2026, 4, 16, tzinfo=HOME)
    assert forecast(1500, half, 5000).expected == 3000
    assert not forecast(1500, half, 5000).exceeds
    assert forecast(2600, half, 5000).exceeds
    assert not forecast(9999, half, None).exceeds


def test_the_first_day_counts_as_whole() -> None:
    early = datetime(2026, 4, 1, 0, 10, tzinfo=HOME)
    assert forecast(4, early, 5000).expected == 120
    assert forecast(0, early, 5000).expected == 0


def test_a_month_ends_where_the_next_begins() -> None:
    begin, end = month_bounds(datetime(2024, 2, 29, 23, 59, tzinfo=HOME))
    assert (begin.date(), end.date()) == (date(2024, 2, 1), date(2024, 3, 1))
