"""A licence's page: ordering a year with the right VAT, invoices, payments."""

import re
import zlib
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from core.models import Coupling, Licence, LicenceState, Role, ServiceInvoice, Tenant
from core.plugin.capabilities import VatCheck, VatRegister
from core.services.licensing import invoices, licences
from core.services.people import accounts, two_factor
from tests.capabilities import bringing
from tests.web.conftest import Site
from tests.web.samples import PASSWORD, Sample
from tests.web.test_public import mails

COMPANY = {
    "name": "De Fietsenmaker BV",
    "street": "Stationstraat 12",
    "postal_code": "1012 AB",
    "city": "Amsterdam",
    "home_country": "NL",
    "vat_number": "",
}
BELGIAN = "BE0403019261"


@pytest.fixture
def sample(site: Site) -> Sample:
    return site.sample()


@pytest.fixture
def licence(site: Site, sample: Sample) -> Licence:
    """A trial of the sample's coupling."""
    with site.data() as session:
        tenant = session.get(Tenant, sample.tenant.id)
        made = licences.begin(tenant, "kmoshops", "eaccounting")
        licences.attach(made, session.get(Coupling, sample.coupling.id))
    return made


@pytest.fixture
def operator(site: Site, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """One of our own people, logged in."""
    monkeypatch.setattr(two_factor, "is_on", lambda _user: False)
    with site.data():
        accounts.create_user(
            None, email="desk@koppelwerk.example", password=PASSWORD, role=Role.OPERATOR
        )
    client = site.client("desk@koppelwerk.example")
    monkeypatch.setattr("core.web.policy.held_at", lambda: "")
    return client


def register(site: Site, monkeypatch: pytest.MonkeyPatch, answer: bool | None) -> list:
    """Let the register of VAT numbers give an answer; returns what it was asked."""
    asked: list[tuple[str, str]] = []

    def check(_tenant: int, text: str, country: str, _own: str) -> VatCheck:
        asked.append((text, country))
        return VatCheck(text, answer, "WAPI-1" if answer else "")

    registry = site.app.extensions["koppelwerk"].registry
    plugin = bringing(registry.get("vies"), VatRegister(check))
    monkeypatch.setitem(registry.plugins, "vies", plugin)
    return asked


def order(client: FlaskClient, licence: Licence, **values: str) -> str:
    """Order a year as a visitor does; return the page with the amounts."""
    path = f"/licentie/{licence.id}/bestellen"
    form = {**COMPANY, **values}
    page = client.post(path, data=form)
    assert page.status_code == 200, page.status
    agreed = re.search(r'name="agreed" value="([\d.]+)"', page.text)[1]
    answer = client.post(path, data={**form, "agreed": agreed})
    assert (answer.status_code, answer.location) == (303, f"/licentie/{licence.id}")
    return page.text


def only_invoice(site: Site) -> ServiceInvoice:
    """The one invoice there is."""
    with site.data() as session:
        return session.scalars(select(ServiceInvoice)).one()


def test_a_dutch_customer_pays_dutch_vat(
    site: Site, sample: Sample, licence: Licence
) -> None:
    client = site.client(sample.owner)
    page = order(client, licence)
    assert "€\xa0181,50" in page
    invoice = only_invoice(site)
    assert invoice.amount_excl_vat == Decimal("150.00")
    assert (invoice.vat_rate, invoice.vat_amount) == (Decimal(21), Decimal("31.50"))
    assert invoice.is_reverse_charged is False
    assert invoice.number == f"KW{invoice.year}-0001"
    assert invoice.customer["name"] == "De Fietsenmaker BV"
    shown = client.get(f"/licentie/{licence.id}").text
    assert invoice.number in shown
    assert "per bank" in shown


def test_a_confirmed_number_in_another_country_is_reverse_charged(
    site: Site, sample: Sample, licence: Licence, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = register(site, monkeypatch, True)
    client = site.client(sample.owner)
    page = order(client, licence, home_country="BE", vat_number=BELGIAN)
    assert f"BTW verlegd naar {BELGIAN}" in page
    assert set(asked) == {(BELGIAN, "BE")}
    invoice = only_invoice(site)
    assert (invoice.vat_rate, invoice.vat_amount) == (0, 0)
    assert invoice.is_reverse_charged is True
    assert invoice.customer["vat_number"] == BELGIAN
    assert invoice.customer["vat_proof"] == "WAPI-1"


@pytest.mark.parametrize(
    ("answer", "words"),
    [(None, "bevestigde uw BTW-nummer niet"), (False, "niet geldig")],
)
def test_what_the_register_does_not_confirm_is_charged_and_said(
    site: Site,
    sample: Sample,
    licence: Licence,
    monkeypatch: pytest.MonkeyPatch,
    answer: bool | None,
    words: str,
) -> None:
    register(site, monkeypatch, answer)
    client = site.client(sample.owner)
    page = order(client, licence, home_country="BE", vat_number=BELGIAN)
    assert words in page
    invoice = only_invoice(site)
    assert (invoice.vat_rate, invoice.is_reverse_charged) == (21, False)


def test_a_register_that_cannot_be_reached_confirms_nothing(
    site: Site, sample: Sample, licence: Licence
) -> None:
    """The real plugin, with an address where nobody answers."""
    client = site.client(sample.owner)
    page = order(client, licence, home_country="BE", vat_number=BELGIAN)
    assert "bevestigde uw BTW-nummer niet" in page
    assert only_invoice(site).vat_amount == Decimal("31.50")


def test_without_a_number_the_vat_of_the_customers_country_is_charged(
    site: Site, sample: Sample, licence: Licence
) -> None:
    order(site.client(sample.owner), licence, home_country="DE", city="Berlin")
    invoice = only_invoice(site)
    assert (invoice.vat_rate, invoice.vat_amount) == (19, Decimal("28.50"))


def test_nothing_is_made_before_the_amount_was_seen(
    site: Site, sample: Sample, licence: Licence, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = site.client(sample.owner)
    path = f"/licentie/{licence.id}/bestellen"
    form = {**COMPANY, "home_country": "BE", "vat_number": BELGIAN}
    register(site, monkeypatch, True)
    assert "verlegd" in client.post(path, data=form).text
    register(site, monkeypatch, None)
    page = client.post(path, data={**form, "agreed": "150.00"})
    assert "€\xa0181,50" in page.text
    with site.data() as session:
        assert session.scalars(select(ServiceInvoice)).all() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"street": ""},
        {"city": ""},
        {"name": ""},
        {"vat_number": "BE123"},
        {"vat_number": BELGIAN},
        {"home_country": "US"},
    ],
)
def test_an_invoice_needs_a_whole_address_and_an_own_number(
    site: Site, sample: Sample, licence: Licence, wrong: dict[str, str]
) -> None:
    client = site.client(sample.owner)
    path = f"/licentie/{licence.id}/bestellen"
    assert client.post(path, data={**COMPANY, **wrong}).status_code == 422
    with site.data() as session:
        assert session.get(Tenant, sample.tenant.id).address == {}


def test_one_invoice_at_a_time(site: Site, sample: Sample, licence: Licence) -> None:
    client = site.client(sample.owner)
    order(client, licence)
    order(client, licence)
    assert "staat al een factuur open" in client.get(f"/licentie/{licence.id}").text
    assert only_invoice(site).sequence == 1


def test_numbers_have_no_gaps_over_tenants(site: Site) -> None:
    for number in (1, 2, 3):
        sample = site.sample(f"Winkel {number}", number)
        with site.data() as session:
            tenant = session.get(Tenant, sample.tenant.id)
            made = licences.begin(tenant, "kmoshops", "eaccounting")
        if number == 2:
            undo_an_order(site, made)
        order(site.client(sample.owner), made)
    with site.data() as session:
        rows = session.scalars(select(ServiceInvoice).order_by(ServiceInvoice.id))
        assert [row.sequence for row in rows] == [1, 2, 3]


def undo_an_order(site: Site, licence: Licence) -> None:
    """Order, and roll it back."""
    with site.data() as session:
        row = session.get(Licence, licence.id)
        tenant = session.get(Tenant, row.tenant_id)
        quote = invoices.quote(tenant, row, None)
        assert invoices.order(row, quote, user_id=None).sequence == 2
        session.rollback()


def test_the_operator_notes_the_payment_once(
    site: Site, sample: Sample, licence: Licence, operator: FlaskClient
) -> None:
    order(site.client(sample.owner), licence)
    invoice = only_invoice(site)
    assert invoice.number in operator.get("/beheer/facturen").text
    for _ in range(2):
        answer = operator.post(f"/beheer/facturen/{invoice.id}/betaald")
        assert answer.location == "/beheer/facturen"
    assert operator.post("/beheer/facturen/999/betaald").status_code == 404
    with site.data() as session:
        row = session.get(Licence, licence.id)
        assert row.state == LicenceState.PAID
        assert row.ends_on == licence.ends_on.replace(year=licence.ends_on.year + 1)
    paid = [subject for _, kind, subject, _ in mails(site) if kind == "licence_paid"]
    assert paid == [f"Betaling van {invoice.number} ontvangen"]


def test_only_operators_note_payments(
    site: Site, sample: Sample, licence: Licence
) -> None:
    client = site.client(sample.owner)
    order(client, licence)
    path = f"/beheer/facturen/{only_invoice(site).id}/betaald"
    assert client.post(path).status_code == 403
    assert client.get("/beheer/facturen").status_code == 403
    assert only_invoice(site).paid_at is None


def test_pages_and_invoices_of_another_tenant_are_unknown(
    site: Site, sample: Sample, licence: Licence
) -> None:
    order(site.client(sample.owner), licence)
    invoice = only_invoice(site)
    stranger = site.client(site.sample("Ander", 2).owner)
    for path in (
        f"/licentie/{licence.id}",
        f"/licentie/{licence.id}/bestellen",
        f"/factuur/{invoice.id}",
        f"/installatie/{licence.id}",
    ):
        assert stranger.get(path).status_code == 404, path
    assert stranger.post(f"/licentie/{licence.id}/bestellen").status_code == 404


def test_the_pdf_is_downloaded_by_its_number(
    site: Site, sample: Sample, licence: Licence
) -> None:
    client = site.client(sample.owner)
    order(client, licence)
    invoice = only_invoice(site)
    answer = client.get(f"/factuur/{invoice.id}")
    assert answer.mimetype == "application/pdf"
    assert f'"{invoice.number}.pdf"' in answer.headers["Content-Disposition"]
    assert answer.data.startswith(b"%PDF-")
    [*streams] = re.findall(rb"stream\n(.*?)\nendstream", answer.data, re.DOTALL)
    assert any(b"Tj" in zlib.decompress(part) for part in streams[:1])


def test_the_page_says_how_it_ended(
    site: Site, sample: Sample, licence: Licence
) -> None:
    with site.data() as session:
        row = session.get(Licence, licence.id)
        licences.cancel(row, "cancelled_by_user")
        assert session.get(Coupling, sample.coupling.id).licensed is False
    page = site.client(sample.owner).get(f"/licentie/{licence.id}").text
    assert "U hebt de licentie beëindigd" in page
    assert row.cancelled_at is not None


def test_a_name_that_cannot_be_printed_is_refused(
    site: Site, sample: Sample, licence: Licence
) -> None:
    form = {**COMPANY, "name": "مقهى BV"}
    page = site.client(sample.owner).post(
        f"/licentie/{licence.id}/bestellen", data=form
    )
    assert page.status_code == 422
    assert "م ق ه ى" in page.text
