"""Relaties: the list, the form, two people at once, what changed, and the export."""

import csv
import io
import re
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, update

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.domain.relations import PostalAddress, RelationData
from core.models import (
    LogEntry,
    Relation,
    RelationChange,
    RelationWord,
    SalesInvoice,
    User,
)
from core.rules import relation_fields
from core.runtime.tenancy import tenant_scope
from core.services.connections import connections
from core.services.crm import relation_history, relations
from tests.web.conftest import Site
from tests.web.samples import Sample

ORGANISATION = {"kind": "organisation", "relation_type": "client"}


@pytest.fixture
def sample(site: Site) -> Sample:
    return site.sample()


def add(site: Site, sample: Sample, name: str, **values: Any) -> int:
    """Make a relation outside the pages."""
    data = RelationData(values.pop("is_person", False), name, **values)
    with site.data(), tenant_scope(sample.tenant.id):
        return relations.save(data, None).id


def stored(site: Site, relation_id: int) -> dict[str, str]:
    """Return what is filled in of a relation."""
    with site.data() as session:
        data = relations.data_of(session.get(Relation, relation_id))
    return {name: text for name, text in relation_fields.flat(data).items() if text}


def names(page: str) -> list[str]:
    return re.findall(r'href="/relaties/\d+">([^<]+)</a>', page)


def form_of(page: str) -> dict[str, str]:
    """Return what a browser would post of the form on a page."""
    body = page[page.index('class="relation"') : page.index("form-end")]
    found = dict.fromkeys(re.findall(r'<select[^>]* name="([^"]+)"', body), "")
    for tag in re.findall(r"<input[^>]*>", body):
        name, value = (re.search(rf'{key}="([^"]*)"', tag) for key in ("name", "value"))
        if name and ("radio" not in tag or "checked" in tag):
            found[name[1]] = value[1] if value else ""
    for name, options in re.findall(
        r'<select[^>]* name="([^"]+)">(.*?)</select>', body, re.S
    ):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        found[name] = chosen[1] if chosen else ""
    return found


def test_a_relation_is_made_with_its_fields_written_one_way(
    site: Site, sample: Sample
) -> None:
    answer = site.client(sample.colleague).post(
        "/relaties/nieuw",
        data={
            **ORGANISATION,
            "name": "  Bakkerij   Zoet ",
            "debtor_number": "10001",
            "email": "Info@Zoet.example.com",
            "vat_number": "nl 0044.95.445.b01",
            "iban": "nl91 abna 0417 1643 00",
            "bic": "ABNANL2A",
            "chamber_number": "12 34 56 78",
            "visiting_address-street": "Kerkstraat",
            "visiting_address-house_number": "12a",
            "visiting_address-postal_code": "1234ab",
            "delivery_address-city": "Gent",
            "delivery_address-country": "BE",
            "delivery_address-postal_code": "B-9000",
        },
    )
    assert (answer.status_code, answer.location) == (303, "/relaties/1")
    assert stored(site, 1) == {
        **ORGANISATION,
        "name": "Bakkerij Zoet",
        "debtor_number": "10001",
        "email": "info@zoet.example.com",
        "vat_number": "NL004495445B01",
        "iban": "NL91ABNA0417164300",
        "bic": "ABNANL2A",
        "chamber_number": "12345678",
        "visiting_address.street": "Kerkstraat",
        "visiting_address.house_number": "12",
        "visiting_address.house_number_suffix": "a",
        "visiting_address.postal_code": "1234 AB",
        "visiting_address.country": "NL",
        "delivery_address.postal_code": "9000",
        "delivery_address.city": "Gent",
        "delivery_address.country": "BE",
    }
    with site.data() as session:
        change = session.scalars(select(RelationChange)).one()
        user = session.scalars(select(User).where(User.email == sample.colleague)).one()
        assert (change.action, change.user_id, change.version) == ("made", user.id, 1)


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_saved(
    site: Site, sample: Sample
) -> None:
    page = site.client(sample.owner).post(
        "/relaties/nieuw",
        data={**ORGANISATION, "name": "X", "iban": "NL91ABNA0417164301",
              "email": "geen adres", "postal_address-postal_code": "12"},
    ).text  # fmt: skip
    for name in ("iban", "email", "postal_address-postal_code"):
        assert f'id="{name}-error"' in page
    assert 'value="NL91ABNA0417164301"' in page
    with site.data() as session:
        assert session.scalar(select(func.count()).select_from(Relation)) == 0


def test_what_a_package_brought_does_not_stop_another_edit(
    site: Site, sample: Sample
) -> None:
    relation_id = add(site, sample, "Oud", phone="n.v.t.")
    client = site.client(sample.owner)
    path = f"/relaties/{relation_id}/wijzigen"
    answer = client.post(
        path, data={**form_of(client.get(path).text), "fax": "0201234"}
    )
    assert answer.status_code == 303
    assert stored(site, relation_id)["phone"] == "n.v.t."


def test_what_came_in_and_is_not_in_order_is_listed_with_its_words(
    site: Site, sample: Sample
) -> None:
    other = site.sample("Ander", 2)
    add(site, sample, "Goed", phone="0201234")
    odd = RelationData(False, "Vreemd", debtor_number="7", email="GEEN EMAIL")
    with site.data(), tenant_scope(sample.tenant.id):
        relation_id = relations.save(odd, None, action="synced").id
    client = site.client(sample.owner)
    listed = "/relaties?binnengekomen=nakijken"
    assert names(client.get(listed).text) == ["Vreemd"]
    assert names(site.client(other.owner).get(listed).text) == []
    for place in ("", "/wijzigen"):
        page = client.get(f"/relaties/{relation_id}{place}").text
        assert "Binnengekomen, niet in orde" in page
        assert "GEEN EMAIL. Dit is geen e-mailadres." in page
    client.post(f"/relaties/{relation_id}/wijzigen",
                data={**form_of(page), "email": "info@vreemd.example.com"})  # fmt: skip
    assert names(client.get(listed).text) == []
    for place in ("", "/wijzigen"):
        page = client.get(f"/relaties/{relation_id}{place}").text
        assert "niet in orde" not in page


def test_another_kind_takes_the_address_along(site: Site, sample: Sample) -> None:
    place = PostalAddress("Meir", "24", "3", "2000", "Antwerpen", "BE")
    relation_id = add(site, sample, "Jansen", postal_address=place)
    client = site.client(sample.owner)
    form = form_of(client.get(f"/relaties/{relation_id}/wijzigen").text)
    client.post(f"/relaties/{relation_id}/wijzigen", data={**form, "kind": "person"})
    found = stored(site, relation_id)
    assert (found["kind"], found["home_address.city"]) == ("person", "Antwerpen")
    assert "postal_address.city" not in found


def test_a_number_has_one_owner_per_tenant(site: Site, sample: Sample) -> None:
    other = site.sample("Ander", 2)
    add(site, sample, "Eerste", debtor_number="7")
    data = {**ORGANISATION, "name": "Tweede", "debtor_number": "7"}
    page = site.client(sample.owner).post("/relaties/nieuw", data=data).text
    assert "Debiteurnummer 7 is al van Eerste." in page
    assert site.client(other.owner).post("/relaties/nieuw", data=data).location


def test_the_next_numbers_are_proposed_without_saving(
    site: Site, sample: Sample
) -> None:
    client = site.client(sample.owner)
    data = {**ORGANISATION, "name": "X"}
    page = client.post("/relaties/nieuw", data={**data, "voorstel": "debtor_number"})
    assert 'name="debtor_number" type="text" value="10001"' in page.text
    for number in ("0099", "12", "AB-1"):
        add(site, sample, number, debtor_number=number, creditor_number=number)
    page = client.post("/relaties/nieuw", data={**data, "voorstel": "creditor_number"})
    assert 'name="creditor_number" type="text" value="0100"' in page.text
    with site.data() as session:
        assert session.scalar(select(func.count()).select_from(Relation)) == 3


def test_two_people_at_once_lose_nothing(site: Site, sample: Sample) -> None:
    relation_id = add(site, sample, "Jansen", phone="0201111")
    path = f"/relaties/{relation_id}/wijzigen"
    one, two = site.client(sample.owner), site.client(sample.colleague)
    first, second = form_of(one.get(path).text), form_of(two.get(path).text)
    one.post(path, data={**first, "phone": "0202222", "fax": "0203333"})
    mine = {**second, "phone": "0204444", "mobile": "0612345"}
    page = two.post(path, data=mine).text
    assert "Iemand anders heeft deze relatie intussen gewijzigd." in page
    assert stored(site, relation_id)["phone"] == "0202222"
    joined = form_of(page)
    assert {name: joined[name] for name in ("phone", "fax", "mobile")} == {
        "phone": "0204444", "fax": "0203333", "mobile": "0612345"
    }  # fmt: skip
    assert "allebei gewijzigd" in page
    assert two.post(path, data=joined).status_code == 303
    now = stored(site, relation_id)
    found = (now["phone"], now["fax"], now["mobile"])
    assert found == ("0204444", "0203333", "0612345")


def test_a_save_that_changes_nothing_writes_nothing(site: Site, sample: Sample) -> None:
    relation_id = add(site, sample, "Jansen", is_person=True, first_name="Jan")
    client = site.client(sample.owner)
    path = f"/relaties/{relation_id}/wijzigen"
    form = form_of(client.get(path).text)
    assert client.post(path, data=form).status_code == 303
    with site.data() as session:
        row = session.get(Relation, relation_id)
        assert row.version == 1
        assert len(session.scalars(select(RelationChange)).all()) == 1


def test_one_change_is_put_back_and_stays_in_the_history(
    site: Site, sample: Sample
) -> None:
    relation_id = add(site, sample, "Jansen", phone="0201111")
    client = site.client(sample.owner)
    path = f"/relaties/{relation_id}/wijzigen"
    form = form_of(client.get(path).text)
    client.post(path, data={**form, "phone": "0202222"})
    form = form_of(client.get(path).text)
    client.post(path, data={**form, "name": "De Vries"})
    page = client.get(f"/relaties/{relation_id}/geschiedenis").text
    assert "0201111" in page
    assert page.count(">Terugzetten<") == 2
    client.post(f"/relaties/{relation_id}/terugzetten/2")
    now = stored(site, relation_id)
    assert (now["phone"], now["name"]) == ("0201111", "De Vries")
    client.post(f"/relaties/{relation_id}/terugzetten/1")
    assert "niet terug te zetten" in client.get(f"/relaties/{relation_id}").text
    with site.data() as session:
        actions = session.scalars(
            select(RelationChange.action).order_by(RelationChange.id)
        )
        assert list(actions) == ["made", "edited", "edited", "put_back"]


def test_a_change_of_another_relation_is_not_put_back(
    site: Site, sample: Sample
) -> None:
    one, two = add(site, sample, "A"), add(site, sample, "B")
    client = site.client(sample.owner)
    assert client.post(f"/relaties/{two}/terugzetten/1").status_code == 404
    assert stored(site, one)["name"] == "A"


def test_what_the_package_lost_is_seen_and_put_back(site: Site, sample: Sample) -> None:
    relation_id = add(site, sample, "Jansen", phone="0201111")
    with site.data() as session:
        row = session.get(Relation, relation_id)
        theirs = {"phone": ("0209999", "0201111")}
        relation_history.note_overwritten(row, sample.package.id, theirs)
    client = site.client(sample.owner)
    page = client.get(f"/relaties/{relation_id}/geschiedenis").text
    assert "Overschreven in het pakket" in page
    assert "via Visma eAccounting" in page
    client.post(f"/relaties/{relation_id}/terugzetten/2")
    assert stored(site, relation_id)["phone"] == "0209999"


def test_deleting_asks_first_and_is_noted(site: Site, sample: Sample) -> None:
    relation_id = add(site, sample, "Jansen", debtor_number="5")
    client = site.client(sample.owner)
    path = f"/relaties/{relation_id}/verwijderen"
    assert "Jansen verwijderen?" in client.get(path).text
    assert site.client(sample.colleague).post(path).status_code == 403
    assert client.post(path).location == "/relaties"
    with site.data() as session:
        for model in (Relation, RelationChange, RelationWord):
            assert session.scalar(select(func.count()).select_from(model)) == 0
        entry = session.scalars(
            select(LogEntry).where(LogEntry.code == "relation_deleted")
        ).one()
        said = (entry.values["name"], entry.values["number"], entry.values["by"])
        assert said == ("Jansen", "5", sample.owner)


def test_a_relation_with_invoices_is_not_deleted(site: Site, sample: Sample) -> None:
    relation_id = add(site, sample, "Jansen")
    day = utcnow().date()
    with site.data() as session:
        session.add(
            SalesInvoice(tenant_id=sample.tenant.id, relation_id=relation_id,
                         issued_on=day, due_on=day)
        )  # fmt: skip
    client = site.client(sample.owner)
    client.post(f"/relaties/{relation_id}/verwijderen")
    page = client.get(f"/relaties/{relation_id}").text
    assert "verkoopfacturen voor deze relatie (1)" in page


def _fill(site: Site, sample: Sample, count: int, first: int = 0) -> None:
    with site.data(), tenant_scope(sample.tenant.id):
        for number in range(first, first + count):
            relations.save(
                RelationData(
                    is_person=number % 2 == 1,
                    name=f"Naam {number:04}",
                    relation_type="client" if number % 3 else "vendor",
                    debtor_number=str(10000 + number) if number % 4 else "",
                    creditor_number="" if number % 4 else str(20000 + number),
                    email=f"n{number}@example.com",
                    visiting_address=PostalAddress(city="Sint-Niklaas"),
                ),
                None,
            )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("zoek=naam+0007", ["Naam 0007"]),
        ("zoek=10005", ["Naam 0005"]),
        ("zoek=N3@Example.com", ["Naam 0003"]),
        ("zoek=NIKLAAS&soort=person", [f"Naam 000{n}" for n in (1, 3, 5, 7)]),
        ("type=vendor", [f"Naam 000{n}" for n in (0, 3, 6)]),
        ("debiteur=nee", ["Naam 0000", "Naam 0004"]),
        ("crediteur=ja", ["Naam 0000", "Naam 0004"]),
        ("zoek=example.com+0002", ["Naam 0002"]),
        ("zoek=ààm", []),
        ("zoek=%25", []),
        ("type=x&soort=%27&beheerder=x&na=x", [f"Naam 000{n}" for n in range(8)]),
    ],
)
def test_the_list_is_searched_and_narrowed(
    site: Site, sample: Sample, query: str, found: list[str]
) -> None:
    _fill(site, sample, 8)
    add(site, site.sample("Ander", 2), "Naam 0007")
    assert names(site.client(sample.owner).get(f"/relaties?{query}").text) == found


def test_accents_and_case_do_not_matter(site: Site, sample: Sample) -> None:
    add(site, sample, "Café Zoë")
    client = site.client(sample.owner)
    for typed in ("cafe", "ZOE", "zoë caf"):
        assert names(client.get("/relaties", query_string={"zoek": typed}).text)


def test_pages_go_on_where_the_last_one_ended(site: Site, sample: Sample) -> None:
    _fill(site, sample, 120)
    client, path, seen = site.client(sample.owner), "/relaties", []
    while path:
        page = client.get(path).text
        seen += names(page)
        more = re.search(r'href="(/relaties\?na=\d+)"', page)
        path = more[1] if more else ""
    assert seen == [f"Naam {n:04}" for n in range(120)]


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/relaties", 24),
        ("/relaties?zoek=naam", 24),
        ("/relaties/1", 28),
        ("/relaties/1/wijzigen", 23),
    ],
)
def test_pages_cost_the_same_queries_as_relations_grow(
    site: Site, sample: Sample, path: str, most: int
) -> None:
    client = site.client(sample.owner)
    counts = []
    for first, count in ((0, 60), (60, 200)):
        _fill(site, sample, count, first)
        with site.queries() as sent:
            assert client.get(path).status_code == 200
        counts.append(len(sent))
    assert counts[0] == counts[1]
    assert counts[1] <= most


def test_the_export_holds_the_filtered_list_and_no_formulas(
    site: Site, sample: Sample
) -> None:
    add(site, sample, "=1+1", phone="+31 20 1234567", debtor_number="9")
    add(site, sample, "Ander")
    client = site.client(sample.owner)
    text = client.get("/relaties/export.csv?debiteur=ja").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [row["Naam"] for row in rows] == ["'=1+1"]
    assert rows[0]["Telefoonnummer"] == "'+31 20 1234567"
    answer = client.get("/relaties/export.xlsx")
    book = load_workbook(io.BytesIO(answer.data))
    cells = [(cell.value, cell.data_type) for cell in book.active["B"]]
    assert sorted(cells) == [("=1+1", "s"), ("Ander", "s"), ("Naam", "s")]


def test_plugins_are_told_which_fields_changed_and_by_whom(
    site: Site, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    registry = site.app.extensions["koppelwerk"].registry
    monkeypatch.setattr(
        registry,
        "dispatch",
        lambda hook, enabled, event: told.append((hook, sorted(enabled), event)),
    )
    relation_id = add(site, sample, "Jansen")
    with site.data() as session:
        row = session.get(Relation, relation_id)
        moved = relation_fields.with_values(
            relations.data_of(row), {"postal_address.city": "Gent", "phone": "1"}
        )
        relations.save(moved, row, origin_connection_id=sample.package.id)
        relations.save(moved, row)
        relations.delete(row)
    assert [(hook, enabled) for hook, enabled, _ in told] == [
        ("on_relation_changed", ["eaccounting", "kmoshops"])
    ] * 3
    events = [event for _, _, event in told]
    assert events[1].fields == {"postal_address", "phone"}
    assert [event.origin_connection_id for event in events] == [
        None, sample.package.id, None
    ]  # fmt: skip
    assert [event.deleted for event in events] == [False, False, True]


def test_changed_relations_are_read_in_order_of_change(
    site: Site, sample: Sample
) -> None:
    begun = utcnow()
    ids = [add(site, sample, name) for name in ("C", "A", "B")]
    with site.data(), tenant_scope(sample.tenant.id):
        first = relations.changed_since(begun, 0, 2)
        last = first[-1]
        rest = relations.changed_since(last.changed_at, last.id, 5)
        assert [row.id for row in (*first, *rest)] == ids


def test_a_new_relation_of_a_worker_is_its_connections_tenants(
    site: Site, sample: Sample
) -> None:
    with site.data():
        made = relations.save(
            RelationData(False, "X"), None, origin_connection_id=sample.package.id
        )
        assert made.tenant_id == sample.tenant.id
        assert connections.enabled_plugins(made.tenant_id)


def test_a_manager_is_one_of_the_tenants_own_people(site: Site, sample: Sample) -> None:
    other = site.sample("Ander", 2)
    with site.data() as session:
        ids = {
            email: session.scalars(select(User.id).where(User.email == email)).one()
            for email in (sample.colleague, other.owner)
        }
    client, data = site.client(sample.owner), {**ORGANISATION, "name": "X"}
    data["manager_id"] = str(ids[other.owner])
    assert client.post("/relaties/nieuw", data=data).status_code == 200
    data["manager_id"] = str(ids[sample.colleague])
    assert client.post("/relaties/nieuw", data=data).status_code == 303
    address = f"/relaties?beheerder={ids[sample.colleague]}"
    assert names(client.get(address).text) == ["X"]
    assert sample.colleague in client.get("/relaties/1/geschiedenis").text


def test_of_two_workers_at_one_version_the_second_is_refused(
    site: Site, sample: Sample
) -> None:
    relation_id = add(site, sample, "Jansen")
    with site.data() as session:
        row = session.get(Relation, relation_id)
        session.execute(
            update(Relation)
            .values(version=2, phone="0201111")
            .execution_options(synchronize_session=False)
        )
        mine = relation_fields.with_values(relations.data_of(row), {"fax": "0202222"})
        with pytest.raises(AskUser) as refused:
            relations.save(mine, row)
        assert refused.value.code == "relation_changed_meanwhile"
    assert stored(site, relation_id)["phone"] == "0201111"
    assert "fax" not in stored(site, relation_id)


def test_a_number_that_another_worker_was_first_with_is_named(
    site: Site, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(site, sample, "Eerste", debtor_number="7")
    refuse, asked = relations.refuse_taken, []

    def late(*args: Any) -> None:
        asked.append(args)
        if len(asked) > 1:
            refuse(*args)

    monkeypatch.setattr(relations, "refuse_taken", late)
    with pytest.raises(AskUser) as refused:
        add(site, sample, "Tweede", debtor_number="7")
    assert refused.value.params == {"number": "7", "name": "Eerste"}
