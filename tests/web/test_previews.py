"""*Bekijk vooraf*: where it stands, what it shows, and who may open it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.domain.errors import AskUser
from core.domain.foreseen import (
    Checks,
    CheckState,
    Foreseen,
    ForeseenDebtor,
    ForeseenPayment,
    Posting,
)
from core.models import TransferState
from core.services.transfer import foreseeing
from tests.web import samples
from tests.web.conftest import Site
from tests.web.samples import Sample

AMOUNT = Decimal("72.80")


@pytest.fixture
def sample(site: Site) -> Sample:
    return site.sample()


def made(site: Site, sample: Sample, state: TransferState, **values: Any) -> int:
    with site.data():
        return samples.transfer(sample, "W1", state, **values).id


def entry(checks: Checks) -> Foreseen:
    return Foreseen(
        document="sales_entry",
        booked_on=date(2026, 3, 1),
        text="Bestelling W1",
        postings=(
            Posting("1300", "Debiteuren", "Bestelling W1", debit=AMOUNT),
            Posting("8000", "Omzet", "Weegschaal", credit=AMOUNT, vat_code="VH"),
        ),
        debtor=ForeseenDebtor("", "Sophie Fischer", (("country", "NL"),)),
        payments=(
            ForeseenPayment(
                "iDEAL", AMOUNT, date(2026, 3, 2), "2000", "Tussenrekening"
            ),
        ),
        checks=checks.all(),
    )


def test_an_entry_is_shown_with_its_rows_and_checks(
    site: Site, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks = Checks()
    checks.add("order", CheckState.PASSED)
    checks.add("books", CheckState.FAILED, AskUser("period_locked", date="2026-03-01"))
    checks.add("vat_number", CheckState.LATER)
    monkeypatch.setattr(foreseeing, "of_transfer", lambda _: entry(checks))
    number = made(site, sample, TransferState.WAITING)
    client = site.client(sample.colleague)
    page = client.get(f"/bestelling/{number}/vooraf").text
    for said in ("1300 Debiteuren", "8000 Omzet", "VH", "wordt aangemaakt", "Nederland",
                 "2000 Tussenrekening", "Niet in orde", "Wat u kunt doen",
                 "wordt bij het boeken nagevraagd"):  # fmt: skip
        assert said in page


def test_what_cannot_be_made_is_said_with_what_solves_it(
    site: Site, sample: Sample
) -> None:
    """By the package's own preview: nothing was configured here."""
    number = made(site, sample, TransferState.FAILED, code="vat_code_gone")
    client = site.client(sample.owner)
    for place in ("/fouten", f"/bestelling/{number}"):
        assert f"/bestelling/{number}/vooraf" in client.get(place).text
    page = client.get(f"/bestelling/{number}/vooraf").text
    assert "Gekozen wat een bestelling wordt" in page
    assert "Niet in orde" in page


def test_there_is_none_of_what_was_booked(site: Site, sample: Sample) -> None:
    booked = datetime(2026, 3, 1, tzinfo=UTC)
    number = made(site, sample, TransferState.DONE, booked_at=booked)
    client = site.client(sample.owner)
    assert client.get(f"/bestelling/{number}/vooraf").status_code == 404
    assert "vooraf" not in client.get(f"/bestelling/{number}").text


def test_a_stranger_sees_nothing(site: Site, sample: Sample) -> None:
    other = site.sample("Een ander", 2)
    number = made(site, sample, TransferState.WAITING)
    address = f"/bestelling/{number}/vooraf"
    assert site.client(other.owner).get(address).status_code == 404
    assert site.client().get(address).status_code == 303
    for who in (sample.owner, sample.colleague):
        assert site.client(who).get(address).status_code == 200
