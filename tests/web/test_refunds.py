"""The cards of refunds under Fouten, what their buttons do, and who may press."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.domain.orders import Refund, order_from_dict
from core.models import Coupling, OrderRefund, ShopOrder, Transfer, TransferState
from core.plugin.capabilities import Orders
from core.rules.booked_content import content_hash
from core.rules.refunds import RefundPolicy
from core.runtime.extensions import koppelwerk
from core.services.transfer import refund_offers, refunds
from tests.web import samples
from tests.web.conftest import Site
from tests.web.samples import Sample

BACK = datetime(2026, 3, 5, 10, tzinfo=UTC)


@pytest.fixture
def sample(site: Site) -> Sample:
    return site.sample()


def refunded(
    site: Site, sample: Sample, amount: str, number: str = "W1", **values: Any
) -> int:
    """Book a sale of 72.80 at one rate and refund a part; return its credit's id."""
    with site.data() as session:
        registry = koppelwerk().registry
        package = registry.get(samples.PACKAGE)
        brings = tuple(
            replace(each, credits=("sales_entry",)) if type(each) is Orders else each
            for each in package.brings
        )
        registry.add(replace(package, brings=brings))
        sale = samples.transfer(
            sample, number, TransferState.DONE, document="sales_entry",
            external_id=f"id-{number}", external_number="VK-77", booked_at=BACK,
            debtor_id="D1",
        )  # fmt: skip
        row = session.get(ShopOrder, sale.subject_id)
        order = order_from_dict(row.payload)
        row.content_hash = sale.booked_hash = content_hash(order)
        back = Refund("r1", Decimal(amount), BACK, **values)
        known = refunds.record(row, replace(order, refunds=(back,)), [])
        refund_offers.offer(row, known)
        session.flush()
        credit = session.query(Transfer).filter_by(number=f"{number}-R1").one()
        return int(credit.id)


def aside(client: Any, key: int) -> None:
    """Press *Zelf geboekt* and confirm it."""
    values = {"soort": "zelf", "akkoord": "1", "id": key, "text": "VK-1"}
    client.post("/fouten/wegzetten", data=values)


def state(site: Site, credit: int) -> tuple[str, str]:
    with site.data() as session:
        row = session.get(Transfer, credit)
        return row.state, row.code


def shown(page: str) -> dict[str, str]:
    """What the card's own button sends along."""
    found = re.search(r'name="getoond" value="(\w+)"', page)
    assert found
    return {"getoond": found[1]}


def test_a_card_shows_what_would_be_booked_and_one_press_books_it(
    site: Site, sample: Sample
) -> None:
    credit = refunded(site, sample, "72.80")
    client = site.client(sample.colleague)
    page = client.get("/fouten").text
    for text in (
        "Van bestelling W1 is € 72,80 terugbetaald.",
        "Creditering van W1", "in het pakket: VK-77", "5 mrt 2026", "21",
        "Verzendkosten", "Boek creditering", "Zelf geboekt",
    ):  # fmt: skip
        assert text.replace("€ ", "€\xa0") in page, text
    assert "Verwerk alle" not in page
    assert client.post(f"/creditering/{credit}/boek").status_code == 303
    assert state(site, credit) == ("held", "refund_to_book")
    client.post(f"/creditering/{credit}/boek", data=shown(page))
    assert state(site, credit) == ("queued", "")
    client.post(f"/creditering/{credit}/boek", data=shown(page))
    aside(client, credit)
    assert state(site, credit) == ("queued", "")


def test_process_and_process_all_book_no_refund(site: Site, sample: Sample) -> None:
    credit = refunded(site, sample, "72.80")
    client = site.client(sample.owner)
    client.post(f"/bestelling/{credit}/verwerk")
    client.post("/fouten/verwerk", data={"oorzaak": "refund_to_book"})
    assert state(site, credit) == ("held", "refund_to_book")


def test_goodwill_asks_price_cut_or_damages(site: Site, sample: Sample) -> None:
    first, second = (refunded(site, sample, "5.00", name) for name in ("W1", "W2"))
    client = site.client(sample.owner)
    page = client.get("/fouten").text
    assert "Prijsverlaging of retour: boek creditering" in page
    assert "Terugbetalingen waarvan de reden onbekend is" in page
    client.post(f"/creditering/{first}/schadevergoeding")
    assert state(site, first) == ("skipped", "refund_was_damages")
    aside(client, second)
    assert state(site, second) == ("skipped", "booked_by_hand")
    assert ">Zelf geboekt<" not in client.get(f"/bestelling/{first}").text
    client.post(f"/bestelling/{second}/verwerk")
    assert state(site, second) == ("skipped", "booked_by_hand")
    client.post("/fouten/terug", data={"id": second})
    assert state(site, second) == ("held", "refund_reason_unknown")


def test_the_user_says_that_the_bank_took_it_and_nothing_is_credited(
    site: Site, sample: Sample
) -> None:
    credit = refunded(site, sample, "12.00")
    client = site.client(sample.owner)
    assert "De bank haalde het terug" in client.get("/fouten").text
    client.post(f"/creditering/{credit}/teruggehaald")
    assert state(site, credit) == ("held", "charged_back")
    page = client.get("/fouten").text
    assert "De bank haalde het terug" not in page
    assert ">Gezien<" in page
    assert "Boek creditering" not in page
    client.post("/fouten/verwerk", data={"oorzaak": "charged_back"})
    assert state(site, credit) == ("skipped", "refund_seen")


def test_what_is_only_told_has_seen_in_place_of_process(
    site: Site, sample: Sample
) -> None:
    credit = refunded(site, sample, "100.00")
    client = site.client(sample.owner)
    page = client.get("/fouten").text
    assert "Boek creditering" not in page
    assert ">Gezien<" in page
    client.post("/fouten/verwerk", data={"id": [credit]})
    assert state(site, credit)[0] == "held"
    client.post("/fouten/verwerk", data={"oorzaak": "refund_exceeds_sale"})
    assert state(site, credit) == ("skipped", "refund_seen")
    assert "1 melding is gezien" in client.get("/fouten").text


def test_strangers_find_no_refund(site: Site, sample: Sample) -> None:
    credit = refunded(site, sample, "72.80")
    other = site.client(site.sample("Een ander", 2).owner)
    for path in ("creditering/{}/boek", "creditering/{}/schadevergoeding",
                 "creditering/{}/teruggehaald"):  # fmt: skip
        assert other.post("/" + path.format(credit)).status_code == 404
        assert site.client().post("/" + path.format(credit)).status_code == 303
    assert state(site, credit) == ("held", "refund_to_book")


def test_the_policy_is_the_owners_and_looks_again_at_what_is_held(
    site: Site, sample: Sample
) -> None:
    credit = refunded(site, sample, "72.80")
    path = f"/configuratie/{sample.coupling.id}"
    save = {"refunds": "not"}
    colleague = site.client(sample.colleague)
    assert colleague.post(f"{path}/terugbetalingen", data=save).status_code == 403
    owner = site.client(sample.owner)
    assert 'value="ask" checked' in owner.get(f"{path}/terugbetalingen").text
    owner.post(f"{path}/terugbetalingen", data=save)
    assert state(site, credit) == ("held", "refund_not_passed_on")
    owner.post(f"{path}/terugbetalingen", data={"refunds": "by_itself"})
    assert state(site, credit) == ("held", "refund_to_book")
    with site.data() as session:
        found = session.get(Coupling, sample.coupling.id).refunds
    assert found == RefundPolicy.BY_ITSELF
    bad = owner.post(f"{path}/terugbetalingen", data={"refunds": "all"})
    assert "Kies een van de drie." in bad.text


def test_what_a_clearing_account_does_stands_above_the_payment_methods(
    site: Site, sample: Sample
) -> None:
    with site.data():
        registry = koppelwerk().registry
        package = registry.get(samples.PACKAGE)
        brings = tuple(
            replace(each, payments_notice=lambda coupling: f"Notitie {coupling.id}")
            if type(each) is Orders
            else each
            for each in package.brings
        )
        registry.add(replace(package, brings=brings))
    path = f"/configuratie/{sample.coupling.id}/betaalmethoden"
    page = site.client(sample.owner).get(path).text
    assert f"Notitie {sample.coupling.id}" in page


def test_a_booked_credit_stands_in_the_report_with_its_sale(
    site: Site, sample: Sample
) -> None:
    credit = refunded(site, sample, "72.80")
    with site.data() as session:
        row = session.get(Transfer, credit)
        row.state, row.code, row.booked_at = TransferState.DONE, "", BACK
    page = site.client(sample.owner).get("/rapportage").text
    assert "W1-R1" in page
    assert "creditering van W1" in page
    assert "-€\xa072,80" in page or "€\xa0-72,80" in page


def test_erasing_a_customer_takes_the_reason_and_keeps_the_amounts(
    site: Site, sample: Sample
) -> None:
    from core.runtime.tenancy import tenant_scope
    from core.services.people import customers

    refunded(site, sample, "72.80", reason="Sophie was boos")
    with site.data() as session, tenant_scope(sample.tenant.id):
        customers.erase("sophie@example.com")
        session.flush()
        row = session.query(OrderRefund).one()
        assert (row.amount, row.refund["reason"]) == (Decimal("72.80"), "")


def test_a_credit_that_asks_can_be_looked_at_first(site: Site, sample: Sample) -> None:
    credit = refunded(site, sample, "72.80")
    client = site.client(sample.owner)
    assert f"/bestelling/{credit}/vooraf" in client.get(f"/bestelling/{credit}").text
    page = client.get(f"/bestelling/{credit}/vooraf").text
    assert "<h1>Vooraf: creditering " in page
    assert "Zo zou deze creditering nu worden geboekt" in page
    other = site.sample("Een ander", 2)
    there = site.client(other.owner).get(f"/bestelling/{credit}/vooraf")
    assert there.status_code == 404
    aside(client, credit)
    assert client.get(f"/bestelling/{credit}/vooraf").status_code == 404
