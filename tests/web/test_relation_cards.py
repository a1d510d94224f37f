"""The page of a relation: what stands on it, contact persons, doubles and merging."""

import re
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from core.domain.clock import utcnow
from core.domain.relations import PostalAddress
from core.models import (
    Connection,
    Mail,
    Relation,
    RelationContact,
    RelationLink,
    RelationMerge,
    Tenant,
)
from core.plugin.capabilities import Relations, VatCheck, VatRegister
from core.rules.contact_rules import ContactData
from core.runtime.extensions import koppelwerk
from core.runtime.tenancy import tenant_scope
from core.services.crm import contacts, relations
from core.services.invoicing import invoice_sending, sales_invoices
from core.services.mailing import mail, smtp
from tests import invoices
from tests.capabilities import bringing
from tests.web.conftest import Site
from tests.web.samples import Sample
from tests.web.test_relations import add, form_of, stored

ZOET = {"email": "info@zoet.example", "debtor_number": "10001", "phone": "010 1234567"}
PLACE = PostalAddress("Kade", "1", "", "3011 AA", "Rotterdam", "NL")


@pytest.fixture
def sample(site: Site) -> Sample:
    return site.sample()


def _linked(site: Site, sample: Sample, relation_id: int) -> None:
    with site.data() as session:
        session.get(Connection, sample.package.id).checked_at = utcnow()
        session.add(
            RelationLink(tenant_id=sample.tenant.id, connection_id=sample.package.id,
                         relation_id=relation_id, role="debtor", external_id="X1")
        )  # fmt: skip


def test_who_it_is_what_is_open_and_where_it_stands(site: Site, sample: Sample) -> None:
    relation_id = add(site, sample, "Zoet", postal_address=PLACE, **ZOET)
    _linked(site, sample, relation_id)
    with site.data() as session, tenant_scope(sample.tenant.id):
        tenant = session.get_one(Tenant, sample.tenant.id)
        invoices.complete(tenant)
        row = session.get_one(Relation, relation_id)
        late = {"issued_on": date(2020, 1, 1), "due_on": date(2020, 1, 15)}
        sales_invoices.send(invoices.draft(tenant, row, **late), "other")
    page = site.client(sample.colleague).get(f"/relaties/{relation_id}").text
    for shown in ("mailto:info@zoet.example", "tel:0101234567", "Kade 1", "10001",
                  "24,20", "Waarvan te laat", "Gekoppeld", "Aangemaakt"):  # fmt: skip
        assert shown in page
    assert "<select" not in page, "the page is to read, not to fill in"


def test_a_contact_person_gets_the_invoice(site: Site, sample: Sample) -> None:
    relation_id = add(site, sample, "Zoet", **ZOET)
    client, path = site.client(sample.colleague), f"/relaties/{relation_id}"
    page = client.post(
        f"{path}/contactpersonen/nieuw", data={"gets_invoices": "y"}
    ).text
    assert 'id="name-error"' in page
    assert 'id="email-error"' in page
    bas = {"name": "Bakker", "first_name": "Bas", "function": "Inkoop"}
    chosen = {"email": "BAS@zoet.example", "gets_invoices": "y"}
    answer = client.post(f"{path}/contactpersonen/nieuw", data={**bas, **chosen})
    assert answer.location == path
    also = {"name": "Kok", "email": "kok@zoet.example", "gets_copies": "y"}
    client.post(f"{path}/contactpersonen/nieuw", data=also)
    assert "Bas Bakker" in client.get(path).text
    with site.data() as session, tenant_scope(sample.tenant.id):
        tenant = session.get_one(Tenant, sample.tenant.id)
        row = invoices.draft(tenant, session.get_one(Relation, relation_id))
        assert invoice_sending.proposed(row).recipient == "bas@zoet.example"
        draft_id = row.id
    assert "kok@zoet.example" in client.get(f"/facturen/{draft_id}/mailen").text
    client.post(f"{path}/contactpersonen/1/weg")
    history = client.get(f"{path}/geschiedenis").text
    assert "Contactpersoon: functie" in history
    change = re.findall(r"terugzetten/(\d+)", history)[0]
    client.post(f"{path}/terugzetten/{change}")
    with site.data() as session:
        again = session.scalars(
            select(RelationContact).where(RelationContact.name == "Bakker")
        ).one()
        assert (again.email, again.gets_invoices) == ("bas@zoet.example", True)


def test_a_contact_of_another_relation_is_not_reached(
    site: Site, sample: Sample
) -> None:
    one, two = add(site, sample, "A"), add(site, sample, "B")
    with site.data() as session, tenant_scope(sample.tenant.id):
        contacts.save(session.get_one(Relation, one), ContactData("Bakker"))
    client = site.client(sample.owner)
    assert client.get(f"/relaties/{two}/contactpersonen/1").status_code == 404
    assert client.post(f"/relaties/{two}/contactpersonen/1/weg").status_code == 404


def test_doubles_are_offered_merged_and_parted_again(
    site: Site, sample: Sample
) -> None:
    kept = add(site, sample, "Zoet", **ZOET)
    other = add(site, sample, "Zoet bv", email=ZOET["email"], debtor_number="10002",
                website="www.zoet.example")  # fmt: skip
    _linked(site, sample, other)
    client = site.client(sample.colleague)
    page = client.get("/relaties/dubbelen").text
    path = f"/relaties/{kept}/samenvoegen/{other}"
    assert path in page
    assert "hetzelfde e-mailadres" in page
    page = client.get(path).text
    assert "Debiteurnummer 10002 wordt aan niemand meer gegeven." in page
    assert "blijft daar staan" in page
    versions = re.search(r'name="versies" value="([^"]+)"', page)
    assert versions
    stale = client.post(path, data={"versies": "0-0"}).text
    assert "intussen gewijzigd" in stale
    form = {"versies": versions[1], "website": "other", "name": "other"}
    assert client.post(path, data=form).location == f"/relaties/{kept}"
    assert stored(site, kept)["website"] == "www.zoet.example"
    assert stored(site, kept)["name"] == "Zoet bv"
    assert client.get(f"/relaties/{other}").location == f"/relaties/{kept}"
    assert client.get(f"/relaties/{other}/geschiedenis").status_code == 200
    page = client.get(f"/relaties/{kept}").text
    assert "nummer 10002 nog in" in page
    assert "Hier staan geen dubbele" in client.get("/relaties/dubbelen").text
    with site.data() as session:
        merge = session.scalars(select(RelationMerge)).one().id
    client.post(f"/relaties/samengevoegd/{merge}/ongedaan")
    assert client.get(f"/relaties/{other}").status_code == 200
    assert stored(site, kept)["name"] == "Zoet"
    client.post(f"/relaties/{kept}/geen-dubbele/{other}")
    assert "Hier staan geen dubbele" in client.get("/relaties/dubbelen").text


def test_what_is_left_in_a_package_is_set_inactive_by_a_persons_word(
    site: Site, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str]] = []
    plugins = koppelwerk_of(site).registry.plugins
    plugin = plugins["eaccounting"]
    own = replace(
        plugin.find(Relations), retire=lambda _c, role, key: asked.append((role, key))
    )
    monkeypatch.setitem(plugins, "eaccounting", bringing(plugin, own))
    kept, other = add(site, sample, "Zoet"), add(site, sample, "Oud", debtor_number="7")
    add_number = {"debtor_number": "8"}
    with site.data() as session, tenant_scope(sample.tenant.id):
        row = session.get_one(Relation, kept)
        relations.save(replace(relations.data_of(row), **add_number), row)
    _linked(site, sample, other)
    client = site.client(sample.owner)
    path = f"/relaties/{kept}/samenvoegen/{other}"
    found = re.search(r'name="versies" value="([^"]+)"', client.get(path).text)
    assert found
    client.post(path, data={"versies": found[1]})
    button = f"/relaties/{kept}/pakket/1/inactief"
    assert button in client.get(f"/relaties/{kept}").text
    assert asked == []
    client.post(button)
    assert asked == [("debtor", "X1")]
    assert button not in client.get(f"/relaties/{kept}").text


def koppelwerk_of(site: Site):
    with site.app.app_context():
        return koppelwerk()


def test_the_register_of_vat_numbers_fills_in_when_it_is_asked_to(
    site: Site, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugins = koppelwerk_of(site).registry.plugins
    answer = VatCheck("BE0403019261", True, "W1", "Zoet NV", utcnow(),
                      "Kade 12\n1000 Brussel")  # fmt: skip
    register = VatRegister(lambda *_asked: answer)
    monkeypatch.setitem(plugins, "vies", bringing(plugins["vies"], register))
    client = site.client(sample.owner)
    form = {"kind": "organisation", "name": "X", "vat_number": "BE0403019261"}
    page = client.post("/relaties/nieuw", data={**form, "opzoeken": "vat_number"}).text
    assert "Zoet NV, Kade 12, 1000 Brussel" in page
    assert "W1" in page
    assert form_of(page)["name"] == "X"
    page = client.post("/relaties/nieuw", data={**form, "opzoeken": "name"}).text
    assert form_of(page)["name"] == "Zoet NV"
    page = client.post("/relaties/nieuw", data={**form, "opzoeken": "address"}).text
    found = {name: text for name, text in form_of(page).items() if "visiting" in name}
    assert (found["visiting_address-street"], found["visiting_address-city"],
            found["visiting_address-country"]) == ("Kade", "Brussel", "BE")  # fmt: skip


def test_addresses_are_copied_and_moved_without_being_lost(
    site: Site, sample: Sample
) -> None:
    relation_id = add(site, sample, "Jansen", postal_address=PLACE)
    client, path = site.client(sample.owner), f"/relaties/{relation_id}/wijzigen"
    form = form_of(client.get(path).text)
    pressed = {"kopieer": "postal_address>invoice_address"}
    copied = form_of(client.post(path, data={**form, **pressed}).text)
    assert copied["invoice_address-street"] == copied["postal_address-street"] == "Kade"
    person = {**form, "kind": "person", "verplaats": "postal_address"}
    moved = form_of(client.post(path, data=person).text)
    assert (moved["home_address-street"], moved["postal_address-street"]) == (
        "Kade",
        "",
    )
    client.post(path, data=moved)
    assert stored(site, relation_id)["home_address.postal_code"] == "3011 AA"


def test_a_country_alone_is_no_address(site: Site, sample: Sample) -> None:
    data = {"kind": "organisation", "name": "X", "visiting_address-country": "NL"}
    site.client(sample.owner).post("/relaties/nieuw", data=data)
    assert "visiting_address.country" not in stored(site, 1)


def test_a_mail_names_who_gets_a_copy(site: Site, sample: Sample) -> None:
    with site.data() as session:
        mail.queue(
            "bas@zoet.example", "sales_invoice", language="nl", to_stranger=True,
            tenant_id=sample.tenant.id, copies=["kok@zoet.example"],
            subject="F", text="T",
        )  # fmt: skip
        session.commit()
        row = session.scalars(select(Mail)).one()
        message = smtp.message_of(row)
        assert (message["To"], message["Cc"]) == (
            "bas@zoet.example",
            "kok@zoet.example",
        )
