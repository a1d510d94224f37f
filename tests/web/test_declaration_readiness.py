"""Certificates, which one signs, and what keeps an administration from filing."""

import io
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from core.domain.errors import AskUser
from core.runtime.tenancy import tenant_scope
from plugins.accountview.models import Undertaking
from plugins.belastingdienst.models import Administration, Certificate, FilingProfile
from plugins.belastingdienst.setup import administrations, certificate_store
from tests.web.conftest import Site
from tests.web.declarations import (
    BASE,
    CANARY,
    SETTINGS,
    Outside,
    choose,
    codes,
    connected,
    everything,
    header,
    issued,
    own,
    owner,
    p12,
    profile,
    rows,
    running,
    sample,
    sandbox,
    settings,
    switched_on,
    text,
    undertaking,
    upload,
    walk,
)
from tests.web.samples import Sample

__all__ = ["owner", "running", "sample", "sandbox", "settings"]  # fixtures


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
    for kept in (shown, everything(site)):
        assert CANARY not in kept
        assert key not in kept
    assert b"PRIVATE KEY" not in made.secret
    other = switched_on(site, "Ander", 2).tenant.id
    with site.data() as session:
        row = session.get(Certificate, made.id)
        assert key in certificate_store.opened(row).key_pem().decode()
        session.expunge(row)
        row.tenant_id = other
        from core.runtime.vault import VaultError

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
    assert (chosen.certificate_source, chosen.certificate_id) == ("channel", None)
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
    assert rows(site, FilingProfile)[0].certificate_source == "channel"
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


def test_through_visma_everything_must_be_ready(
    site: Site, sample: Sample, owner: FlaskClient, running: Outside
) -> None:
    path = own(owner)
    assert codes(site, sample) == ["profile_missing"]
    profile(owner, "autoreport")
    form = {**SETTINGS, "profile_id": str(rows(site, FilingProfile)[0].id)}
    owner.post(path, data=form)
    assert codes(site, sample) == [
        "activation_unfinished", "undertaking_missing", "certificate_inactive",
    ]  # fmt: skip
    undertaking(owner)
    key = rows(site, Undertaking)[0].id
    owner.post(path, data={**form, "undertaking_id": str(key)})
    assert codes(site, sample)[:3] == [
        "undertaking_blocked", "activation_unfinished", "undertaking_unregistered",
    ]  # fmt: skip
    walk(owner, running)
    choose(owner, rows(site, FilingProfile)[0].id, 0)
    user = {"name": "Ada", "email": "a@example.com", "undertakings": [key]}
    owner.post(f"{BASE}/gebruikers", data=user)
    assert codes(site, sample) == ["undertaking_blocked"]
    owner.post(f"{BASE}/ondernemingen/{key}/blk", data={"geblokkeerd": "0"})
    assert codes(site, sample) == []
    assert header(site, sample).tax_number == "001000044B37"
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
    assert header(site, sample).reference == "R1"
    undertaking(owner)
    key = rows(site, Undertaking)[0].id
    owner.post(path, data={**form, "undertaking_id": str(key)})
    with pytest.raises(AskUser, match="undertaking_blocked"):
        header(site, sample)
    owner.post(f"{BASE}/ondernemingen/{key}/blk", data={"geblokkeerd": "0"})
    assert header(site, sample).reference == "R1"
    owner.post(path, data={**form, "contact_surname": ""})
    with pytest.raises(AskUser, match="contact_missing"):
        header(site, sample)


def test_what_the_message_lacks_is_told_before_anything_is_prepared(
    site: Site, owner: FlaskClient, running: Outside
) -> None:
    profile(owner)
    pair = issued(running)
    upload(owner, (pair["certificate"] + pair["key"]).encode())
    made = rows(site, FilingProfile)[0]
    choose(owner, made.id, rows(site, Certificate)[0].id)
    path = own(owner)
    form = {**SETTINGS, "profile_id": str(made.id)}
    owner.post(path, data={**form, "tax_number": "", "contact_phone": ""})
    for page in (path, BASE):
        shown = text(owner.get(page))
        assert "Het omzetbelastingnummer ontbreekt." in shown
        assert "De contactpersoon is niet compleet." in shown
        assert "Vul het aan bij de administratie" in shown
    assert "Nog 2 te doen" in text(owner.get(f"{BASE}/administraties"))
    owner.post(path, data=form)
    assert "Klaar om te versturen" in text(owner.get(BASE))


def test_nothing_is_offered_to_file_before_the_figures_were_read(
    owner: FlaskClient,
) -> None:
    number = own(owner).rsplit("/", 1)[-1]
    shown = text(owner.get(f"{BASE}/cijfers/{number}/2026-Q1"))
    assert "Lees eerst de cijfers." in shown
    assert "klaarmaken</button>" not in shown
    assert "er is geen opgaaf nodig" not in shown


def test_the_plugin_s_page_leads_to_its_own_pages(owner: FlaskClient) -> None:
    shown = text(owner.get("/koppelingen/belastingdienst"))
    assert "Naar Aangifte" in shown
    assert "Naar Aangifte" not in text(owner.get("/koppelingen/kmoshops"))


def test_the_demo_files_at_once(
    site: Site, sample: Sample, running: Outside, tmp_path: Path
) -> None:
    from plugins.belastingdienst.demo import SANDBOX

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
    assert codes(site, sample) == []
    assert header(site, sample).software.vendor_number == "SWO00000"
    with site.data(), tenant_scope(sample.tenant.id):
        (row,) = administrations.of_tenant()
        found = certificate_store.chosen(row)
        assert found is not None
        assert certificate_store.opened(found).subject == "Demo Handel"
