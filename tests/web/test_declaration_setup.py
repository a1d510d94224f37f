"""Ondernemingen, administraties, aangifteprofielen, users and certificates."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.models import Connection, LogEntry
from core.runtime import jobs
from core.runtime.database import transaction
from core.services.connections import connections
from plugins.accountview.models import Undertaking, VismaUser, VismaUserAccess
from plugins.belastingdienst.models import Administration, FilingProfile
from tests.web.conftest import Site
from tests.web.declarations import (
    BASE,
    SETTINGS,
    Outside,
    connected,
    own,
    owner,
    profile,
    rows,
    running,
    sample,
    sandbox,
    settings,
    switched_on,
    text,
    undertaking,
    walk,
)
from tests.web.samples import Sample

__all__ = ["owner", "running", "sample", "sandbox", "settings"]  # fixtures


@pytest.mark.parametrize(
    ("code", "name"),
    [("FIETS2026", "Fietsen"), ("FIETS", "Fietsen 2026"), ("FIETS", "Boekjaar 1999")],
)
def test_an_undertaking_has_no_year(
    site: Site, owner: FlaskClient, code: str, name: str
) -> None:
    answer = undertaking(owner, code, name)
    assert answer.status_code == 422
    assert "hoort geen jaartal" in text(answer)
    assert rows(site, Undertaking) == []


def test_a_new_undertaking_is_blocked_and_code_is_unique(
    site: Site, owner: FlaskClient
) -> None:
    assert undertaking(owner).status_code == 303
    assert "bestaat al" in text(undertaking(owner))
    (made,) = rows(site, Undertaking)
    assert (made.is_blocked, made.visma_id) == (True, 0)
    owner.post(f"{BASE}/ondernemingen/{made.id}/blk", data={"geblokkeerd": "0"})
    assert not rows(site, Undertaking)[0].is_blocked


def test_an_undertaking_from_the_empty_form_is_given_an_administration(
    site: Site, owner: FlaskClient
) -> None:
    own(owner)
    page = text(owner.get(f"{BASE}/ondernemingen"))
    assert "WINKEL – De winkel" in page
    assert '<a href="/aangifte" aria-current="page">' in page  # the menu
    form = {"code": "FIETS", "description": "Fietsen", "administration_id": "1"}
    assert owner.post(f"{BASE}/ondernemingen", data=form).status_code == 303
    page = text(owner.get(f"{BASE}/administraties"))
    assert "FIETS" in page
    wrong = {**form, "code": "TWEE", "administration_id": "999"}
    assert owner.post(f"{BASE}/ondernemingen", data=wrong).status_code == 422


def test_what_is_proposed_as_signer_can_sign(site: Site, owner: FlaskClient) -> None:
    profile(owner)  # straight to Digipoort
    page = text(owner.get(f"{BASE}/certificaat"))
    assert "Digipoort wil uw eigen certificaat" in page
    assert "Klik om te activeren" not in page
    profile(owner, "autoreport", "Via Visma")
    page = text(owner.get(f"{BASE}/certificaat"))
    assert 'selected value="2">Via Visma' in page


def test_undertakings_are_registered_by_themselves(
    site: Site, owner: FlaskClient, running: Outside
) -> None:
    undertaking(owner, "EEN", "Voor het activeren")
    walk(owner, running)
    undertaking(owner, "TWEE", "Na het activeren")
    one, two = rows(site, Undertaking)
    assert (one.visma_id, two.visma_id) == (70001, 70002)
    assert one.registered_at


def test_a_registration_that_failed_is_made_up_for(
    site: Site, owner: FlaskClient, running: Outside
) -> None:
    walk(owner, running)
    running.control(
        "faults", {"kind": "status", "times": 1, "status": 503, "path": "services"}
    )
    assert undertaking(owner).status_code == 303
    assert rows(site, Undertaking)[0].visma_id == 0
    page = owner.post(f"{BASE}/ondernemingen/registreren", follow_redirects=True)
    assert "Alle ondernemingen zijn bij Visma.net geregistreerd" in text(page)
    assert rows(site, Undertaking)[0].visma_id == 70001


def test_the_report_compares_both_sides(
    site: Site, owner: FlaskClient, running: Outside
) -> None:
    undertaking(owner, "HIER", "Alleen hier aangemaakt")
    with site.app.app_context():
        from plugins.accountview import configuration

        configuration.visma_services().register_company("DAAR", "Alleen daar")
    page = text(owner.get(f"{BASE}/ondernemingen/rapport"))
    assert "Alleen hier</span>" in page
    assert "Alleen bij Visma.net</span>" in page
    walk(owner, running)
    page = text(owner.get(f"{BASE}/ondernemingen/rapport"))
    assert "Geregistreerd</span>" in page
    with site.data() as session:
        session.query(Undertaking).update({"description": "Anders"})
    assert "Verschilt</span>" in text(owner.get(f"{BASE}/ondernemingen/rapport"))
    running.control(
        "faults", {"kind": "status", "times": 1, "status": 503, "path": "services"}
    )
    assert 'role="alert"' in text(owner.get(f"{BASE}/ondernemingen/rapport"))


def test_administrations_come_from_accountview(
    site: Site, sample: Sample, owner: FlaskClient, running: Outside
) -> None:
    assert "nog niet verbonden" in text(owner.get(f"{BASE}/administraties"))
    connected(site, sample, running)
    page = text(owner.get(f"{BASE}/administraties"))
    assert "Demo Handel 2026" in page
    assert rows(site, Administration) == []
    owner.post(
        f"{BASE}/administraties/kiezen",
        data={"bron": "accountview", "administratie": ["1000", "x"]},
    )
    (made,) = rows(site, Administration)
    assert (made.code, made.company_id, made.source) == (
        "DEMO2026", "1000", "accountview",
    )  # fmt: skip
    assert made.tax_number == "001000044B37"
    assert "zijn gekozen" in text(owner.get(f"{BASE}/administraties"))
    owner.post(
        f"{BASE}/administraties/kiezen",
        data={"bron": "accountview", "administratie": "1000"},
    )
    assert len(rows(site, Administration)) == 1
    page = owner.post(
        f"{BASE}/administraties/lezen",
        data={"bron": "accountview"},
        follow_redirects=True,
    )
    assert "opnieuw gelezen" in text(page)


def test_books_are_opened_by_who_may_have_the_package(
    site: Site, sample: Sample, owner: FlaskClient, running: Outside
) -> None:
    connected(site, sample, running)
    colleague = site.client(sample.colleague)
    rights = {"rol": "colleague", "koppeling": "belastingdienst", "recht": "ja"}
    owner.post("/instellingen/rechten", data=rights)
    owner.post(
        "/instellingen/rechten",
        data={**rights, "koppeling": "accountview", "recht": "nee"},
    )
    assert "Demo Handel 2026" not in text(colleague.get(f"{BASE}/administraties"))
    for path in ("lezen", "kiezen"):
        form = {"bron": "accountview", "administratie": "1000"}
        answer = colleague.post(f"{BASE}/administraties/{path}", data=form)
        assert answer.status_code == 404
        answer = owner.post(f"{BASE}/administraties/{path}", data={"bron": "vies"})
        assert answer.status_code == 404
    assert rows(site, Administration) == []
    owner.post("/instellingen/rechten", data={**rights, "koppeling": "accountview"})
    assert "Demo Handel 2026" in text(colleague.get(f"{BASE}/administraties"))


def test_new_book_years_appear_by_themselves(
    site: Site, sample: Sample, running: Outside
) -> None:
    connection_id = connected(site, sample, running)
    with site.data() as session:
        row = session.get(Connection, connection_id)
        row.facts, row.next_run_at = {"companies": []}, None
    with site.data():
        jobs.run_task("read_companies", connection_id)
    with site.data() as session:
        row = session.get(Connection, connection_id)
        (found,) = row.facts["companies"]
        assert (found["id"], found["year"]) == ("1000", "2026")
        assert row.next_run_at > utcnow()
    running.control("revoke")
    with site.data():
        jobs.run_task("read_companies", connection_id)
    with site.data() as session:
        assert session.get(Connection, connection_id).state == "paused"


def test_another_accountview_is_refused_and_so_is_one_without_books(
    site: Site, sample: Sample, running: Outside
) -> None:
    from plugins.accountview.connector import AccountViewConnector
    from plugins.accountview.demo import _grant

    connection_id = connected(site, sample, running)
    other = switched_on(site, "Ander", 2)
    with pytest.raises(AskUser, match="company_taken"):
        connected(site, other, running)
    with site.data() as session:
        row = session.get(Connection, connection_id)
        (identity,) = AccountViewConnector().identify(_grant(running.url))
        assert identity.external_id == row.external_id == "1000"
        row.external_id = "900"
        with pytest.raises(AskUser, match="other_company"), transaction():
            connections.complete(row, identity, _grant(running.url))
    running.control("faults", {"kind": "status", "times": 1, "status": 200, "body": [],
                               "path": "Companies"})  # fmt: skip
    with site.data(), pytest.raises(AskUser, match="accountview_no_companies"):
        AccountViewConnector().identify(_grant(running.url))


def test_an_administration_of_own_invoices_needs_no_accountview(
    site: Site, owner: FlaskClient
) -> None:
    path = own(owner)
    assert owner.post(path, data=SETTINGS).status_code == 303
    (made,) = rows(site, Administration)
    assert (made.source, made.tax_number, made.period_kind, made.remind_days) == (
        "invoices", "001000044B37", "month", 5,
    )  # fmt: skip
    assert made.profile_id is None
    form = {"code": "WINKEL", "description": "x"}
    assert "bestaat al" in text(owner.post(f"{BASE}/administraties/eigen", data=form))
    assert "2026" in text(owner.get(BASE))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tax_number", "12345"),
        ("contact_phone", "020-12345678901"),
        ("contact_phone", "bel maar"),
        ("consultant_number", "12a456"),
        ("remind_days", "31"),
        ("profile_id", "999"),
        ("undertaking_id", "999"),
    ],
)
def test_settings_that_cannot_be_are_refused(
    site: Site, owner: FlaskClient, name: str, value: str
) -> None:
    answer = owner.post(own(owner), data={**SETTINGS, name: value})
    assert answer.status_code == 422
    assert 'class="error"' in text(answer)
    assert rows(site, Administration)[0].tax_number == ""


def test_profiles_are_laid_down_per_administration(
    site: Site, owner: FlaskClient
) -> None:
    profile(owner)
    (made,) = rows(site, FilingProfile)
    path = own(owner)
    owner.post(path, data={**SETTINGS, "profile_id": str(made.id)})
    assert rows(site, Administration)[0].profile_id == made.id
    page = owner.post(f"{BASE}/profielen/{made.id}/weg", follow_redirects=True)
    assert "nog in gebruik" in text(page)
    form = {"name": "P", "channel": "autoreport"}
    assert owner.post(f"{BASE}/profielen", data=form).status_code == 422
    renamed = {"name": "Q", "channel": "autoreport", "account": ""}
    owner.post(f"{BASE}/profielen/{made.id}", data=renamed)
    changed = rows(site, FilingProfile)[0]
    assert (changed.name, changed.channel) == ("Q", "digipoort")
    owner.post(path, data=SETTINGS)
    owner.post(f"{BASE}/profielen/{made.id}/weg")
    assert rows(site, FilingProfile) == []


def test_users_have_access_per_undertaking(site: Site, owner: FlaskClient) -> None:
    undertaking(owner, "EEN", "Een")
    undertaking(owner, "TWEE", "Twee")
    one, two = (row.id for row in rows(site, Undertaking))
    form: dict[str, Any] = {"name": "Ada", "email": "a@example.com"}
    answer = owner.post(f"{BASE}/gebruikers", data={**form, "undertakings": [one]})
    assert answer.status_code == 303
    (made,) = rows(site, VismaUser)
    path = f"{BASE}/gebruikers/{made.id}"
    assert text(owner.get(path)).count("checked") == 1
    owner.post(path, data={**form, "undertakings": [one, two]})
    assert {(row.undertaking_id, row.role) for row in rows(site, VismaUserAccess)} == {
        (one, "AutoReport User"), (two, "AutoReport User"),
    }  # fmt: skip
    again = owner.post(f"{BASE}/gebruikers", data={**form, "undertakings": [two]})
    assert again.status_code == 422
    wrong = owner.post(path, data={**form, "undertakings": [999]})
    assert wrong.status_code == 422
    owner.post(f"{path}/weg")
    assert rows(site, VismaUser) == rows(site, VismaUserAccess) == []


def test_changes_stand_in_the_log(site: Site, owner: FlaskClient) -> None:
    undertaking(owner)
    profile(owner)
    own(owner)
    codes = {row.code for row in rows(site, LogEntry)}
    assert {
        "accountview_undertaking_made", "belastingdienst_profile_saved",
        "belastingdienst_administration_made",
    } <= codes  # fmt: skip
    log = text(owner.get("/log"))
    assert "accountview_" not in log
    assert "belastingdienst_" not in log


PAGES = ("", "/administraties", "/ondernemingen", "/ondernemingen/rapport",
         "/profielen", "/gebruikers", "/certificaat", "/activeren/welkom")  # fmt: skip


def test_a_colleague_looks_and_changes_nothing(
    site: Site, sample: Sample, owner: FlaskClient, running: Outside
) -> None:
    undertaking(owner)
    own(owner)
    colleague = site.client(sample.colleague)
    for path in PAGES:
        assert colleague.get(f"{BASE}{path}").status_code == 200, path
    assert "disabled" in text(colleague.get(f"{BASE}/ondernemingen"))
    for path in ("/ondernemingen", "/profielen", "/gebruikers", "/certificaat",
                 "/administraties/eigen", "/ondernemingen/1/blk"):  # fmt: skip
        assert colleague.post(f"{BASE}{path}").status_code == 403, path


def test_the_pages_are_there_only_where_the_plugin_is(
    site: Site, sample: Sample, owner: FlaskClient, running: Outside
) -> None:
    assert 'href="/aangifte"' in text(owner.get("/"))
    stranger = site.sample("Zonder", 2)
    other = site.client(stranger.owner)
    assert 'href="/aangifte"' not in text(other.get("/"))
    assert [other.get(f"{BASE}{path}").status_code for path in PAGES] == [404] * 8
    form = {"rol": "colleague", "koppeling": "belastingdienst", "recht": "nee"}
    owner.post("/instellingen/rechten", data=form)
    colleague = site.client(sample.colleague)
    assert 'href="/aangifte"' not in text(colleague.get("/"))
    assert colleague.get(BASE).status_code == 404
    assert colleague.get(f"{BASE}/ondernemingen").status_code == 200
    owner.post("/instellingen/rechten", data={**form, "koppeling": "accountview"})
    assert colleague.get(f"{BASE}/ondernemingen").status_code == 404
    form["recht"] = "ja"
    owner.post("/instellingen/rechten", data=form)
    assert colleague.get(BASE).status_code == 200
    owner.post("/instellingen/rechten", data={**form, "koppeling": "accountview"})
    assert undertaking(colleague).status_code == 303
