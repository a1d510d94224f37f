"""Search from anywhere: by number, customer, address, amount and document number."""

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from core.domain.relations import RelationData
from core.models import OrderWord, ShopOrder, Transfer
from core.models import TransferState as State
from core.runtime.tenancy import tenant_scope
from core.services.crm import relations
from core.services.people import customers
from core.services.reporting import search
from core.services.transfer import order_words, orders
from tests.invoices import customer, draft
from tests.web import samples
from tests.web.conftest import Site
from tests.web.samples import Sample


@pytest.fixture
def sample(site: Site) -> Sample:
    return site.sample()


@pytest.fixture
def filled(site: Site, sample: Sample) -> FlaskClient:
    people = {
        "A-1": ("Zoë Smit", "zoe@example.com"),
        "A-2": ("Jan Smit", "jan@example.com"),
        "B-3": ("Sophie Fischer", "sophie@example.com"),
    }
    with site.data():
        for place, (number, (name, email)) in enumerate(people.items()):
            samples.transfer(
                sample, number, State.DONE, total=Decimal("52.90") + place,
                booked_at=datetime(2026, 3, 1, tzinfo=UTC),
                external_number=f"7{place}",
                order_values={"name": name, "email": email},
            )  # fmt: skip
    return site.client(sample.owner)


def _found(client: FlaskClient, text: str) -> list[str]:
    page = client.get("/zoeken", query_string={"zoek": text})
    assert page.status_code == 200
    return re.findall(r'href="/bestelling/\d+">([^<]+)</a>', page.text)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a-1", ["A-1"]), ("A", ["A-2", "A-1"]), ("smit", ["A-2", "A-1"]),
        ("zoe SMIT", ["A-1"]), ("Smit z", ["A-1"]), ("jan@example.com", ["A-2"]),
        ("52,90", ["A-1"]), ("€ 53.90", ["A-2"]), ("72", ["B-3"]),
        ("A-1-R1", ["A-1"]), ("smit fischer", []), ("%", []), ("", []),
    ],
)  # fmt: skip
def test_orders_are_found_by_what_people_know(
    filled: FlaskClient, text: str, wanted: list[str]
) -> None:
    assert _found(filled, text) == wanted


def test_another_tenant_finds_nothing_of_it(site: Site, filled: FlaskClient) -> None:
    other = site.client(site.sample("De Buren", 2).owner)
    for text in ("A-1", "smit", "52,90", "70", "zoe@example.com"):
        assert _found(other, text) == []
        assert "Niets gevonden" in other.get(f"/zoeken?zoek={text}").text


def test_an_erased_customer_is_not_found(site: Site, filled: FlaskClient) -> None:
    with site.data() as session, tenant_scope(1):
        customers.erase("zoe@example.com")
        session.commit()
        words = session.scalars(select(OrderWord.word)).all()
        names = session.scalars(select(ShopOrder.customer)).all()
    assert not {"zoe", "zoe@example.com"} & set(words)
    assert "Zoë Smit" not in names
    assert _found(filled, "zoe") == []
    assert _found(filled, "A-1") == ["A-1"]


def test_a_new_reading_changes_what_an_order_is_found_by(
    site: Site, sample: Sample, filled: FlaskClient
) -> None:
    with site.data() as session:
        row = session.scalars(select(ShopOrder).where(ShopOrder.number == "B-3")).one()
        before = row.payload
        row.payload = {**before, "email": "nieuw@example.com"}
        order_words.keep(row, before)
        assert orders.load(row).email == "nieuw@example.com"
    assert _found(filled, "nieuw@") == ["B-3"]
    assert _found(filled, "sophie@") == []


def test_an_order_from_before_the_coupling_is_named(
    site: Site, sample: Sample, filled: FlaskClient
) -> None:
    with site.data() as session:
        made = samples.transfer(sample, "OUD-9", State.WAITING)
        session.delete(session.get_one(Transfer, made.id))
    page = filled.get("/zoeken?zoek=oud-9").text
    assert "OUD-9" in page
    assert "van vóór de koppeling" in page


def test_relations_are_found_by_name_and_vat_number(
    site: Site, sample: Sample, filled: FlaskClient
) -> None:
    data = RelationData(
        is_person=False, name="Pottenbakker BV",
        vat_number="NL123456782B90",
    )  # fmt: skip
    with site.data(), tenant_scope(1):
        relations.save(data, None)
    for text in ("pottenb", "NL123456782B90"):
        assert "Pottenbakker BV" in filled.get(f"/zoeken?zoek={text}").text


def test_invoices_are_found_by_their_customer(
    site: Site, sample: Sample, filled: FlaskClient
) -> None:
    with site.data() as session, tenant_scope(1):
        invoice = draft(session.merge(sample.tenant), customer())
    page = filled.get("/zoeken?zoek=korrel").text
    assert f'href="/facturen/{invoice.id}"' in page


def test_the_rarest_word_leads_where_few_rows_are_looked_at(
    site: Site, filled: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "CANDIDATES", 2)
    assert _found(filled, "zoe smit") == ["A-1"]


def test_lists_and_files_name_the_customer(site: Site, filled: FlaskClient) -> None:
    assert "Zoë Smit" in filled.get("/rapportage").text
    assert "Klant" in filled.get("/rapportage.csv").text.splitlines()[0]
    assert "Zoë Smit" in filled.get("/rapportage.csv").text


def test_the_number_of_queries_is_fixed(
    site: Site, sample: Sample, filled: FlaskClient
) -> None:
    with site.queries() as few:
        filled.get("/zoeken?zoek=smit")
    with site.data():
        for place in range(40):
            samples.transfer(
                sample, f"N{place}", State.FAILED, "order_empty",
                order_values={"name": "Piet Smit"},
            )  # fmt: skip
    with site.queries() as many:
        page = filled.get("/zoeken?zoek=smit").text
    assert len(many) == len(few)
    assert "Er zijn er meer" in page
