"""Which new passwords are refused because they are tried first."""

import pytest

from core.rules import passwords

GOOD = (
    "paard batterij nietje",
    "correct horse battery staple",
    "Zeven-groene-fietsen",
    "x9#Kq2!mZ7vLp4",
    "grachtengordelvergunning",
)


def test_the_list_has_what_asvs_asks_for_and_is_in_small_letters() -> None:
    words = passwords.known()
    assert len(words) > 10_000
    assert all(word == word.lower() for word in words)


@pytest.mark.parametrize(
    "password",
    [
        "1234567890123",  # as it is
        "QwertyUiop123",  # in other letters, padded
        "dragondragon",  # repeated
        "!!!football!!!",
        "2026-Welkom-2026",
        "shadowshadow99",
        "administrator",
        "wachtwoordwachtwoord1",
        "1qaz2wsx1qaz2wsx",  # digits that are no padding, repeated
    ],
)
def test_a_known_one_is_refused_padded_and_repeated_too(password: str) -> None:
    assert passwords.problem(password, "a@example.com") == "password_common"


@pytest.mark.parametrize("password", GOOD)
def test_a_few_words_are_good(password: str) -> None:
    assert passwords.problem(password, "a@example.com") == ""


def test_each_long_one_of_the_list_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    long = [word for word in passwords.known() if len(word) >= passwords.SHORTEST]
    assert len(long) > 200
    wrong = [word for word in long if not passwords.problem(word, "a@example.com")]
    assert wrong == []
    monkeypatch.setattr(passwords, "known", frozenset)
    assert not passwords.problem("dragondragon", "a@example.com")  # the guard is off
