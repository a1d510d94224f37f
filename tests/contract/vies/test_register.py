"""What is no VAT number by its form is told so; VIES is not said to have answered."""

import pytest

from core.domain.errors import AskUser
from plugins.vies import register
from plugins.vies.wire import Outcome


@pytest.fixture(autouse=True)
def unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is asked, and nothing was asked before."""

    def fail() -> None:
        raise AssertionError("VIES is asked")

    monkeypatch.setattr(register, "_client", fail)


def test_a_typing_error_is_not_laid_at_vies_s_door() -> None:
    with pytest.raises(AskUser) as told:
        register.valid_number(1, "BE0000000001", "BE", "")
    assert told.value.code == "vat_number_malformed"
    assert told.value.params == {"number": "BE0000000001"}


def test_the_core_is_told_that_nobody_was_asked() -> None:
    answer = register.check(1, "NL123456789B01", "NL", "")
    assert (answer.is_valid, answer.is_asked) == (False, False)


def test_what_vies_calls_invalid_keeps_its_own_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = register.Consultation("NL1", Outcome.INVALID, register.utcnow(), "")
    monkeypatch.setattr(register, "consult", lambda *_: known)
    with pytest.raises(AskUser) as told:
        register.valid_number(1, "NL1", "NL", "")
    assert told.value.code == "vat_number_invalid"
    assert register.check(1, "NL1", "NL", "").is_asked
