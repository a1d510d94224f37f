"""Whether two cards are about one party."""

from dataclasses import replace
from typing import Any

import pytest

from core.rules.parties import Likeness, Party, is_another, likeness, names_alike

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
    renamed = Party(("Beta BV",), "nl 1234.56.782.B90", "12345678", (), ("1234AB",))
    namesake = Party(("Alfa BV",), vat_number="NL000099998B57")
    borrowed = Party(("Gamma BV",), vat_number="NL123456782B90")
    registered = replace(one, chamber_number="12345678")
    assert likeness(registered, renamed) == Likeness.SAME
    # A fiscal unity has one VAT number for all its companies, often in one building.
    assert likeness(one, renamed) == Likeness.UNSURE
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
    assert likeness(one, whole) == Likeness.UNSURE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jan van den Berg", "Piet van den Berg"),
        ("J. van den Berg", "P. van den Berg"),
        ("J. Jansen", "P. Jansen"),
        ("Anna de Vries", "Anne de Vries"),
        ("Willem de Vries", "Willemijn de Vries"),
        ("Alfa Holding BV", "Alfa BV"),
        ("Alfa Handel BV", "Alfa Handel NV"),
        ("Stichting De Hoek", "Vereniging De Hoek"),
        ("Bakkerij Vermeer filiaal 12", "Bakkerij Vermeer filiaal 13"),
        ("Bakkerij Vermeer filiaal 1", "Bakkerij Vermeer filiaal 12"),
        ("Meijerink Drukkerij", "Drukkerij Meyerink"),
        ("A.M.", "Amsterdam"),
        ("Bakkerij Jansen", "Bakkerij Hansen"),
        ("Visser Transport BV", "Visser Transport Holding BV"),
        ("Aannemersbedrijf De Groot", "Aannemersbedrijf De Groot Vastgoed"),
        ("Drukkerij Meijer Beheer", "Drukkerij Meijer Groep"),
    ],
)
def test_near_names_of_others_are_not_one(one: str, other: str) -> None:
    assert not names_alike(one, other)
    assert not names_alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jan Jansen", "J. Jansen"),
        ("J.P. de Boer", "JP de Boer"),
        ("Müller GmbH & Co. KG", "Mueller GmbH und Co KG"),
        ("Alfa SPRL", "Alfa SRL"),
        ("Coca Cola", "Coca-Cola"),
        ("Bouwbedrijf Van den Heuvel en Zonen Amsterdam", "Bouwbedrijf Heuvel"),
        ("Stichting tot Behoud van het Erfgoed Amsterdam",
         "Stichting tot Behoud van het Erfgoed Amst"),
    ],
)  # fmt: skip
def test_near_spellings_of_one_name_are_one(one: str, other: str) -> None:
    assert names_alike(one, other)
    assert names_alike(other, one)


@pytest.mark.parametrize(
    "record",
    [
        Party(("Piet van den Berg",), postal_codes=("1234AB",)),
        Party(("Piet van den Berg", "van den Berg"), postal_codes=("1234AB",)),
        Party(("Jan van den Berg",), postal_codes=("9999 ZZ",)),
        Party(("Jan van den Berg",), postal_codes=("9999 ZZ",), emails=("j.b@x.nl",)),
    ],
)
def test_family_and_namesakes_are_asked_about(record: Party) -> None:
    jan = Party(
        ("Jan van den Berg", "van den Berg"), "", "", ("jb@x.nl",), ("1234 AB",)
    )
    assert likeness(jan, record) == Likeness.UNSURE
    assert likeness(record, jan) == Likeness.UNSURE


def test_one_who_moved_and_kept_the_mailbox_is_the_same() -> None:
    old = Party(("Jan van den Berg",), "", "", ("jb@x.nl",), ("1234 AB",))
    moved = Party(("van den Berg",), "", "", ("JB@x.nl",), ("9999 ZZ",))
    assert likeness(old, moved) == Likeness.SAME


@pytest.mark.parametrize(
    ("there", "another"),
    [
        ({}, False),
        ({"names": ("Slagerij Anders Ede",)}, False),
        ({"names": ("Bakkerij Bos",)}, False),
        ({"names": ("Bakkerij Bos",), "vat_number": "NL2"}, True),
        ({"names": ("Bakkerij Bos",), "chamber_number": "2"}, False),
        ({"names": ("Bos",), "vat_number": "NL2", "chamber_number": "2"}, True),
        ({"vat_number": "NL2", "chamber_number": "2"}, False),
        ({"names": ("Slagerij Anders BV",), "vat_number": "NL2"}, False),
        ({"names": ("Bakkerij Bos",), "emails": ("x@bos.nl",)}, False),
        ({"names": ("Bakkerij Bos",), "emails": ("x@bos.nl",),
          "postal_codes": ("9999 ZZ",), "vat_number": ""}, True),
    ],
)  # fmt: skip
def test_who_took_over_a_shop_is_another_at_the_same_address(
    there: dict[str, Any], another: bool
) -> None:
    ours = replace(BUTCHER, vat_number="NL1")
    assert is_another(ours, replace(ours, **there)) is another
