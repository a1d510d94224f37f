"""Whose address does not go along."""

from core.domain.relations import PostalAddress, RelationData
from plugins.digitalefactuur.relations.mapping import is_without_address, loses_address

PLACE = PostalAddress("Kade", "1", "", "3011 AA", "Rotterdam", "NL")


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
