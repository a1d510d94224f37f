"""What the form asks in which order, and whose address does not go along."""

from core.domain.relations import PostalAddress, RelationData
from plugins.digitalefactuur.forms import RelationForm
from plugins.digitalefactuur.relations.mapping import is_without_address, loses_address

PLACE = PostalAddress("Kade", "1", "", "3011 AA", "Rotterdam", "NL")


def test_each_box_stands_before_the_choices_that_belong_to_it() -> None:
    fields = {
        name: field.creation_counter
        for name in dir(RelationForm)
        if hasattr(field := getattr(RelationForm, name), "creation_counter")
    }
    assert sorted(fields, key=lambda name: fields[name]) == [
        "debtors_in", "debtors_as", "debtors_type",
        "creditors_in", "creditors_as", "creditors_type", "manager", "out",
    ]  # fmt: skip


def test_an_address_that_does_not_go_along_is_told() -> None:
    bare = RelationData(False, "De Hoop")
    posted = RelationData(False, "De Hoop", postal_address=PLACE)
    invoiced = RelationData(False, "De Hoop", invoice_address=PLACE)
    person = RelationData(True, "Jansen", home_address=PLACE)
    assert [is_without_address(one) for one in (bare, posted, invoiced, person)] == [
        True, True, False, False,
    ]  # fmt: skip
    assert [loses_address(one) for one in (bare, posted, invoiced, person)] == [
        False, True, False, False,
    ]  # fmt: skip
