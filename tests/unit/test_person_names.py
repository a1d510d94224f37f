"""A person's name as one text, that the package changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.relations import RelationData
from core.rules.person_names import renamed

ANNA = RelationData(True, "Berg", first_name="Anna", initials="A.M.",
                    name_prefix="van den")  # fmt: skip


@pytest.mark.parametrize(
    ("text", "first", "prefix", "name"),
    [
        ("Anna-Maria van den Berg", "Anna-Maria", "van den", "Berg"),
        ("Anna van den Boer", "Anna", "van den", "Boer"),
        ("Anna Boer", "Anna", "", "Boer"),
        ("Piet Boer", "Anna", "van den", "Berg"),
        ("van den Berg", "Anna", "van den", "Berg"),
    ],
)
def test_a_full_name_changes_what_is_certain(
    text: str, first: str, prefix: str, name: str
) -> None:
    found = renamed(ANNA, text, full=True)
    assert (found.first_name, found.name_prefix, found.name) == (first, prefix, name)
    assert found.initials == "A.M."


def test_initials_change_where_there_is_no_first_name() -> None:
    known = RelationData(True, "Berg", initials="A.")
    assert renamed(known, "A.M. Berg", full=True).initials == "A.M."
    assert renamed(known, "Anna Berg", full=True).first_name == "Anna"


def test_a_new_name_is_taken_apart_at_its_prefix() -> None:
    bare = RelationData(True, "")
    found = renamed(bare, "Anna van den Berg", full=True)
    assert (found.first_name, found.name_prefix, found.name) == (
        "Anna", "van den", "Berg",
    )  # fmt: skip
    assert renamed(bare, "Jan Jansen", full=True).name == "Jan Jansen"
    assert renamed(bare, "van den Berg", full=True).full_name == "van den Berg"
    assert renamed(RelationData(False, "X"), "Van Dijk B.V.", full=True).name == (
        "Van Dijk B.V."
    )


NAMES = st.lists(
    st.sampled_from(["Anna", "van", "den", "Berg", "A.", "De", "Vries", "-"]),
    min_size=1,
    max_size=5,
).map(" ".join)


@given(NAMES, NAMES, st.booleans())
def test_no_first_name_is_wiped_and_a_certain_change_is_whole(
    first: str, text: str, full: bool
) -> None:
    known = RelationData(True, "Berg", first_name=first, initials="A.")
    found = renamed(known, text, full=full)
    assert found.first_name
    assert found.initials == "A."
    shown = found.full_name if full else found.last_name
    assert shown == text or found == known
