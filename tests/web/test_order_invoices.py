"""An invoice of a webshop order by a business: made once, and booked as that alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.domain.orders import (
    Address,
    LineKind,
    OrderLine,
    OrderState,
    Payment,
    order_from_dict,
    order_to_dict,
)
from core.models import (
    InvoiceState,
    Relation,
    SalesInvoice,
    ShopOrder,
    Tenant,
    TransferState,
    VatKind,
)
from core.runtime.tenancy import tenant_scope
from core.services.invoicing import sales_invoices, structured_invoices, vat_codes
from core.services.invoicing.sales_invoices import Draft, DraftLine
from core.services.transfer import setting_aside
from tests.invoices import complete, customer
from tests.web import samples
from tests.web.conftest import Site
from tests.web.samples import Sample

BUTTON = "Maak er een factuur van"
BUSINESS = {
    "billing": Address(
        "Kim", "Café De Kroon", "Laan 1", "1000 AB", "Amsterdam", "NL", "0201234567"
    ),
    "vat_number": "NL001234567B01", "payment_status": "AWAITING_PAYMENT",
}  # fmt: skip
SOLD = {"total_incl_vat": Decimal("121.00"), "vat_amount": Decimal("21.00")}
Made = Callable[..., int]


def _goods(kind: LineKind = LineKind.GOODS, rate: str = "21") -> OrderLine:
    return OrderLine(
        kind, "Weegschaal", Decimal(2), Decimal("121.00"), Decimal("21.00"),
        Decimal(rate),
    )  # fmt: skip


@pytest.fixture
def sample(site: Site) -> Sample:
    made = site.sample()
    with site.data() as session, tenant_scope(made.tenant.id):
        tenant = session.get_one(Tenant, made.tenant.id)
        complete(tenant)
        vat_codes.make_defaults(tenant)
    return made


@pytest.fixture
def order(site: Site, sample: Sample) -> Made:
    """Add an order of 121 euros and its transfer; return the transfer's id."""

    def add(
        state: TransferState = TransferState.FAILED,
        line: OrderLine | None = None,
        **values: Any,
    ) -> int:
        with site.data() as session, tenant_scope(sample.tenant.id):
            row = samples.transfer(sample, "B-7", state, "vat_rate_not_configured")
            kept = session.get_one(ShopOrder, row.subject_id)
            made = replace(
                order_from_dict(kept.payload),
                **{**BUSINESS, **SOLD, "lines": (line or _goods(),), **values},
            )
            kept.payload = order_to_dict(made)
            return row.id

    return add


def test_a_draft_is_made_and_the_order_is_booked_no_more(
    site: Site, sample: Sample, order: Made
) -> None:
    key = order()
    client = site.client(sample.colleague)
    assert BUTTON in client.get(f"/bestelling/{key}").text
    answer = client.post(f"/bestelling/{key}/factuur")
    with site.data() as session, tenant_scope(sample.tenant.id):
        row = session.query(SalesInvoice).one()
        assert answer.headers["Location"] == f"/facturen/{row.id}"
        assert (row.state, row.reference) == (InvoiceState.DRAFT, "B-7")
        assert (row.amount_incl_vat, row.vat_amount) == (Decimal("121"), Decimal("21"))
        assert [line.description for line in row.lines] == ["2 × Weegschaal"]
        buyer = session.query(Relation).one()
        assert (buyer.name, buyer.vat_number) == ("Café De Kroon", "NL001234567B01")
        aside = session.query(setting_aside.Transfer).one()
        assert (aside.state, aside.code) == ("skipped", "invoiced_here")
        assert aside.set_aside_at is not None
    assert BUTTON not in client.get(f"/bestelling/{key}").text
    client.post(f"/bestelling/{key}/factuur")
    with site.data() as session:
        assert session.query(SalesInvoice).count() == 1


@pytest.mark.parametrize(
    "card",
    [
        {"name": "Cafe de Kroon B.V."},
        {"name": "Horeca Bos", "email": "kim@kroon.example"},
    ],
)
def test_a_buyer_that_is_known_is_no_second_relation(
    site: Site, sample: Sample, order: Made, card: dict[str, str]
) -> None:
    with site.data(), tenant_scope(sample.tenant.id):
        known = customer(**card, vat_number="NL001234567B01").id
    made = order(email="Kim@kroon.example")
    site.client(sample.owner).post(f"/bestelling/{made}/factuur")
    with site.data() as session:
        assert session.query(SalesInvoice).one().relation_id == known
        assert session.query(Relation).count() == 1


@pytest.mark.parametrize("known", [
    {"vat_number": "", "email": "info@pand.example"},
    {"vat_number": "NL001234567B01"},  # of a fiscal unity
])  # fmt: skip
def test_another_party_with_the_same_address_or_number_is_not_the_buyer(
    site: Site, sample: Sample, order: Made, known: dict[str, str]
) -> None:
    with site.data(), tenant_scope(sample.tenant.id):
        key = customer(name="Slagerij Bos", **known).id
    made = order(email="info@pand.example")
    site.client(sample.owner).post(f"/bestelling/{made}/factuur")
    with site.data() as session:
        assert session.query(SalesInvoice).one().relation_id != key


def test_a_paid_order_becomes_an_invoice_with_nothing_left_to_pay(
    site: Site, sample: Sample, order: Made
) -> None:
    paid_at = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    made = order(payments=(Payment("iDEAL", Decimal(121), paid_at),))
    client = site.client(sample.owner)
    where = client.post(f"/bestelling/{made}/factuur").headers["Location"]
    page = client.get(where).text
    assert "Al betaald" in page
    assert "Te betalen uiterlijk op" not in page
    with site.data() as session, tenant_scope(sample.tenant.id):
        row = session.query(SalesInvoice).one()
        sales_invoices.send(row, "other")
        assert (row.state, row.paid_on) == (InvoiceState.PAID, date(2026, 11, 21))
        document = sales_invoices.document_of(row.id)
        assert document is not None
        pages = PdfReader(BytesIO(document.content)).pages
        said = " ".join(pages[0].extract_text().split())
        assert "Betaald op 21 november 2026 met iDEAL" in said
        assert "overmaken" not in said
        made_of = structured_invoices.of_invoice(row.id)
        assert (made_of.prepaid, made_of.amount_due) == (Decimal(121), Decimal(0))
        assert made_of.payment is None
        back = sales_invoices.credit(row, date(2026, 11, 30))
        assert (back.amount_incl_vat, back.prepayments) == (Decimal(-121), [])
    assert "Nog te betalen" in client.get(where).text


def test_a_prepaid_draft_that_comes_to_another_amount_is_not_sent(
    site: Site, sample: Sample, order: Made
) -> None:
    made = order(payments=(Payment("iDEAL", Decimal(121), utcnow()),))
    site.client(sample.owner).post(f"/bestelling/{made}/factuur")
    with site.data() as session, tenant_scope(sample.tenant.id):
        row = session.query(SalesInvoice).one()
        [line] = row.lines
        less = DraftLine("Weegschaal", Decimal(1), Decimal("99.00"), line.vat_code_id)
        day = row.issued_on
        sales_invoices.save_draft(
            row.tenant_id, Draft(row.relation_id, day, day, [less]), row
        )
        with pytest.raises(AskUser, match="prepaid_differs"):
            sales_invoices.send(row, "other")


@pytest.mark.parametrize(
    "change", [{"state": OrderState.CANCELLED}, {"refunded_amount": Decimal(5)}]
)
def test_a_draft_of_an_order_that_is_no_such_sale_any_more_is_not_sent(
    site: Site, sample: Sample, order: Made, change: dict[str, Any]
) -> None:
    site.client(sample.owner).post(f"/bestelling/{order()}/factuur")
    with site.data() as session, tenant_scope(sample.tenant.id):
        row = session.query(SalesInvoice).one()
        kept = session.get_one(ShopOrder, row.order_id)
        if "state" in change:
            kept.state = change["state"]
        else:
            now = replace(order_from_dict(kept.payload), **change)
            kept.payload = order_to_dict(now)
        with pytest.raises(AskUser, match="order_of_draft_changed"):
            sales_invoices.send(row, "other")


def test_vat_stays_as_the_shop_rounded_it_while_a_line_is_not_changed(
    site: Site, sample: Sample, order: Made
) -> None:
    """Three times 1.74 on 8.26: added first it would be 5.20."""
    one = OrderLine(
        LineKind.GOODS, "Lamp", Decimal(1), Decimal("10.00"), Decimal("1.74"),
        Decimal(21),
    )  # fmt: skip
    made = order(
        lines=(one, one, one), total_incl_vat=Decimal(30), vat_amount=Decimal("5.22")
    )
    site.client(sample.owner).post(f"/bestelling/{made}/factuur")
    with site.data() as session, tenant_scope(sample.tenant.id):
        row = session.query(SalesInvoice).one()
        assert row.vat_amount == Decimal("5.22")
        same = [
            DraftLine("Lamp, wit", each.quantity, each.unit_price, each.vat_code_id)
            for each in row.lines
        ]
        day = row.issued_on
        draft = Draft(row.relation_id, day, day, same)
        sales_invoices.save_draft(row.tenant_id, draft, row)
        assert row.vat_amount == Decimal("5.22")
        twice = replace(same[0], quantity=Decimal(2))
        draft = Draft(row.relation_id, day, day, [twice, same[1]])
        sales_invoices.save_draft(row.tenant_id, draft, row)
        assert row.vat_amount == Decimal("1.74") + Decimal("3.47")


def test_an_export_is_invoiced_without_vat(
    site: Site, sample: Sample, order: Made
) -> None:
    abroad = Address("Kim", "Uhren AG", "Gasse 1", "8001", "Zürich", "CH")
    line = OrderLine(
        LineKind.GOODS, "Lamp", Decimal(1), Decimal("100.00"), Decimal(0), Decimal(0)
    )
    made = order(
        lines=(line,), total_incl_vat=Decimal(100), vat_amount=Decimal(0),
        billing=abroad, delivery=abroad, vat_number="",
    )  # fmt: skip
    site.client(sample.owner).post(f"/bestelling/{made}/factuur")
    with site.data() as session:
        [found] = session.query(SalesInvoice).one().lines
        assert found.vat_code.kind == VatKind.EXPORT


@pytest.mark.parametrize(
    "values",
    [
        {"payment_status": "REFUNDED"},
        {"payments": (Payment("iDEAL", Decimal(20), utcnow()),)},
        {"refunded_amount": Decimal(5)},
        {"billing": Address("Kim"), "vat_number": ""},
        {"state": TransferState.DONE},
        {"state": TransferState.QUEUED},
    ],
)
def test_of_what_went_back_was_booked_or_a_consumers_none_is_made(
    site: Site, sample: Sample, order: Made, values: dict[str, Any]
) -> None:
    _refused(site, sample, order(**values), is_offered=False)


@pytest.mark.parametrize(
    "values",
    [
        {"line": _goods(LineKind.GIFT_CARD)},
        {"line": _goods(rate="17")},
        {"reverse_charged": True},
        {"line": OrderLine(LineKind.GOODS, "x", Decimal(1), Decimal("121.00"),
                           Decimal("20.90"), Decimal(21))},
    ],
)  # fmt: skip
def test_what_would_not_be_the_same_sale_is_refused_with_words(
    site: Site, sample: Sample, order: Made, values: dict[str, Any]
) -> None:
    _refused(site, sample, order(**values), is_offered=True)


def _refused(site: Site, sample: Sample, key: int, *, is_offered: bool) -> None:
    client = site.client(sample.owner)
    assert (BUTTON in client.get(f"/bestelling/{key}").text) is is_offered
    client.post(f"/bestelling/{key}/factuur")
    assert 'class="notice error"' in client.get(f"/bestelling/{key}").text
    with site.data() as session:
        assert session.query(SalesInvoice).count() == 0
        assert session.query(Relation).count() == 0
        assert session.query(setting_aside.Transfer).one().set_aside_at is None


def test_another_tenants_order_is_not_there(
    site: Site, sample: Sample, order: Made
) -> None:
    key = order()
    other = site.sample("Ander", 2)
    answer = site.client(other.owner).post(f"/bestelling/{key}/factuur")
    assert answer.status_code == 404
