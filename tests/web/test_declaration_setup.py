"""Ondernemingen, administraties, aangifteprofielen, users and certificates."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    load_pem_private_key,
    pkcs12,
)
from flask.testing import FlaskClient

from core.clock import utcnow
from core.errors import AskUser
from core.models import LogEntry
from core.services import connections
from core.services.database import transaction
from core.settings import Settings
from core.tenancy import tenant_scope
from plugins.accountview import administrations, certificate_store
from plugins.accountview.models import (
    Administration,
    Certificate,
    FilingProfile,
    Undertaking,
    VismaUser,
    VismaUserAccess,
)
from tests.web.conftest import Site
from tests.web.declarations import Outside, connected, outside, switched_on, walk
from tests.web.samples import Sample
from tests.web.test_declaration_wizard import _everything

CANARY = "Kanarie-wachtwoord-8"
BASE = "/aangifte"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    with outside(tmp_path_factory.mktemp("accountview")) as running:
        yield running


@pytest.fixture
def running(sandbox: Outside) -> Outside:
    sandbox.control("reset")
    return sandbox


@pytest.fixture
def settings(settings: Settings, running: Outside) -> Settings:
    return running.settings(settings)


@pytest.fixture
def sample(site: Site) -> Sample:
    return switched_on(site)


@pytest.fixture
def owner(site: Site, sample: Sample) -> FlaskClient:
    return site.client(sample.owner)


def rows(site: Site, model: Any) -> list[Any]:
    with site.data() as session:
        found = session.query(model).order_by(model.id).all()
        session.expunge_all()
        return found


def text(answer: Any) -> str:
    found: str = answer.get_data(as_text=True)
    return found


def undertaking(owner: FlaskClient, code: str = "FIETS", name: str = "Fietsen") -> Any:
    form = {"code": code, "description": name}
    return owner.post(f"{BASE}/ondernemingen", data=form)


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
    owner.post(f"{BASE}/administraties/kiezen", data={"administratie": ["1000", "x"]})
    (made,) = rows(site, Administration)
    assert (made.code, made.company_id, made.source) == (
        "DEMO2026", "1000", "accountview",
    )  # fmt: skip
    assert made.tax_number == "001000044B37"
    assert "zijn gekozen" in text(owner.get(f"{BASE}/administraties"))
    owner.post(f"{BASE}/administraties/kiezen", data={"administratie": "1000"})
    assert len(rows(site, Administration)) == 1
    page = owner.post(f"{BASE}/administraties/lezen", follow_redirects=True)
    assert "opnieuw gelezen" in text(page)


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
        from core.models import Connection

        row = session.get(Connection, connection_id)
        identity = AccountViewConnector().identify(_grant(running.url))
        assert identity.external_id == row.external_id == "1000"
        row.external_id = "900"
        with pytest.raises(AskUser, match="other_company"), transaction():
            connections.complete(row, identity, _grant(running.url))
    running.control("faults", {"kind": "status", "times": 1, "status": 200, "body": [],
                               "path": "Companies"})  # fmt: skip
    with site.data(), pytest.raises(AskUser, match="accountview_no_companies"):
        AccountViewConnector().identify(_grant(running.url))


def own(owner: FlaskClient, code: str = "WINKEL") -> str:
    form = {"code": code, "description": "De winkel"}
    answer = owner.post(f"{BASE}/administraties/eigen", data=form)
    assert answer.status_code == 303
    return str(answer.location)


SETTINGS = {
    "description": "De winkel", "enabled": "y", "tax_number": "NL001000044B37",
    "period_kind": "month", "contact_initials": "A", "contact_surname": "Jansen",
    "contact_phone": "020-1234567", "remind_days": "5", "undertaking_id": "0",
    "profile_id": "0",
}  # fmt: skip


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


def profile(owner: FlaskClient, kind: str = "digipoort", name: str = "P") -> None:
    form = {"name": name, "kind": kind, "visma_tenant": "demo-tenant"}
    assert owner.post(f"{BASE}/profielen", data=form).status_code == 303


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
    form = {"name": "P", "kind": "autoreport"}
    assert owner.post(f"{BASE}/profielen", data=form).status_code == 422
    renamed = {"name": "Q", "kind": "autoreport", "visma_tenant": ""}
    owner.post(f"{BASE}/profielen/{made.id}", data=renamed)
    changed = rows(site, FilingProfile)[0]
    assert (changed.name, changed.kind) == ("Q", "digipoort")
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
    assert [(row.undertaking_id, row.role) for row in rows(site, VismaUserAccess)] == [
        (one, "AutoReport User"), (two, "AutoReport User"),
    ]  # fmt: skip
    again = owner.post(f"{BASE}/gebruikers", data={**form, "undertakings": [two]})
    assert again.status_code == 422
    wrong = owner.post(path, data={**form, "undertakings": [999]})
    assert wrong.status_code == 422
    owner.post(f"{path}/weg")
    assert rows(site, VismaUser) == rows(site, VismaUserAccess) == []


def issued(running: Outside, days: int = 365) -> dict[str, str]:
    body = {"name": "De winkel", "serial": "12345678", "days": days}
    found: dict[str, str] = running.control("certificate", body)
    return found


def p12(pair: dict[str, str], password: str = CANARY) -> bytes:
    return pkcs12.serialize_key_and_certificates(
        b"x",
        load_pem_private_key(pair["key"].encode(), None),  # type: ignore[arg-type]
        x509.load_pem_x509_certificate(pair["certificate"].encode()),
        None,
        BestAvailableEncryption(password.encode()),
    )


def upload(owner: FlaskClient, content: bytes, password: str = "", **more: Any) -> Any:
    form = {"file": (io.BytesIO(content), "x.p12"), "password": password, **more}
    return owner.post(f"{BASE}/certificaat", data=form)


def test_a_certificate_is_kept_encrypted_and_its_password_is_not(
    site: Site, owner: FlaskClient, running: Outside
) -> None:
    pair = issued(running)
    wrong = upload(owner, p12(pair), "fout")
    assert wrong.status_code == 422
    assert "kan niet worden gelezen" in text(wrong)
    answer = upload(owner, p12(pair), CANARY)
    assert answer.status_code == 303
    (made,) = rows(site, Certificate)
    assert (made.subject, made.pins, made.roots) == ("De winkel", "", "")
    key = pair["key"].splitlines()[2]
    shown = text(owner.get(f"{BASE}/certificaat")) + text(owner.get("/log"))
    assert "De winkel" in shown
    for kept in (shown, _everything(site)):
        assert CANARY not in kept
        assert key not in kept
    assert b"PRIVATE KEY" not in made.secret
    other = switched_on(site, "Ander", 2).tenant.id
    with site.data() as session:
        row = session.get(Certificate, made.id)
        assert key in certificate_store.opened(row).key_pem().decode()
        row.tenant_id = other
        from core.vault import VaultError

        with pytest.raises(VaultError):  # bound to its tenant
            certificate_store.opened(row)
        session.rollback()


def test_pem_may_come_in_one_file_or_two(
    site: Site, owner: FlaskClient, running: Outside
) -> None:
    pair = issued(running)
    certificate, key = pair["certificate"].encode(), pair["key"].encode()
    assert upload(owner, certificate + key).status_code == 303
    parts = {"key": (io.BytesIO(key), "key.pem")}
    assert upload(owner, certificate, **parts).status_code == 303
    other = {"key": (io.BytesIO(issued(running)["key"].encode()), "key.pem")}
    assert "horen niet bij elkaar" in text(upload(owner, certificate, **other))
    assert upload(owner, certificate).status_code == 422
    assert upload(owner, b"nonsense").status_code == 422
    old = issued(running, days=-1)
    ended = upload(owner, (old["certificate"] + old["key"]).encode())
    assert "niet (meer) geldig" in text(ended)
    assert len(rows(site, Certificate)) == 2


def choose(owner: FlaskClient, profile: int, certificate: int, only: int = 0) -> Any:
    form = {"profile": profile, "certificate": certificate, "administration": only}
    return owner.post(f"{BASE}/certificaat/kiezen", data=form)


def test_visma_s_certificate_is_activated_at_autoreport(
    site: Site, owner: FlaskClient, running: Outside
) -> None:
    profile(owner, "autoreport")
    (made,) = rows(site, FilingProfile)
    running.control(
        "faults", {"kind": "status", "times": 1, "status": 500, "path": "certificate"}
    )
    assert choose(owner, made.id, 0).status_code == 422
    assert rows(site, FilingProfile)[0].certificate_source is None
    assert choose(owner, made.id, 0).status_code == 303
    chosen = rows(site, FilingProfile)[0]
    assert (chosen.certificate_source, chosen.certificate_id) == ("visma", None)
    assert chosen.certificate_activated_at


def test_a_certificate_for_one_administration_only(
    site: Site, owner: FlaskClient, running: Outside
) -> None:
    walk(owner, running)
    undertaking(owner)
    profile(owner, "autoreport")
    pair = issued(running)
    upload(owner, (pair["certificate"] + pair["key"]).encode())
    made, certificate = rows(site, FilingProfile)[0], rows(site, Certificate)[0]
    path = own(owner)
    only = rows(site, Administration)[0].id
    assert "ander aangifteprofiel" in text(choose(owner, made.id, 0, only))
    form = {**SETTINGS, "profile_id": str(made.id)}
    owner.post(path, data=form)
    assert "niet bij Visma.net" in text(choose(owner, made.id, 0, only)).replace(
        "nog niet bij\n", "niet bij"
    )
    form["undertaking_id"] = str(rows(site, Undertaking)[0].id)
    owner.post(path, data=form)
    assert choose(owner, made.id, 0).status_code == 303
    assert choose(owner, made.id, certificate.id, only).status_code == 303
    row = rows(site, Administration)[0]
    assert (row.certificate_source, row.own_certificate_id) == ("own", certificate.id)
    assert rows(site, FilingProfile)[0].certificate_source == "visma"
    page = owner.post(f"{BASE}/certificaat/{certificate.id}/weg", follow_redirects=True)
    assert "nog in gebruik" in text(page)
    assert choose(owner, made.id, 0).status_code == 303  # for all: only this one ends
    row = rows(site, Administration)[0]
    assert (row.certificate_source, row.own_certificate_id) == (None, None)
    owner.post(f"{BASE}/certificaat/{certificate.id}/weg")
    assert rows(site, Certificate) == []


def test_digipoort_wants_an_own_certificate(
    site: Site, owner: FlaskClient, running: Outside
) -> None:
    profile(owner)
    made = rows(site, FilingProfile)[0]
    assert "Digipoort wil uw eigen" in text(choose(owner, made.id, 0))
    pair = issued(running)
    upload(owner, (pair["certificate"] + pair["key"]).encode())
    certificate = rows(site, Certificate)[0]
    assert choose(owner, made.id, certificate.id).status_code == 303
    assert rows(site, FilingProfile)[0].certificate_id == certificate.id


def _header(site: Site, sample: Sample) -> Any:
    with site.data(), tenant_scope(sample.tenant.id):
        (row,) = administrations.of_tenant()
        return administrations.header(row, "R1", utcnow())


def _codes(site: Site, sample: Sample) -> list[str]:
    with site.data(), tenant_scope(sample.tenant.id):
        (row,) = administrations.of_tenant()
        return administrations.problems(row)


def test_through_visma_everything_must_be_ready(
    site: Site, sample: Sample, owner: FlaskClient, running: Outside
) -> None:
    path = own(owner)
    assert _codes(site, sample) == ["profile_missing"]
    profile(owner, "autoreport")
    form = {**SETTINGS, "profile_id": str(rows(site, FilingProfile)[0].id)}
    owner.post(path, data=form)
    assert _codes(site, sample) == [
        "activation_unfinished", "undertaking_missing", "certificate_inactive",
    ]  # fmt: skip
    undertaking(owner)
    key = rows(site, Undertaking)[0].id
    owner.post(path, data={**form, "undertaking_id": str(key)})
    assert _codes(site, sample)[:3] == [
        "undertaking_blocked", "activation_unfinished", "undertaking_unregistered",
    ]  # fmt: skip
    walk(owner, running)
    choose(owner, rows(site, FilingProfile)[0].id, 0)
    user = {"name": "Ada", "email": "a@example.com", "undertakings": [key]}
    owner.post(f"{BASE}/gebruikers", data=user)
    assert _codes(site, sample) == ["undertaking_blocked"]
    owner.post(f"{BASE}/ondernemingen/{key}/blk", data={"geblokkeerd": "0"})
    assert _codes(site, sample) == []
    assert _header(site, sample).tax_number == "001000044B37"
    assert "Klaar om te versturen" in text(owner.get(BASE))


def test_nothing_is_filed_for_a_blocked_undertaking(
    site: Site, sample: Sample, owner: FlaskClient, running: Outside
) -> None:
    profile(owner)
    pair = issued(running)
    upload(owner, (pair["certificate"] + pair["key"]).encode())
    made = rows(site, FilingProfile)[0]
    choose(owner, made.id, rows(site, Certificate)[0].id)
    path = own(owner)
    form = {**SETTINGS, "profile_id": str(made.id)}
    owner.post(path, data=form)
    assert _header(site, sample).reference == "R1"
    undertaking(owner)
    key = rows(site, Undertaking)[0].id
    owner.post(path, data={**form, "undertaking_id": str(key)})
    with pytest.raises(AskUser, match="undertaking_blocked"):
        _header(site, sample)
    owner.post(f"{BASE}/ondernemingen/{key}/blk", data={"geblokkeerd": "0"})
    assert _header(site, sample).reference == "R1"
    owner.post(path, data={**form, "contact_surname": ""})
    with pytest.raises(AskUser, match="contact_missing"):
        _header(site, sample)


def test_changes_stand_in_the_log(site: Site, owner: FlaskClient) -> None:
    undertaking(owner)
    profile(owner)
    own(owner)
    codes = {row.code for row in rows(site, LogEntry)}
    assert {
        "accountview_undertaking_made", "accountview_profile_saved",
        "accountview_administration_made",
    } <= codes  # fmt: skip
    assert "accountview_" not in text(owner.get("/log"))


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
    form = {"rol": "colleague", "koppeling": "accountview", "recht": "nee"}
    owner.post("/instellingen/rechten", data=form)
    colleague = site.client(sample.colleague)
    assert 'href="/aangifte"' not in text(colleague.get("/"))
    assert colleague.get(BASE).status_code == 404
    form["recht"] = "ja"
    owner.post("/instellingen/rechten", data=form)
    assert undertaking(colleague).status_code == 303


def test_the_demo_files_at_once(
    site: Site, sample: Sample, running: Outside, tmp_path: Path
) -> None:
    from plugins.accountview.demo import SANDBOX

    connected(site, sample, running)
    assert SANDBOX.seed is not None
    for _again in range(2):
        with site.data():
            SANDBOX.seed(running.url, sample.tenant.id)
    (certificate,) = rows(site, Certificate)
    authority = running.control("authority", verb="GET")
    assert (certificate.pins, certificate.roots) == (
        authority["fingerprint"], authority["root"],
    )  # fmt: skip
    assert len(rows(site, FilingProfile)) == 2
    assert _codes(site, sample) == []
    assert _header(site, sample).software.vendor_number == "SWO00000"
    with site.data(), tenant_scope(sample.tenant.id):
        (row,) = administrations.of_tenant()
        found = certificate_store.chosen(row)
        assert found is not None
        assert certificate_store.opened(found).subject == "Demo Handel"
