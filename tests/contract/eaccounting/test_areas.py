"""VAT areas, schemes and lines that are no turnover, through the whole plugin."""

import pytest

from plugins.vies import register
from plugins.vies.public import Outcome
from tests.contract.areas import (
    check_areas,
    check_charged_business,
    check_home_vat,
)
from tests.contract.eaccounting.conftest import Coupled
from tests.contract.eaccounting.test_booking import answering


@pytest.fixture(autouse=True)
def vies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "consult", answering(Outcome.VALID))


def test_the_area_decides_and_why_is_kept(coupled: Coupled) -> None:
    check_areas(coupled)


def test_below_the_threshold_home_vat_is_booked_at_home(coupled: Coupled) -> None:
    check_home_vat(coupled)


def test_a_business_that_was_charged_vat_of_its_country_is_asked_about(
    coupled: Coupled, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answers(outcome: Outcome) -> None:
        monkeypatch.setattr(register, "consult", answering(outcome))

    check_charged_business(coupled, answers)
