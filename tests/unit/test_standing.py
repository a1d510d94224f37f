"""A coupling's state: every combination of facts has one answer, and a true one."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import product

import pytest

from core.domain.errors import ClientRefused
from core.rules.standing import (
    ENDING_CODES,
    LICENCE_CODES,
    CouplingFacts,
    Dot,
    LicenceFacts,
    Rights,
    SideFacts,
    SideName,
    Status,
    Way,
    coupling_status,
    is_loud,
    side_status,
    side_within,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER, PAST = NOW + timedelta(minutes=30), NOW - timedelta(hours=3)
SIDES = {
    "fine": SideFacts("connected", last_run_error="", next_run_at=LATER),
    "unread": SideFacts("connected", next_run_at=LATER, was_read=False),
    "asks": SideFacts("connected", last_run_error="relations_preview_needed"),
    "failed": SideFacts("connected", last_run_error="remote_fault"),
    "waits": SideFacts("connected", not_before=LATER),
    "rests": SideFacts("connected", not_before=LATER, rests=True),
    "late": SideFacts("connected", next_run_at=PAST),
    "warns": SideFacts("connected", warning="calls_run_out"),
    "new": SideFacts("new"),
    "refused": SideFacts("new", last_run_error="remote_unreachable"),
    "paused": SideFacts("paused", reason="grant_refused"),
    "held": SideFacts("paused", reason=ClientRefused.CODE),
    "removed": SideFacts("ended", reason="app_uninstalled"),
    "ended": SideFacts("ended", reason="ended_by_user"),
    "off": SideFacts("connected", enabled=False),
    "paused and off": SideFacts("paused", enabled=False, reason="grant_refused"),
}
ONCE = ("unread", "refused", "waits", "late", "ended", "paused and off")
"""Kinds of facts that are tried at the shop only: the rules know no difference."""
LICENCES = {
    "none": None,
    "trial": LicenceFacts("trial", 12),
    "day 23": LicenceFacts("trial", 7),
    "day 29": LicenceFacts("trial", 1),
    "last day": LicenceFacts("trial", 0),
    "day 31": LicenceFacts("trial", -1),
    "trial over": LicenceFacts("expired", -1, "trial_over"),
    "ordered": LicenceFacts("expired", -1, "trial_over", owes=True),
    "trial used": LicenceFacts("expired", 30, "trial_used"),
    "paid": LicenceFacts("paid", 200),
    "year ends": LicenceFacts("paid", 3, owes=True),
    "removed": LicenceFacts("cancelled", 12, "app_uninstalled"),
    "removed long ago": LicenceFacts("cancelled", -5, "app_uninstalled"),
    "ended": LicenceFacts("cancelled", 12, "ended_by_user"),
}
NOTHING_TO_DO = {"status_good", "status_first_reading", "status_waiting"}
NOTHING_TO_DO |= {"status_rests", "status_held"}


@cache
def everything() -> list[tuple[CouplingFacts, Status]]:
    """Every combination of the facts, with its state."""
    return list(_everything())


def _everything() -> Iterator[tuple[CouplingFacts, Status]]:
    packages = [side for name, side in SIDES.items() if name not in ONCE]
    for source, target, licence, licensed, enabled, configured, missing in product(
        SIDES.values(), packages, LICENCES.values(),
        (True, False), (True, False), (True, False), ("", "vat_not_configured"),
    ):  # fmt: skip
        facts = CouplingFacts(
            source, target, licence, licensed, enabled, configured, missing
        )
        yield facts, coupling_status(facts, NOW)


def books(facts: CouplingFacts) -> bool:
    """Say independently whether anything can be booked."""
    licence = facts.licence
    is_covered = facts.licensed if licence is None else licence.is_live
    sides = (facts.source, facts.target)
    works = all(side.state == "connected" and side.enabled for side in sides)
    return is_covered and works and facts.enabled and facts.is_configured


def test_every_combination_tells_the_truth() -> None:
    seen = set()
    for facts, status in everything():
        can = books(facts)
        seen.add(status.code)
        assert status.books == can, (facts, status)
        assert can or status.dot != Dot.GREEN, (facts, status)
        assert not (can and status.dot == Dot.RED), (facts, status)
        assert (status.way is None) == (status.code in NOTHING_TO_DO), (facts, status)
        if status.dot == Dot.GREEN:
            assert not facts.missing
        over = facts.licence is not None and facts.licence.days_left < 0
        if over and facts.licence and facts.licence.state != "cancelled":
            assert (status.dot, status.code) == (Dot.RED, "status_licence_over")
    assert len(seen) == 22, seen - NOTHING_TO_DO


def test_only_who_may_act_gets_the_button() -> None:
    """And who may not is told that another may, in the same words and colour."""
    nobody = Rights(is_owner=False, makes_source=False, makes_target=False)
    for facts, status in everything():
        shown = coupling_status(facts, NOW, nobody)
        assert (shown.dot, shown.code, shown.cause) == (
            status.dot, status.code, status.cause,
        )  # fmt: skip
        if status.way in (None, Way.LOOK, Way.VIEW, Way.ASK):
            assert (shown.way, shown.is_for_others) == (status.way, False)
        else:
            assert (shown.way, shown.is_for_others) == (None, True)
        assert coupling_status(facts, NOW, Rights()) == status


def state(source: str, target: str, licence: str, **values: object) -> Status:
    """The state of a coupling by the names of its facts."""
    facts = CouplingFacts(
        SIDES[source], SIDES[target], LICENCES[licence], **values  # type: ignore[arg-type]
    )  # fmt: skip
    return coupling_status(facts, NOW)


@pytest.mark.parametrize(
    ("source", "target", "licence", "dot", "code", "way"),
    [
        ("fine", "fine", "trial", Dot.GREEN, "status_good", None),
        ("fine", "fine", "day 23", Dot.AMBER, "status_trial_ends", Way.ORDER),
        ("fine", "fine", "day 29", Dot.AMBER, "status_trial_ends", Way.ORDER),
        ("fine", "fine", "last day", Dot.AMBER, "status_trial_ends", Way.ORDER),
        ("fine", "fine", "day 31", Dot.RED, "status_licence_over", Way.ORDER),
        ("fine", "fine", "ordered", Dot.RED, "status_licence_over", Way.PAY),
        ("fine", "fine", "year ends", Dot.AMBER, "status_year_ends", Way.PAY),
        ("fine", "fine", "trial used", Dot.RED, "status_licence_over", Way.ORDER),
        ("removed", "fine", "removed", Dot.RED, "status_removed", Way.CONNECT),
        ("removed", "fine", "paid", Dot.RED, "status_removed", Way.CONNECT),
        ("removed", "fine", "trial over", Dot.RED, "status_licence_over", Way.ORDER),
        ("fine", "fine", "removed", Dot.RED, "status_licence_over", Way.ORDER),
        ("ended", "ended", "ended", Dot.GREY, "status_licence_over", Way.ORDER),
        ("new", "paused", "paid", Dot.RED, "status_paused", Way.CONNECT),
        ("removed", "paused", "trial", Dot.RED, "status_removed", Way.CONNECT),
        ("paused and off", "fine", "trial", Dot.GREY, "status_switched_off",
         Way.SWITCH_ON),
        ("failed", "paused", "trial", Dot.RED, "status_paused", Way.CONNECT),
        ("held", "fine", "trial", Dot.AMBER, "status_held", None),
        ("held", "new", "trial", Dot.AMBER, "status_held", None),
        ("warns", "asks", "day 23", Dot.AMBER, "status_warning", Way.VIEW),
        ("unread", "fine", "trial", Dot.GREEN, "status_first_reading", None),
    ],
)  # fmt: skip
def test_the_gravest_fact_wins(
    source: str, target: str, licence: str, dot: Dot, code: str, way: Way | None
) -> None:
    found = state(source, target, licence)
    assert (found.dot, found.code, found.way) == (dot, code, way)


def test_an_installation_leads_to_its_steps_and_nowhere_else() -> None:
    for source, target in product(("fine", "new", "refused", "paused"), repeat=2):
        found = state(source, target, "trial", is_configured=False)
        assert (found.way, found.books) == (Way.INSTALL, False)
    by_hand = state("fine", "fine", "none", is_configured=False)
    assert (by_hand.way, by_hand.code) == (Way.CONFIGURE, "status_unconfigured")
    later = state("fine", "fine", "trial", missing="vat_not_configured")
    assert (later.way, later.code, later.books) == (
        Way.CONFIGURE, "status_incomplete", True,
    )  # fmt: skip


def test_a_side_is_not_green_where_nothing_that_uses_it_may_book() -> None:
    own = side_status(SIDES["fine"], NOW)
    over, good = state("fine", "fine", "day 31"), state("fine", "fine", "trial")
    ends = state("fine", "fine", "day 23")
    assert own.dot == Dot.GREEN
    assert side_within(own, [over]) == over
    assert side_within(own, [over, good]) == own
    assert side_within(own, []) == own
    assert side_within(own, [ends, good]) == ends
    broken = side_status(SIDES["paused"], NOW)
    assert side_within(broken, [over]) == broken
    warned = side_status(SIDES["warns"], NOW)
    assert side_within(warned, [ends]) == warned


def test_every_page_says_it_when_it_is_over_and_on_the_last_days() -> None:
    def loud(source: str, licence: str) -> bool:
        return is_loud(state(source, "fine", licence), LICENCES[licence])

    assert [name for name in LICENCES if loud("fine", name)] == [
        "day 29", "last day", "day 31", "trial over", "ordered", "trial used",
        "removed", "removed long ago",
    ]  # fmt: skip
    assert loud("removed", "removed")
    assert not loud("paused", "paid")


def test_the_words_for_codes_are_known_by_name() -> None:
    codes = {status.code for _, status in everything()}
    assert set(LICENCE_CODES) | set(ENDING_CODES) <= codes
    assert {status.side for _, status in everything()} == set(SideName)
