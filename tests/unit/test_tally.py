"""The closing count: every difference of its kind, and none where nothing differs."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.tally import (
    SOLD,
    Document,
    Kind,
    Known,
    Listed,
    Part,
    Sides,
    Sum,
    count,
)

ON = date(2026, 3, 1)
DAYS = [ON + timedelta(days=n) for n in range(5)]
RATE = Decimal(21)


def known(number: int, part: Part = Part.BOOKED, **values: object) -> Known:
    vat = {RATE: Decimal("2.10")}
    made = Known(
        str(number), f"W{number}", DAYS[number % 5], Decimal("12.10"), vat, part,
        external_id=f"id{number}",
    )  # fmt: skip
    return replace(made, **values)  # type: ignore[arg-type]


def listed(one: Known, **values: object) -> Listed:
    is_over = one.part == Part.CANCELLED
    made = Listed(
        one.key, one.number, one.on, one.total, sum(one.vat.values()), is_over
    )
    return replace(made, **values)  # type: ignore[arg-type]


def document(one: Known, **values: object) -> Document:
    made = Document(one.external_id, one.number, one.total, dict(one.vat))
    return replace(made, **values)  # type: ignore[arg-type]


PARTS = st.sampled_from((*SOLD, Part.CANCELLED))
FAULTS = ("drop here", "drop there", "alter shop", "alter package", "vat", "twice", "")


@given(st.lists(st.tuples(PARTS, st.sampled_from(FAULTS)), max_size=12))
def test_exactly_the_seeded_differences_are_named(
    seeds: list[tuple[Part, str]],
) -> None:
    """No false alarm, none missed, and what is sold is in exactly one part."""
    here, shop, package, wanted = [], [], [], set()
    for number, (part, fault) in enumerate(seeds):
        one = known(number, part)
        is_booked = part == Part.BOOKED
        told, held = listed(one), [document(one)] if is_booked else []
        kind = None
        if fault == "drop here" and part != Part.CANCELLED:
            kind, held = Kind.MISSING_HERE, []
        elif fault == "alter shop":
            told = replace(told, total=Decimal(13))
            kind = Kind.SHOP_AMOUNT
        elif fault == "drop there" and is_booked:
            kind, held = Kind.MISSING_IN_PACKAGE, []
        elif fault == "alter package" and is_booked:
            kind, held = Kind.PACKAGE_AMOUNT, [document(one, total=Decimal(12))]
        elif fault == "vat" and is_booked:
            kind = Kind.PACKAGE_VAT
            held = [document(one, vat={Decimal(9): Decimal("2.10")})]
        elif fault == "twice" and is_booked:
            kind = Kind.DOUBLE
            held.append(document(one, external_id=f"other{number}"))
        if kind != Kind.MISSING_HERE:
            here.append(one)
        if kind:
            wanted.add((kind, one.number, one.on))
        shop.append(told)
        package += held
    days = count(Sides(DAYS, here, shop, package))
    gaps = [(gap.kind, gap.number, gap.on) for day in days for gap in day.gaps]
    assert len(gaps) == len(wanted)
    assert set(gaps) == wanted
    sold = sum(day.parts[part].number for day in days for part in SOLD)
    assert sold == sum(one.part in SOLD for one in here)


@pytest.mark.parametrize(
    ("part", "told", "kind"),
    [
        (Part.BOOKED, {"is_cancelled": True}, Kind.SHOP_STATE),
        (Part.CANCELLED, {"is_cancelled": False}, Kind.SHOP_STATE),
        (Part.WAITING, {"vat": Decimal(0)}, Kind.SHOP_AMOUNT),
    ],
)
def test_what_the_shop_says_otherwise(
    part: Part, told: dict[str, object], kind: Kind
) -> None:
    one = known(1, part)
    days = count(Sides(DAYS, [one], [listed(one, **told)]))
    assert [gap.kind for gap in days[1].gaps] == [kind]


def test_a_side_that_was_not_asked_is_not_zero() -> None:
    day = count(Sides([ON], [known(0)]))[0]
    assert (day.shop, day.package, day.gaps) == (None, None, [])


def test_what_the_shop_no_longer_lists() -> None:
    gone, over = known(1), known(2, Part.CANCELLED)
    days = count(Sides(DAYS, [gone, over], [], [document(gone)]))
    assert [gap.kind for day in days for gap in day.gaps] == [Kind.MISSING_IN_SHOP]


def test_of_before_the_first_day_nothing_is_missing() -> None:
    days = count(Sides(DAYS, [], [listed(known(0))], starts_on=DAYS[1]))
    assert (days[0].gaps, days[0].shop) == ([], Sum())


def test_who_booked_by_hand_has_no_double() -> None:
    """The document under its number is the user's own; of a waiting one it is not."""
    aside, waiting = known(0, Part.ASIDE), known(1, Part.WAITING)
    held = [document(one, external_id="own") for one in (aside, waiting)]
    days = count(Sides(DAYS, [aside, waiting], None, [held[0]]))
    assert not any(day.gaps for day in days)
    days = count(Sides(DAYS, [aside, waiting], None, [held[1]]))
    assert [gap.kind for gap in days[1].gaps] == [Kind.UNEXPECTED]


def test_what_is_booked_while_we_read_is_no_gap() -> None:
    days = count(Sides(DAYS, [known(0, is_new=True)], None, []))
    assert not days[0].gaps


def test_nobody_is_to_book_it() -> None:
    days = count(Sides(DAYS, [known(0, Part.WAITING, is_followed=False)]))
    assert [gap.kind for gap in days[0].gaps] == [Kind.NOT_FOLLOWED]
