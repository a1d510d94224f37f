"""*Visma-diensten activeren*: six steps, live checks, and passwords nowhere."""

import pytest

from core.runtime.settings import Settings
from plugins.accountview.models import Activation
from tests.web.conftest import Site
from tests.web.declarations import (
    ADMIN,
    LICENCE,
    SECRET,
    WIZARD,
    Outside,
    everything,
    running,
    sample,
    sandbox,
    settings,
    walk,
)
from tests.web.samples import Sample

__all__ = ["running", "sample", "sandbox", "settings"]  # fixtures

CANARY = "Kanarie-wachtwoord-7"


def row(site: Site) -> Activation:
    with site.data() as session:
        found = session.query(Activation).one()
        session.expunge(found)
        return found


def test_the_wizard_is_walked_and_stays_done(
    site: Site, sample: Sample, running: Outside
) -> None:
    client = site.client(sample.owner)
    assert client.get(WIZARD).location.endswith("/welkom")
    walk(client, running)
    found = row(site)
    assert (found.step, found.edition, found.serial) == (
        7, "AccountView Business", "123456",
    )  # fmt: skip
    assert found.modules == ["AutoReport-koppeling", "Facturering"]
    assert found.terms_accepted_at
    assert found.gateway_checked_at
    assert not found.single_sign_on
    page = client.get(WIZARD, follow_redirects=True).get_data(as_text=True)
    assert "De Visma-diensten zijn geactiveerd." in page


def test_a_stopped_wizard_goes_on_where_it_was(
    site: Site, sample: Sample, running: Outside
) -> None:
    walk(site.client(sample.owner), running, until="gateway")
    again = site.client(sample.owner)
    assert again.get(WIZARD).location.endswith("/gateway")
    for step in ("welkom", "licentie", "communicatie", "beheerder", "gateway"):
        assert again.get(f"{WIZARD}/{step}").status_code == 200


def test_a_later_step_waits_for_its_turn(
    site: Site, sample: Sample, running: Outside
) -> None:
    client = site.client(sample.owner)
    walk(client, running, until="communicatie")
    page = client.get(f"{WIZARD}/autorisatie").get_data(as_text=True)
    assert "Deze stap is nog niet aan de beurt" in page
    form = {"email": ADMIN, "password": SECRET}
    assert client.post(f"{WIZARD}/autorisatie", data=form).status_code == 422
    assert row(site).authorised_at is None
    assert client.get(f"{WIZARD}/onbekend").status_code == 404


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("AccountView Business", "AccountView Solo", "AccountView Team of"),
        ("9.8a", "9.7", "versie van AccountView van voor 9.8"),
        ("AutoReport-koppeling, ", "", "module AutoReport-koppeling ontbreekt"),
    ],
)
def test_a_licence_that_does_not_do_is_reported(
    site: Site, sample: Sample, running: Outside, old: str, new: str, words: str
) -> None:
    client = site.client(sample.owner)
    walk(client, running, until="licentie")
    form = {"text": LICENCE.replace(old, new), "terms": "y"}
    answer = client.post(f"{WIZARD}/licentie", data=form)
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    assert row(site).step == 2
    assert "Ontbreekt" in client.get(f"{WIZARD}/licentie").get_data(as_text=True)


def test_a_text_that_is_no_licence_is_told_in_words(
    site: Site, sample: Sample, running: Outside
) -> None:
    client = site.client(sample.owner)
    walk(client, running, until="licentie")
    page = client.get(f"{WIZARD}/licentie").get_data(as_text=True)
    assert 'data-paste="text" hidden' in page  # shown by the script that pastes
    form = {"text": "geen licentie", "terms": "y"}
    answer = client.post(f"{WIZARD}/licentie", data=form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "kan in deze tekst geen licentie lezen" in page
    assert "De tekst is naar Visma gestuurd" in page
    assert "licence_unreadable" not in page
    assert "niets verstuurd" not in page
    assert "Hulp bij dit scherm" in page


def test_the_terms_come_first(site: Site, sample: Sample, running: Outside) -> None:
    client = site.client(sample.owner)
    walk(client, running, until="licentie")
    answer = client.post(f"{WIZARD}/licentie", data={"text": LICENCE})
    assert answer.status_code == 422
    assert "nog niet akkoord" in answer.get_data(as_text=True)
    assert row(site).terms_accepted_at is None
    assert running.control("ledger?kind=licence", verb="GET") == []


def test_the_communication_service_must_be_there(
    site: Site, sample: Sample, running: Outside
) -> None:
    client = site.client(sample.owner)
    walk(client, running, until="communicatie")
    answer = client.post(f"{WIZARD}/communicatie", data={"server": "elders"})
    assert answer.status_code == 422
    assert "antwoordt niet op elders" in answer.get_data(as_text=True)
    assert (row(site).step, row(site).server) == (3, "elders")


def test_the_known_server_is_checked_as_the_step_opens(
    site: Site, sample: Sample, running: Outside
) -> None:
    client = site.client(sample.owner)
    walk(client, running, until="communicatie")
    step, check = f"{WIZARD}/communicatie", f"{WIZARD}/communicatie/stand"
    assert 'hx-trigger="load"' not in client.get(step).get_data(as_text=True)
    client.post(step, data={"server": "elders"})
    assert f'hx-post="{check}" hx-trigger="load"' in client.get(step).text
    part = client.post(check).text
    assert "antwoordt niet op elders" in part
    assert 'hx-trigger="load"' not in part  # once, not for ever
    running.control("services", {"acs_servers": ["elders"]})
    part = client.post(check).text
    assert "Actief" in part
    assert row(site).step == 4
    colleague = site.client(sample.colleague)
    assert colleague.post(check).status_code == 403
    assert 'hx-trigger="load"' not in colleague.get(step).text


def test_the_administrator_tests_the_connection(
    site: Site, sample: Sample, running: Outside
) -> None:
    client = site.client(sample.owner)
    walk(client, running, until="gateway")
    assert "Verbinding testen" in client.get(f"{WIZARD}/beheerder").text
    running.control("services", {"gateway_running": False})
    test = {"knop": "testen"}
    answer = client.post(f"{WIZARD}/beheerder", data=test)
    assert answer.status_code == 422
    assert "bereiken elkaar nog niet" in answer.text
    running.control("services", {"gateway_running": True})
    answer = client.post(f"{WIZARD}/beheerder", data=test, follow_redirects=True)
    assert "AccountView en AccountView.Net bereiken elkaar." in answer.text


def test_the_mail_comes_first(site: Site, sample: Sample, running: Outside) -> None:
    client = site.client(sample.owner)
    walk(client, running, until="beheerder")
    check = {"knop": "controleren"}
    answer = client.post(f"{WIZARD}/beheerder", data=check)
    assert "nog geen beheerder" in answer.get_data(as_text=True)
    form = {"email": ADMIN, "first_name": "Ada", "last_name": "Beheer"}
    assert client.post(f"{WIZARD}/beheerder", data=form).status_code == 303
    answer = client.post(f"{WIZARD}/beheerder", data=check)
    assert answer.status_code == 422
    assert "nog niet gedaan" in answer.get_data(as_text=True)
    assert row(site).step == 4


def test_the_gateway_nameseverything_that_fails(
    site: Site, sample: Sample, running: Outside
) -> None:
    client = site.client(sample.owner)
    walk(client, running, until="gateway")
    running.control("services", {"gateway_running": False, "gateway_local_only": True})
    form = {"email": ADMIN, "password": "fout"}
    assert client.post(f"{WIZARD}/gateway", data=form).status_code == 303
    page = client.get(f"{WIZARD}/gateway").get_data(as_text=True)
    for words in (
        "niet gestart",
        "alleen lokaal beschikbaar.",
        "accepteert dit e-mail",
    ):
        assert words in page
    assert row(site).step == 5
    running.control("services", {"gateway_running": True, "gateway_local_only": False})
    form["password"] = SECRET
    assert client.post(f"{WIZARD}/gateway", data=form).status_code == 303
    assert (row(site).step, row(site).gateway_failures) == (6, [])


def test_single_sign_on_wants_both_names(
    site: Site, sample: Sample, running: Outside
) -> None:
    client = site.client(sample.owner)
    walk(client, running, until="autorisatie")
    form = {"email": ADMIN, "password": SECRET, "link_user": "y", "first_name": "Ada"}
    answer = client.post(f"{WIZARD}/autorisatie", data=form)
    assert answer.status_code == 422
    assert "voornaam en achternaam" in answer.get_data(as_text=True)
    form["last_name"] = "Beheer"
    assert client.post(f"{WIZARD}/autorisatie", data=form).status_code == 303
    assert row(site).single_sign_on


def test_another_administrator_begins_at_his_mail_again(
    site: Site, sample: Sample, running: Outside
) -> None:
    client = site.client(sample.owner)
    walk(client, running)
    form = {"email": "ander@example.com", "first_name": "Bea", "last_name": "B"}
    assert client.post(f"{WIZARD}/beheerder", data=form).status_code == 303
    found = row(site)
    assert (found.step, found.administrator_confirmed_at) == (4, None)
    assert found.authorised_at is None


@pytest.mark.parametrize("step", ["gateway", "autorisatie"])
def test_a_password_is_used_and_kept_nowhere(
    site: Site,
    sample: Sample,
    running: Outside,
    step: str,
    capsys: pytest.CaptureFixture[str],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import logging

    import structlog

    monkeypatch.setattr(
        structlog._config._CONFIG,
        "default_wrapper_class",
        structlog.make_filtering_bound_logger(logging.DEBUG),
    )
    client = site.client(sample.owner)
    walk(client, running, until=step)
    form = {"email": ADMIN, "password": CANARY}
    pages = [client.post(f"{WIZARD}/{step}", data=form).get_data(as_text=True)]
    fault = {
        "kind": "status",
        "times": 1,
        "status": 400,
        "body": {"error": f"no: {CANARY}"},
    }
    running.control("faults", {**fault, "path": "services"})
    pages.append(client.post(f"{WIZARD}/{step}", data=form).get_data(as_text=True))
    running.control(
        "faults", {"kind": "status", "times": 1, "status": 500, "path": "services"}
    )
    pages.append(client.post(f"{WIZARD}/{step}", data=form).get_data(as_text=True))
    pages.append(client.get(f"{WIZARD}/{step}").get_data(as_text=True))
    pages.append(client.get("/log").get_data(as_text=True))
    assert "Visma weigerde deze stap." in pages[1]
    captured = capsys.readouterr()
    for kept in (*pages, captured.out, captured.err, everything(site)):
        assert CANARY not in kept


def test_the_licence_text_is_not_kept(
    site: Site, sample: Sample, running: Outside
) -> None:
    walk(site.client(sample.owner), running, until="communicatie")
    assert "Facturering" in everything(site)
    assert "Licentie AccountView" not in everything(site)


def test_who_may_only_look_cannot_walk_it(
    site: Site, sample: Sample, running: Outside
) -> None:
    colleague = site.client(sample.colleague)
    page = colleague.get(f"{WIZARD}/welkom").get_data(as_text=True)
    assert "disabled" in page
    assert colleague.post(f"{WIZARD}/welkom").status_code == 403


def test_without_an_address_it_says_so(
    site: Site, sample: Sample, running: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    from plugins.accountview import configuration
    from plugins.accountview.services import VismaServices

    client = site.client(sample.owner)
    walk(client, running, until="licentie")
    monkeypatch.setattr(configuration, "visma_services", lambda: VismaServices(""))
    form = {"text": LICENCE, "terms": "y"}
    answer = client.post(f"{WIZARD}/licentie", data=form)
    assert "Er is geen adres ingesteld" in answer.get_data(as_text=True)
