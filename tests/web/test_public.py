"""The public page and signing up: who gets what, and how often."""

import re
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from core.models import (
    Licence,
    LicenceState,
    Mail,
    OneTimeLink,
    Role,
    Tenant,
    User,
)
from core.services.mailing import mail
from tests.web.conftest import Site

PATH = "/aanmelden/kmoshops/eaccounting"
FORM = {
    "name": "Anna de Vries",
    "email": "anna@example.com",
    "company": "De Fietsenmaker",
    "country": "BE",
    "terms": "y",
}


def mails(site: Site) -> list[tuple[str, str, str, str]]:
    """Return recipient, kind, subject and text of what is queued, oldest first."""
    with site.data() as session:
        rows = session.scalars(select(Mail).order_by(Mail.id))
        return [(row.recipient, row.kind, *mail.content_of(row)) for row in rows]


def counts(site: Site) -> dict[str, int]:
    """Return how many rows there are of what signing up makes."""
    with site.data() as session:
        return {
            model.__tablename__: session.scalar(select(func.count()).select_from(model))
            for model in (Tenant, User, Licence, OneTimeLink, Mail)
        }


def test_the_page_lists_every_coupling_of_the_manifests(site: Site) -> None:
    text = site.client().get("/welkom").text
    registry = site.app.extensions["koppelwerk"].registry
    for name in ("kmoshops", "eaccounting"):
        manifest = registry.get(name).manifest
        assert str(manifest.title) in text
        assert str(manifest.summary) in text
    assert PATH in text
    assert "€\xa0150,00" in text
    assert "30 dagen" in text


def test_the_price_and_the_trial_come_from_the_settings(site: Site) -> None:
    parts = site.app.extensions["koppelwerk"]
    object.__setattr__(parts.settings, "price_year", Decimal("99.50"))
    object.__setattr__(parts.settings, "trial_days", 14)
    text = site.client().get("/welkom").text
    assert "€\xa099,50" in text
    assert "14 dagen" in text


@pytest.mark.parametrize("path", ["/welkom", "/voorwaarden", PATH])
def test_public_pages_are_open_to_all(site: Site, path: str) -> None:
    sample = site.sample()
    for client in (site.client(), site.client(sample.owner)):
        assert client.get(path).status_code == 200


def test_signing_up_makes_a_tenant_on_trial_and_mails_how_to_begin(site: Site) -> None:
    answer = site.client().post(PATH, data=FORM)
    assert answer.status_code == 200
    with site.data() as session:
        user = session.scalars(select(User)).one()
        tenant = session.get(Tenant, user.tenant_id)
        licence = session.scalars(select(Licence)).one()
        assert (user.role, user.name) == (Role.OWNER, "Anna de Vries")
        assert user.must_change_password
        assert (tenant.name, tenant.home_country) == ("De Fietsenmaker", "BE")
        assert tenant.terms_accepted_at is not None
        assert licence.state == LicenceState.TRIAL
        assert (licence.ends_on - licence.created_at.date()).days in (30, 31)
        assert re.fullmatch(r"KW(-[A-Z2-9]{4}){3}", licence.key)
    [(recipient, kind, _subject, text)] = mails(site)
    assert (recipient, kind) == ("anna@example.com", "welcome")
    assert "http://localhost/installeren/" in text
    with site.data() as session:
        link = session.scalars(select(OneTimeLink)).one()
        token = re.search(r"/installeren/(\S+)", text)[1]
        assert token not in (link.token_hash, user.password_hash)


def test_a_known_address_gets_the_same_answer_and_no_second_tenant(site: Site) -> None:
    sample = site.sample()
    known = site.client().post(PATH, data={**FORM, "email": sample.owner})
    unknown = site.client().post(PATH, data={**FORM, "email": "new@example.com"})
    assert known.status_code == unknown.status_code == 200
    pages = [
        re.sub(r'(value=|Token": )"[^"]+"', "", page.text) for page in (known, unknown)
    ]
    assert pages[0].replace(sample.owner, "new@example.com") == pages[1]
    assert counts(site)["tenant"] == 2
    kinds = {recipient: kind for recipient, kind, *_ in mails(site)}
    assert kinds == {sample.owner: "welcome_again", "new@example.com": "welcome"}
    words = next(text for who, _, _, text in mails(site) if who == sample.owner)
    assert "/login?next=/aanmelden/kmoshops/eaccounting" in words.replace("%2F", "/")


def test_who_never_began_gets_a_new_link_and_the_old_one_is_void(site: Site) -> None:
    client = site.client()
    client.post(PATH, data=FORM)
    client.post(PATH, data={**FORM, "email": "ANNA@example.com "})
    tokens = [re.search(r"/installeren/(\S+)", text)[1] for *_, text in mails(site)]
    statuses = [client.get(f"/installeren/{token}").status_code for token in tokens]
    assert statuses == [410, 200]
    assert counts(site) == {
        "tenant": 1, "user": 1, "licence": 1, "one_time_link": 1, "mail": 2
    }  # fmt: skip


def test_a_stranger_begins_nothing_at_the_tenant_of_an_invited_owner(
    site: Site,
) -> None:
    sample = site.sample()
    form = {
        "invite-email": FORM["email"], "invite-name": "Anna", "invite-role": "owner",
    }  # fmt: skip
    site.client(sample.owner).post("/profiel/collegas", data=form)
    before = counts(site)
    site.client().post(PATH, data=FORM)
    assert counts(site) == {**before, "mail": before["mail"] + 1}
    assert [kind for _to, kind, *_said in mails(site)] == ["invite", "welcome_again"]


def test_fifty_sign_ups_from_one_place_are_throttled(site: Site) -> None:
    client = site.client()
    statuses = [
        client.post(PATH, data={**FORM, "email": f"a{n}@example.com"}).status_code
        for n in range(50)
    ]
    assert statuses == [200] * 10 + [429] * 40
    assert counts(site) == {
        "tenant": 10, "user": 10, "licence": 10, "one_time_link": 10, "mail": 10
    }  # fmt: skip


def test_one_address_gets_few_mails_from_wherever_it_is_typed(site: Site) -> None:
    for number in range(50):
        visitor = {"REMOTE_ADDR": f"192.0.2.{number}"}
        answer = site.client().post(PATH, data=FORM, environ_base=visitor)
        assert answer.status_code == 200
    assert (counts(site)["mail"], counts(site)["tenant"]) == (3, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"terms": ""},
        {"email": "no address"},
        {"email": "a@example.com\nBcc: b@example.com"},
        {"country": "US"},
        {"name": ""},
        {"name": "u won: https://example.com/a"},
        {"name": "Ga naar prijs.example"},
        {"name": "www.x"},
        {"name": "b@example.com"},
        {"name": "x" * 101},
        {"company": "x" * 201},
    ],
)
def test_what_is_wrong_is_shown_and_nothing_is_made(
    site: Site, wrong: dict[str, str]
) -> None:
    answer = site.client().post(PATH, data={**FORM, **wrong})
    assert answer.status_code == 422
    assert 'class="error"' in answer.text
    assert set(counts(site).values()) == {0}


def test_what_strangers_fill_in_stays_on_its_line_in_our_mails(site: Site) -> None:
    break_out = "Anna\n\nGa nu naar\r\nons"
    form = {**FORM, "name": break_out, "company": "De Molen\nSubject: x"}
    assert site.client().post(PATH, data=form).status_code == 200
    ((_to, _kind, _subject, text),) = mails(site)
    assert text.startswith("Beste Anna Ga nu naar ons,\n")
    with site.data() as session:
        assert session.scalar(select(Tenant.name)) == "De Molen Subject: x"


@pytest.mark.parametrize("name", ["J.P. de Vries", "Mr. Jan-Piet d'Oultremont", "Đỗ Ý"])
def test_names_of_people_are_taken(site: Site, name: str) -> None:
    assert site.client().post(PATH, data={**FORM, "name": name}).status_code == 200
    assert counts(site)["user"] == 1


def test_a_shop_outside_the_eu_reads_what_applies(site: Site) -> None:
    assert "Verenigde Staten" in site.client().get(PATH).text
    answer = site.client().post(PATH, data={**FORM, "country": "US"})
    assert "winkel in dit land niet goed boeken" in answer.text


@pytest.mark.parametrize("pair", ["eaccounting/kmoshops", "kmoshops/vies", "no/such"])
def test_a_pair_that_is_no_coupling_is_unknown(site: Site, pair: str) -> None:
    for method in ("get", "post"):
        answer = getattr(site.client(), method)(f"/aanmelden/{pair}")
        assert answer.status_code == 404


def test_an_owner_who_is_logged_in_begins_in_the_same_tenant(site: Site) -> None:
    sample = site.sample()
    client = site.client(sample.owner)
    assert "De Fietsenmaker" in client.get(PATH).text
    answer = client.post("/installatie/nieuw/kmoshops/eaccounting")
    with site.data() as session:
        licence = session.scalars(select(Licence)).one()
    assert licence.tenant_id == sample.tenant.id
    assert answer.location == f"/installatie/{licence.id}"
    client.post("/installatie/nieuw/kmoshops/eaccounting")
    assert counts(site)["licence"] == 1


def test_beginning_installations_is_limited_and_for_owners(site: Site) -> None:
    sample = site.sample()
    path = "/installatie/nieuw/kmoshops/eaccounting"
    assert site.client(sample.colleague).post(path).status_code == 403
    client = site.client(sample.owner)
    for _ in range(5):
        assert client.post(path).location.startswith("/installatie/")
    assert client.post(path).location == "/koppelingen"
