"""Setting a coupling up, and what a change of its configuration lets through."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from core.domain.clock import utcnow
from core.models import Coupling, StepState, Transfer, TransferState
from core.services.linking import healing
from tests.web import samples
from tests.web.conftest import Site
from tests.web.samples import Sample
from tests.web.test_configuration_pages import SETTINGS, _configured, _rows, _saved
from tests.web.test_configuration_pages import sample as configurable

sample = configurable
STEPS = ("bestellingen", "debiteuren", "btw", "btw-andere-landen", "betaalmethoden",
         "terugbetalingen")  # fmt: skip


def test_each_step_leads_to_the_next_and_can_be_left(
    site: Site, sample: Sample
) -> None:
    client = site.client(sample.owner)
    forms = [SETTINGS, SETTINGS, _rows(("NL", "21", "vh", "8000")), {}, {},
             {"refunds": "ask"}]  # fmt: skip
    for part, form, after in zip(
        STEPS, forms, (*STEPS[1:], "proefbestelling"), strict=True
    ):
        assert f"/configuratie/1/{part}" in client.get("/configuratie/1").text
        page = client.get(f"/configuratie/1/{part}").text
        assert ">Akkoord</button>" in page
        answer = client.post(f"/configuratie/1/{part}", data=form)
        assert answer.location == f"/configuratie/1/{after}"
    assert not _configured(site)
    page = client.get("/configuratie/1/proefbestelling").text
    assert "het wordt nooit verstuurd" in page
    assert "Begin met doorzetten" in page
    client.post("/configuratie/1/begin")
    assert _configured(site)
    assert "Akkoord" not in client.get("/configuratie/1/btw").text


def test_all_proposals_are_taken_over_at_once_but_what_was_set_stays(
    site: Site, sample: Sample
) -> None:
    client = site.client(sample.owner)
    client.post("/configuratie/1/btw", data=_rows(("NL", "21", "vl", "8000")))
    answer = client.post("/configuratie/1/voorstel")
    assert answer.location == "/configuratie/1/proefbestelling"
    found = {(country or kind, str(int(rate)), code)
             for kind, country, rate, code, _account in _saved(site)}  # fmt: skip
    assert found == {("NL", "21", "vl"), ("DE", "19", "de19"), ("icp", "0", "icp"),
                     ("international", "0", "exp")}  # fmt: skip
    assert not _configured(site)
    with site.data() as session:
        assert session.get(Coupling, 1).settings["unit"] == "pce"


def test_nothing_begins_while_something_is_missing(site: Site, sample: Sample) -> None:
    site.client(sample.owner).post("/configuratie/1/begin")
    assert not _configured(site)


def test_the_test_order_is_the_shop_s_newest_one(site: Site, sample: Sample) -> None:
    with site.data():
        samples.transfer(sample, "N7", TransferState.DONE)
    page = site.client(sample.owner).get("/configuratie/1/proefbestelling").text
    assert "Dit is de nieuwste bestelling van uw winkel: N7." in page
    assert "nooit verstuurd" not in page


@pytest.fixture
def failed(site: Site, sample: Sample, monkeypatch: pytest.MonkeyPatch) -> Sample:
    """Orders that failed before the configuration was saved; odd ones still fail."""
    monkeypatch.setattr(
        healing,
        "_judge",
        lambda _coupling, _package: lambda order: order.number[-1] in "02468",
    )
    with site.data() as session:
        before = utcnow() - timedelta(hours=1)
        for number in range(5):
            samples.transfer(
                sample, f"E{number}", TransferState.FAILED, "vat_rate_not_configured",
                params={"country": "DE", "rate": "19", "line": "x"}, changed_at=before,
            )  # fmt: skip
        refused = samples.transfer(
            sample, "R6", TransferState.FAILED, "vat_rate_not_configured",
            changed_at=before,
        )  # fmt: skip
        samples.step(refused, StepState.REJECTED)
        samples.transfer(sample, "L8", TransferState.FAILED, "vat_rate_not_configured",
                         changed_at=utcnow() + timedelta(hours=1))  # fmt: skip
        coupling = session.get(Coupling, 1)
        coupling.configured_at = coupling.saved_at = utcnow()
    return sample


def test_what_may_go_now_goes_by_one_button_and_nothing_else(
    site: Site, failed: Sample
) -> None:
    client = site.client(failed.owner)
    for path in ("/configuratie/1", "/configuratie/1/btw", "/configuratie/1/genezen"):
        page = client.get(path).text
        assert "3 bestellingen kunnen nu door." in page
        assert ">Verwerk 3</button>" in page
    answer = client.post("/configuratie/1/verwerk/vat_rate_not_configured")
    assert answer.location.startswith("/fouten?volg=")
    with site.data() as session:
        went = session.scalars(
            select(Transfer.number).where(Transfer.state != TransferState.FAILED)
        )
        assert set(went) == {"E0", "E2", "E4"}
    assert "kunnen nu door" not in client.get("/configuratie/1").text


def test_of_another_cause_nothing_goes(site: Site, failed: Sample) -> None:
    site.client(failed.owner).post("/configuratie/1/verwerk/order_empty")
    with site.data() as session:
        states = set(session.scalars(select(Transfer.state)))
    assert states == {TransferState.FAILED}


def test_of_another_administration_every_step_is_seen_before_it_begins(
    site: Site, sample: Sample
) -> None:
    client = site.client(sample.owner)
    client.post("/configuratie/1/btw", data=_rows(("NL", "21", "vl", "8000")))
    with site.data() as session:
        coupling = session.get(Coupling, 1)
        coupling.needs_look, coupling.confirmed = True, []
    for part in ("bestellingen", "debiteuren"):
        client.post(f"/configuratie/1/{part}", data=SETTINGS)
    client.post("/configuratie/1/begin")
    assert not _configured(site)
    client.post("/configuratie/1/voorstel")
    assert ("country", "NL", Decimal(21), "vh", "8000") in _saved(site)
    client.post("/configuratie/1/begin")
    assert _configured(site)
