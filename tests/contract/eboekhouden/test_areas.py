"""VAT areas, schemes and lines that are no turnover, through the whole plugin."""

import pytest

from plugins.vies import register
from plugins.vies.public import Outcome
from tests.contract.areas import (
    check_areas,
    check_charged_business,
    check_home_vat,
)
from tests.contract.eboekhouden.conftest import Coupled
from tests.contract.eboekhouden.test_booking import answering


@pytest.fixture(autouse=True)
def vies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "consult", answering(Outcome.VALID))


def test_the_area_decides_and_why_is_kept(by_soap: Coupled) -> None:
    check_areas(by_soap)


def test_below_the_threshold_home_vat_is_booked_at_home(by_soap: Coupled) -> None:
    check_home_vat(by_soap)


def test_a_business_that_was_charged_vat_of_its_country_is_asked_about(
    by_soap: Coupled, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answers(outcome: Outcome) -> None:
        monkeypatch.setattr(register, "consult", answering(outcome))

    check_charged_business(by_soap, answers)
