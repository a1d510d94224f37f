"""Which relations look like one, and what they become when they are merged."""

import pytest

from core.domain.relations import PostalAddress, RelationData
from core.rules import doubles, merging

ZOET = RelationData(
    False,
    "Bakkerij Zoet B.V.",
    debtor_number="10001",
    email="info@zoet.example",
    vat_number="NL123456782B90",
    postal_address=PostalAddress("Kade", "1", "", "3011 AA", "Rotterdam", "NL"),
)


@pytest.mark.parametrize(
    ("other", "reasons"),
    [
        (RelationData(False, "Iets", vat_number="NL123456782B90"), ("vat_number",)),
        (RelationData(False, "Iets", email="INFO@zoet.example"), ("email",)),
        (
            RelationData(
                False,
                "bakkerrij zoet",
                visiting_address=PostalAddress("Markt", "2", "", "3011aa", "Elders"),
            ),
            ("name",),
        ),
        (
            RelationData(
                False,
                "Bakkerij Zuur",
                postal_address=PostalAddress("Kade", "9", "", "3011 AA", "Rotterdam"),
            ),
            (),
        ),
        (RelationData(False, "Bakkerij Zoet B.V."), ()),
    ],
)
def test_two_are_candidates_by_what_they_share(
    other: RelationData, reasons: tuple[str, ...]
) -> None:
    assert doubles.reasons(ZOET, other) == reasons
    told = [
        pair
        for key in doubles.keys(ZOET) | doubles.keys(other)
        for pair in doubles.pairs(key, [ZOET, other])
    ]
    assert told == ([(0, 1, reasons)] if reasons else [])


def test_the_other_fills_in_what_the_kept_one_lacks() -> None:
    other = RelationData(
        False, "Zoet", debtor_number="10002", creditor_number="20001",
        email="oud@zoet.example", phone="010-1234567",
    )  # fmt: skip
    proposed = {one.name for one in merging.offers(ZOET, other) if one.takes_other}
    assert proposed == {"phone"}
    merged = merging.joined(ZOET, other, {"phone", "email"})
    assert (merged.name, merged.phone, merged.email) == (
        ZOET.name, "010-1234567", "oud@zoet.example",
    )  # fmt: skip
    assert (merged.debtor_number, merged.creditor_number) == ("10001", "20001")
    assert merged.postal_address == ZOET.postal_address
