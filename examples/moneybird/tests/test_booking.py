"""From login to ledger: an administration is chosen, orders are booked through it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import time_machine
from conftest import FIRST, SECOND, Package
from flask.testing import FlaskClient
from samples import ORDER
from sqlalchemy import select

from core.domain.orders import OrderState, Reading
from core.models import Connection, ConnectionState, Coupling, Transfer
from core.runtime import jobs
from core.runtime.database import session
from core.services.connections import connections
from core.services.linking import couplings
from core.services.transfer import orders
from moneybird.configuration import choices
from moneybird.mapping import EXTERNAL_INVOICE
from moneybird.models import MoneybirdVatMapping
from tests.web.conftest import Site
from tests.web.samples import Sample

START = datetime(2026, 3, 3, 13, tzinfo=UTC)


@pytest.fixture
def site(moneybird_site: Site) -> Iterator[Site]:
    with time_machine.travel(START):
        yield moneybird_site


@pytest.fixture
def sample(site: Site) -> Sample:
    """A tenant whose Moneybird is switched on, coupled, and yet to be connected."""
    made = site.sample()
    with site.data() as current:
        connections.switch_plugin(made.tenant.id, "moneybird", enabled=True)
        target = connections.create(made.tenant.id, "moneybird")
        source = Connection(
            tenant_id=made.tenant.id, plugin="shop", state=ConnectionState.CONNECTED
        )
        current.add_all([target, source])
        current.flush()
        made.shop, made.package = source, target
        made.coupling = Coupling(
            tenant_id=made.tenant.id, source=source, target=target, settings={}
        )
        current.add(made.coupling)
        current.flush()
        current.expunge(target)
    return made


def log_in(client: FlaskClient, sample: Sample) -> str:
    """Log in at Moneybird as a browser does; return the page that is then shown."""
    begun = client.post(f"/connect/{sample.package.id}")
    asked = dict(parse_qsl(urlsplit(begun.location).query))
    assert asked["scope"] == "sales_invoices settings"
    assert requests.get(begun.location, timeout=5).ok
    consent = requests.post(
        begun.location, data=asked, allow_redirects=False, timeout=5
    )
    back = urlsplit(consent.headers["Location"])
    answer = client.get(f"{back.path}?{back.query}")
    assert answer.status_code == 303
    return answer.location


def choose(site: Site, sample: Sample, administration: str) -> None:
    client = site.client(sample.owner)
    page = log_in(client, sample)
    shown = client.get(page).text
    assert "Demo Webwinkel" in shown
    assert "Demo Holding" in shown
    answer = client.post(page, data={"administration": administration})
    assert answer.status_code == 303
    assert answer.location.startswith("/koppelingen/moneybird#status-")


def configure(site: Site, sample: Sample) -> None:
    """Read the VAT rates and take over what is suggested."""
    with site.data() as current:
        jobs.run_task("load_reference", sample.package.id)
        coupling = current.get_one(Coupling, sample.coupling.id)
        couplings.save_suggestions(coupling)


def book(site: Site, sample: Sample, *numbers: str) -> list[Transfer]:
    """Read orders from the shop, send what is due, return their transfers."""
    with site.data() as current:
        shop = current.get_one(Connection, sample.shop.id)
        readings = [
            Reading(replace(ORDER, source_id=each, number=each), OrderState.READY)
            for each in numbers
        ]
        orders.record(shop, readings)
        session().commit()
        jobs.run_task("drain", 0)
        session().expire_all()
        found = list(session().scalars(select(Transfer).order_by(Transfer.id)))
        session().expunge_all()
    return [each for each in found if each.target_id == sample.package.id]


@pytest.fixture
def ready(site: Site, sample: Sample) -> Sample:
    """The second administration is chosen, the suggestions are taken over."""
    choose(site, sample, SECOND)
    configure(site, sample)
    return sample


def connection(site: Site, sample: Sample) -> Connection:
    with site.data() as current:
        return current.get_one(Connection, sample.package.id)


@pytest.mark.parametrize("chosen", [FIRST, SECOND])
def test_the_chosen_administration_is_the_one_that_is_booked_in(
    site: Site, sample: Sample, package: Package, chosen: str
) -> None:
    choose(site, sample, chosen)
    assert connection(site, sample).external_id == chosen
    assert connection(site, sample).facts == {"country": "NL"}
    configure(site, sample)
    book(site, sample, "W1")
    written = package.ledger("contact") + package.ledger("external_sales_invoice")
    assert [each["administration_id"] for each in written] == [chosen, chosen]


def test_a_reconnect_takes_the_administration_of_before(
    site: Site, ready: Sample
) -> None:
    assert log_in(site.client(ready.owner), ready).startswith(
        "/koppelingen/moneybird#status-"
    )
    assert connection(site, ready).external_id == SECOND


def test_an_order_is_booked_once_to_the_cent(
    site: Site, ready: Sample, package: Package
) -> None:
    for _ in range(2):
        (transfer,) = book(site, ready, "W1")
    assert (transfer.state, transfer.code) == ("done", "")
    assert transfer.document == EXTERNAL_INVOICE
    (invoice,) = package.ledger("external_sales_invoice")
    (contact,) = package.ledger("contact")
    assert invoice["reference"] == "KW-W1"
    assert (invoice["date"], invoice["due_date"]) == ("2026-03-03", "2026-03-17")
    assert invoice["contact_id"] == contact["id"]
    incl, excl = (
        Decimal(invoice[f"total_price_{name}_tax"]) for name in ("incl", "excl")
    )
    assert incl == ORDER.total_incl_vat
    assert abs(incl - excl - ORDER.vat_amount) <= Decimal("0.01")
    assert sum(Decimal(each["price"]) for each in invoice["details"]) == incl
    page = site.client(ready.owner).get("/rapportage").text
    assert "Externe verkoopfactuur" in page


def test_a_buyer_becomes_one_contact_and_costs_one_call_from_then_on(
    site: Site, ready: Sample, package: Package
) -> None:
    book(site, ready, "W1")
    before = sum(package.control("calls", verb="GET").values())
    book(site, ready, "W2", "W3")
    assert sum(package.control("calls", verb="GET").values()) == before + 2
    assert len(package.ledger("contact")) == 1
    assert len(package.ledger("external_sales_invoice")) == 3


@pytest.mark.parametrize("path", ["contacts", "external_sales_invoices"])
@pytest.mark.parametrize("fault", ["drop", "drop_after", "html_after", "late_commit"])
def test_whatever_happens_to_an_answer_one_of_each_is_made(
    site: Site, ready: Sample, package: Package, fault: str, path: str
) -> None:
    package.fault(kind=fault, method="POST", path=path, times=1, seconds=0.01)
    (transfer,) = book(site, ready, "W1")
    assert transfer.state == "queued"
    for minutes in (3, 6, 9, 12):
        with site.data(), time_machine.travel(START + timedelta(minutes=minutes)):
            jobs.run_task("drain", 0)
    (transfer,) = book(site, ready, "W1")
    assert transfer.state == "done"
    assert len(package.ledger("contact")) == 1
    assert len(package.ledger("external_sales_invoice")) == 1


def test_each_rate_is_suggested_for_its_case(site: Site, ready: Sample) -> None:
    with site.data() as current:
        found = choices(current.get_one(Connection, ready.package.id))
    hints = {each.label: each.hint for each in found.vat_codes}
    assert hints == {
        "21% btw": "NL 21",
        "9% btw": "NL 9",
        "0% btw": "NL 0",
        "Btw verlegd binnen de EU": "icp",
        "Export buiten de EU": "international",
        "19% btw": "DE 19",
    }
    assert [each.label for each in found.revenue_accounts] == [
        "Omzet",
        "Verzendkosten",
    ]


def test_a_vat_rate_chosen_wrongly_is_told(
    site: Site, ready: Sample, package: Package
) -> None:
    with site.data() as current:
        lines = list(current.scalars(select(MoneybirdVatMapping)))
        low = next(each.vat_code for each in lines if each.rate == 9)
        for each in lines:
            each.vat_code = low
    (transfer,) = book(site, ready, "W1")
    assert (transfer.state, transfer.code) == ("done", "moneybird_vat_differs")


def test_a_full_limit_holds_the_whole_administration(
    site: Site, ready: Sample, package: Package
) -> None:
    package.fault(kind="status", status=429, retry_after=200, times=1)
    transfers = book(site, ready, "W1", "W2")
    assert {each.state for each in transfers} == {"queued"}
    assert package.ledger("external_sales_invoice") == []
    for seconds in (240, 300):
        with site.data(), time_machine.travel(START + timedelta(seconds=seconds)):
            jobs.run_task("drain", 0)
    assert len(package.ledger("contact")) == 1
    assert len(package.ledger("external_sales_invoice")) == 2


def test_a_lost_login_pauses_the_connection(
    site: Site, ready: Sample, package: Package
) -> None:
    package.control("reset")
    book(site, ready, "W1")
    assert connection(site, ready).state == ConnectionState.PAUSED
    assert log_in(site.client(ready.owner), ready).startswith(
        "/koppelingen/moneybird#status-"
    )
    (transfer,) = book(site, ready, "W1")
    assert transfer.state == "done"
