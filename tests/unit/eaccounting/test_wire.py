"""Reading the vendor's dates and lists, and writing filter literals."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from plugins.eaccounting import wire


@pytest.mark.parametrize(
    "text",
    ["2023-03-01T00:00:00Z", "2023-03-01T00:00:00", "2023-03-01",
     "2023-03-01T01:00:00+01:00"],
)  # fmt: skip
def test_dates_come_in_three_forms(text: str) -> None:
    assert wire.moment(text) == datetime(2023, 3, 1, tzinfo=UTC)


def test_filter_literals() -> None:
    local = datetime(2023, 3, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    assert wire.utc_literal(local) == "2023-03-01T00:00:00Z"
    assert wire.quoted("D'Arc") == "'D''Arc'"


def test_a_page_and_a_record() -> None:
    meta = {"TotalNumberOfPages": 3, "New": "ignored"}
    assert wire.page({"Data": [{"Id": "1"}], "Meta": meta}).pages == 3
    assert wire.record({"Id": "1", "New": 2}) == {"Id": "1", "New": 2}


@pytest.mark.parametrize(
    "body", [None, [], {}, {"Data": []}, {"Data": {}, "Meta": {}},
             {"Data": [], "Meta": {}}],
)  # fmt: skip
def test_a_list_without_its_envelope_is_malformed(body: object) -> None:
    with pytest.raises(wire.Malformed):
        wire.page(body)


@pytest.mark.parametrize("body", [None, "", [], {}, {"Id": None}])
def test_a_record_without_an_id_is_malformed(body: object) -> None:
    with pytest.raises(wire.Malformed):
        wire.record(body)
