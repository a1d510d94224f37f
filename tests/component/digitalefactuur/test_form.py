"""What the form asks in which order."""

from plugins.digitalefactuur.forms import RelationForm


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
