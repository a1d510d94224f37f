"""Whether two cards are about one party."""

import pytest

from core.rules.parties import Likeness, Party, likeness, names_alike

BUTCHER = Party(("Slagerij Anders",), "", "", ("info@slager.nl",), ("6711 AA",))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jansen B.V.", "JANSEN"),
        ("Café Zoë", "Cafe Zoe BV"),
        ("Anna van den Berg", "van den Berg"),
        ("Bakkerij Jansen Utrecht", "Bakkerij Jansen"),
        ("Drukkerij Meijerink", "Drukkerij Meyerink"),
        ("株式会社テスト", "株式会社テスト"),
    ],
)
def test_names_that_are_one(one: str, other: str) -> None:
    assert names_alike(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Slagerij Anders", "Bakkerij Heel Anders"),
        ("Jansen", "Jansen Bouw"),
        ("", "Jansen"),
        ("BV", "NV"),
    ],
)
def test_names_that_are_not(one: str, other: str) -> None:
    assert not names_alike(one, other)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (Party(("Slagerij Anders BV",)), Likeness.SAME),
        (Party(("Slagerij Anders",), emails=("ander@x.nl",)), Likeness.SAME),
        (
            Party(
                ("Slagerij Anders",), emails=("ander@x.nl",), postal_codes=("1000AA",)
            ),
            Likeness.UNSURE,
        ),
        (Party(("Bakkerij Heel Anders",)), Likeness.OTHER),
        (Party(("Vleeshal",), emails=("INFO@slager.nl",)), Likeness.UNSURE),
        (Party(("Vleeshal",), postal_codes=("6711AA",)), Likeness.UNSURE),
        (Party(), Likeness.OTHER),
    ],
)
def test_a_butcher_and_another_card(other: Party, expected: Likeness) -> None:
    assert likeness(BUTCHER, other) == expected
    assert likeness(other, BUTCHER) == expected


def test_an_official_number_weighs_more_than_a_name() -> None:
    one = Party(("Alfa BV",), vat_number="NL123456782B90", postal_codes=("1234 AB",))
    renamed = Party(("Beta BV",), "nl 1234.56.782.B90", "", (), ("1234AB",))
    namesake = Party(("Alfa BV",), vat_number="NL000099998B57")
    borrowed = Party(("Gamma BV",), vat_number="NL123456782B90")
    assert likeness(one, renamed) == Likeness.SAME
    assert likeness(one, namesake) == Likeness.UNSURE
    assert likeness(one, borrowed) == Likeness.UNSURE


def test_a_name_of_one_word_is_many_peoples() -> None:
    one = Party(("Anna Jansen", "Jansen"), postal_codes=("1234 AB",))
    assert likeness(one, Party(("Jansen",))) == Likeness.SAME
    moved = Party(("Jansen",), postal_codes=("9999 ZZ",))
    assert likeness(one, moved) == Likeness.UNSURE
    agrees = Party(("Jansen",), postal_codes=("1234AB", "9999 ZZ"))
    assert likeness(one, agrees) == Likeness.SAME
    assert likeness(one, Party(("Piet Jansen",))) == Likeness.OTHER
    whole = Party(("Anna Jansen",), postal_codes=("9999 ZZ",))
    assert likeness(one, whole) == Likeness.SAME
