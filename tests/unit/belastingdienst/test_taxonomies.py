"""Versions are rows: what holds a period, what is missing, what is told when."""

from dataclasses import replace
from datetime import date

import pytest

from core.domain.errors import AskUser
from plugins.belastingdienst.law import taxonomies
from plugins.belastingdienst.law.sources import Source, Sure
from plugins.belastingdienst.law.spans import month_of, year_of
from plugins.belastingdienst.law.taxonomies import TAXONOMIES, alarms, taxonomy_for
from tests.quarters import quarter

D = date.fromisoformat
UP_TO_2026 = TAXONOMIES[:-1]


def test_the_year_of_the_period_decides() -> None:
    row = taxonomy_for(quarter(2025, 4), "icp")
    assert row.schema("icp") == (
        "http://www.nltaxonomie.nl/nt19/bd/20241211/entrypoints/"
        "bd-rpt-icp-opgaaf-2025.xsd"
    )
    assert taxonomy_for(month_of(D("2026-01-01")), "vat_return").name == "NT20"
    assert row.namespace("dictionary/bd-data").endswith("20241211/dictionary/bd-data")


def test_no_gap_and_no_overlap_from_2020_to_2027() -> None:
    for year in range(2020, 2028):
        for number in (1, 2, 3, 4):
            for kind in taxonomies.KINDS:
                period = quarter(year, number)
                assert sum(row.holds(period, kind) for row in TAXONOMIES) == 1


@pytest.mark.parametrize("day", ["2019-12-31", "2028-01-31"])
def test_a_period_is_refused_where_no_row_is(day: str) -> None:
    assert taxonomies.missing_for(month_of(D(day))) == taxonomies.KINDS
    with pytest.raises(AskUser, match="taxonomy_unknown"):
        taxonomy_for(month_of(D(day)), "icp")


def test_the_operator_is_told_sixty_days_ahead() -> None:
    def codes(day: str) -> list[tuple[str, str]]:
        found = alarms(D(day), UP_TO_2026)
        return [(each.code, each.about) for each in found]

    assert codes("2026-11-01") == []
    assert codes("2026-11-02") == [("taxonomy_missing", "2027")] * 3
    assert codes("2027-01-10") == [("taxonomy_missing", "2027")] * 3


def test_a_row_that_nobody_read_is_told_and_refuses_nothing() -> None:
    (told,) = alarms(D("2026-11-29"))
    assert (told.code, told.about, told.blocks) == ("taxonomy_unread", "2027", False)
    assert taxonomy_for(quarter(2027, 1), "vat_return").source.sure is Sure.UNVERIFIED
    read = replace(TAXONOMIES[-1], source=Source("files", Sure.VERIFIED))
    assert not list(alarms(D("2026-11-29"), (*UP_TO_2026, read)))


def test_a_later_row_for_part_of_a_year_goes_before() -> None:
    late = replace(TAXONOMIES[-2], name="NT20.2", first=D("2026-10-01"))
    rows = (*UP_TO_2026, late)
    assert taxonomy_for(quarter(2026, 4), "icp", rows).name == "NT20.2"
    assert taxonomy_for(quarter(2026, 3), "icp", rows).name == "NT20"
    assert taxonomy_for(year_of(D("2026-01-01")), "icp", rows).name == "NT20.2"


def test_a_name_that_is_not_known_is_asked_for() -> None:
    old, new = (
        taxonomy_for(quarter(2025, 1), "icp"),
        taxonomy_for(quarter(2026, 1), "icp"),
    )
    assert taxonomies.name_in(old, "icp_corrections") == "tuples"
    with pytest.raises(AskUser, match="taxonomy_name_unknown"):
        taxonomies.name_in(new, "icp_corrections")
