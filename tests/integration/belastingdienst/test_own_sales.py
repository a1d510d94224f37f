"""Shop orders, refunds and invoices as one return, and what is left out of it."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from core.domain.clock import utcnow
from core.domain.declarations import Customer, TaxPeriod
from core.domain.orders import LineKind, OrderState, RefundKind
from core.models import (
    Connection,
    Coupling,
    InvoiceState,
    Tenant,
    Transfer,
    TransferState,
)
from core.runtime.database import session
from core.runtime.tenancy import system_scope
from core.services.transfer.setting_aside import Aside
from plugins.belastingdienst.figures import period_figures
from plugins.belastingdienst.models import Administration, Entry, PeriodFigures
from plugins.belastingdienst.models.figures import EntryOrigin
from plugins.belastingdienst.sales import own_sales
from plugins.belastingdienst.setup import taxpayers
from plugins.belastingdienst.tasks import read_figures
from tests.integration.belastingdienst import figure_samples as samples
from tests.integration.belastingdienst import invoice_samples
from tests.integration.belastingdienst.shop_samples import (
    line,
    order,
    record,
    refund,
    shop,
)

DUTCH = line("121.00", "21.00", "21")
LOW = line("10.90", "0.90", "9", name="Boek")


@pytest.fixture
def owner(app: Flask) -> Iterator[Tenant]:
    with system_scope():
        made = samples.tenant()
        made.vat_statuses = [{"starts_on": "2020-01-01", "distance_sales": "oss"}]
        yield made


@pytest.fixture
def winkel(owner: Tenant) -> Connection:
    return shop(owner)


@pytest.fixture
def books(owner: Tenant, winkel: Connection) -> Administration:
    return administration(owner, winkel)


def administration(owner: Tenant, *shops: Connection) -> Administration:
    ids = [one.id for one in shops]
    kept = own_sales.Choice(invoices=True, shops=tuple(ids), asked=tuple(ids))
    return samples.administration(owner, own_sales=kept.stored())


def read(row: PeriodFigures) -> PeriodFigures:
    row.reading = True
    session().commit()
    read_figures(row.id)
    found = session().get_one(PeriodFigures, row.id)
    assert found.code == ""
    return found


def boxes(row: PeriodFigures) -> dict[str, tuple[str, str]]:
    found = period_figures.summary(row).boxes
    return {str(name): (str(box.turnover), str(box.vat)) for name, box in found.items()}


def asked(row: PeriodFigures) -> list[tuple[str, str]]:
    return [
        (one["code"], one["params"].get("document", ""))
        for one in row.doubts
        if not one["settled"]
    ]


def test_every_kind_of_sale_has_its_box(
    books: Administration, winkel: Connection
) -> None:
    taxpayers.of(books).oss_from = date(2024, 1, 1)
    record(
        winkel,
        order("1", "2026-07-01T10:00", "NL", [DUTCH, LOW]),
        order("2", "2026-07-02T10:00", "NL",
              [line("6.05", "1.05", "21", LineKind.SHIPPING, "Verzenden")]),
        order("3", "2026-07-03T10:00", "DE", [line("119.00", "19.00", "19")]),
        order("4", "2026-07-04T10:00", "BE", [line("500.00", "0", "0")],
              vat_number="BE0403019261", is_business=True, reverse_charged=True),
        order("5", "2026-07-05T10:00", "US", [line("80.00", "0", "0")]),
    )  # fmt: skip
    row = read(samples.period(books))
    assert boxes(row) == {
        "1a": ("105.00", "22.05"),
        "1b": ("10.00", "0.90"),
        "3a": ("80.00", "0.00"),
        "3b": ("500.00", "0.00"),
    }
    assert asked(row) == []
    (icp,) = period_figures.summary(row).icp.rows
    assert (icp.customer, icp.amount) == (Customer("BE", "0403019261"), Decimal(500))
    assert row.left_out == [{"code": "own_sales_oss", "count": "1", "amount": "119.00"}]
    origins = {one.origin for one in behind(row)}
    assert origins == {EntryOrigin.ORDER}
    before = [one.id for one in behind(row)]
    assert [one.id for one in behind(read(row))] == before


def behind(row: PeriodFigures) -> list[Any]:
    found = session().query(Entry).filter_by(period_id=row.id)
    return list(found.order_by(Entry.id))


def test_a_sale_is_of_its_dutch_day_and_a_refund_of_its_own(
    books: Administration, winkel: Connection
) -> None:
    record(
        winkel,
        order("1", "2026-06-30T22:30", "NL", [DUTCH]),  # 00:30 on 1 July
        order("2", "2026-09-30T22:30", "NL", [DUTCH]),
        order("3", "2026-05-01T10:00", "NL", [DUTCH, LOW],
              refunds=[refund("a", "2026-09-30T21:59", [LOW]),
                       refund("b", "2026-09-30T22:01", [DUTCH])]),
    )  # fmt: skip
    row = read(samples.period(books))
    assert boxes(row) == {"1a": ("100.00", "21.00"), "1b": ("-10.00", "-0.90")}
    assert asked(row) == []


def test_what_cannot_be_placed_blocks_with_its_number(
    books: Administration, winkel: Connection
) -> None:
    record(
        winkel,
        order("1", "2026-07-01T10:00", "NL", [DUTCH, line("50.00", "0", "0")]),
        order("2", "2026-07-01T10:00", "NL", [line("106.00", "6.00", "6")]),
        order("3", "2026-07-01T10:00", "NL", [line("121.00", "9.00", "21")]),
        order("4", "2026-07-01T10:00", "BE", [line("50.00", "0", "0")],
              is_business=True),
        order("5", "2026-07-01T10:00", "US", [line("121.00", "21.00", "21")]),
        order("6", "2026-07-01T10:00", "NL",
              [line("25.00", "0", "0", LineKind.GIFT_CARD, "Bon")]),
    )  # fmt: skip
    row = read(samples.period(books))
    assert sorted(asked(row)) == [
        ("order_customer_unknown", "4"),
        ("order_gift_card_unsaid", "6"),
        ("order_rate_not_dutch", "2"),
        ("order_without_vat", "1"),
        ("vat_charged_outside", "5"),
        ("vat_off_rate", "3"),
    ]
    assert boxes(row)["1a"] == ("100.00", "21.00")
    assert all(own_sales.may_be_left_out(one) for one in row.doubts)


def test_the_same_question_of_many_orders_is_asked_once(
    books: Administration, winkel: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd, free = line("106.00", "6.00", "6"), line("50.00", "0", "0")
    record(
        winkel,
        *(order(f"{number:02}", "2026-07-01T10:00", "NL", [odd])
          for number in range(12)),
        order("99", "2026-07-01T10:00", "NL", [free]),
    )  # fmt: skip
    row = read(samples.period(books))
    assert [one for one, _ in asked(row)] == [
        "order_rate_not_dutch", "order_without_vat",
    ]  # fmt: skip
    assert asked(row)[0][1] == "00, 01, 02, 03, 04, 05, 06, 07, 08, 09 … (12)"
    monkeypatch.setattr(own_sales, "MOST", 1)
    row = read(row)
    assert [one["code"] for one in row.doubts] == [
        "order_rate_not_dutch", "own_sales_more",
    ]  # fmt: skip
    assert not own_sales.may_be_left_out(row.doubts[1])


def test_oss_is_asked_once_until_somebody_says(
    owner: Tenant, books: Administration, winkel: Connection
) -> None:
    owner.vat_statuses = []
    found = [
        order(str(number), "2026-07-01T10:00", "DE", [line("119.00", "19.00", "19")])
        for number in range(3)
    ]
    record(winkel, *found)
    row = read(samples.period(books))
    assert [(one["code"], one["count"]) for one in row.doubts] == [
        ("order_oss_unsaid", 3)
    ]
    assert boxes(row) == {}
    assert not own_sales.may_be_left_out(row.doubts[0])
    taxpayers.of(books).oss_from = date(2026, 7, 1)
    row = read(row)
    assert (row.doubts, boxes(row)) == ([], {})


@pytest.mark.parametrize(
    ("status", "oss_from", "code"),
    [
        ("oss", None, "order_oss_unsaid"),
        ("oss", date(2026, 7, 2), "order_oss_unsaid"),
        ("home", date(2026, 7, 1), "order_oss_contradicted"),
    ],
)
def test_what_two_pages_say_of_the_one_stop_shop_has_to_agree(
    owner: Tenant,
    books: Administration,
    winkel: Connection,
    status: str,
    oss_from: date | None,
    code: str,
) -> None:
    """Belgian VAT of 21 % would else stand in 1a, or nowhere."""
    owner.vat_statuses = [{"starts_on": "2020-01-01", "distance_sales": status}]
    taxpayers.of(books).oss_from = oss_from
    record(winkel, order("1", "2026-07-01T10:00", "BE", [DUTCH]))
    row = read(samples.period(books))
    assert asked(row) == [(code, "" if code == "order_oss_unsaid" else "1")]
    assert not own_sales.may_be_left_out(row.doubts[0])


def test_home_vat_above_the_threshold_is_asked(
    owner: Tenant, books: Administration, winkel: Connection
) -> None:
    """10,000 in the quarter before, filed long since: one euro more is abroad."""
    owner.vat_statuses = [{"starts_on": "2020-01-01", "distance_sales": "home"}]
    record(
        winkel,
        order("1", "2026-05-01T10:00", "DE", [line("12100.00", "2100.00", "21")]),
        order("2", "2026-07-01T10:00", "NL", [DUTCH]),
    )
    row = read(samples.period(books))
    assert asked(row) == []
    record(winkel, order("3", "2026-07-02T10:00", "FR", [line("1.21", "0.21", "21")]))
    (one,) = read(row).doubts
    assert (one["code"], one["params"]) == (
        "own_sales_above_threshold",
        {"count": "1", "amount": "1.00", "date": "2026-07-02"},
    )
    assert boxes(row)["1a"] == ("101.00", "21.21")


def test_a_refund_takes_nothing_back_of_the_threshold(
    owner: Tenant, books: Administration, winkel: Connection
) -> None:
    """Passed in May and refunded in July: what was sold between stays abroad.

    The refund itself, of a sale of before it was passed, is none of what is asked.
    """
    owner.vat_statuses = [{"starts_on": "2020-01-01", "distance_sales": "home"}]
    first = [line("12.10", "2.10", "21")]
    late = [line("12100.00", "2100.00", "21")]
    record(
        winkel,
        order("1", "2026-04-01T10:00", "DE", first,
              refunds=[refund("a", "2026-07-03T10:00", first)]),
        order("2", "2026-05-01T10:00", "DE", late,
              refunds=[refund("b", "2026-07-01T10:00", late)]),
        order("3", "2026-07-02T10:00", "FR", [line("1.21", "0.21", "21")]),
    )  # fmt: skip
    (one,) = read(samples.period(books)).doubts
    assert (one["code"], one["params"]) == (
        "own_sales_above_threshold",
        {"count": "2", "amount": "-9999.00", "date": "2026-05-01"},
    )


def test_after_the_limit_of_the_kor_a_sale_without_vat_is_asked(
    owner: Tenant,
    books: Administration,
    winkel: Connection,
    invoice: Callable[..., Any],
) -> None:
    for number, on in (("F1", date(2026, 8, 2)), ("F2", date(2026, 8, 3))):
        invoice(number, ("V", "10"), on=on)
    owner.vat_statuses = [{"starts_on": "2026-01-01", "small_business": True}]
    taxpayers.of(books).small_business_passed_on = date(2026, 8, 3)
    record(winkel, *(
        order(str(day), f"2026-08-0{day}T10:00", "NL", [line("50.00", "0", "0")])
        for day in (2, 3, 4)
    ))  # fmt: skip
    row = read(samples.period(books))
    assert asked(row) == [
        ("invoice_after_small_business", ""), ("order_after_small_business", "3, 4"),
    ]  # fmt: skip
    assert row.doubts[0]["params"]["number"] == "F2"
    assert [one["count"] for one in row.left_out] == ["1"]


def test_below_the_threshold_it_is_home_vat(
    owner: Tenant, books: Administration, winkel: Connection
) -> None:
    owner.vat_statuses = [{"starts_on": "2020-01-01", "distance_sales": "home"}]
    record(winkel, order("1", "2026-07-01T10:00", "DE", [DUTCH]))
    assert boxes(read(samples.period(books))) == {"1a": ("100.00", "21.00")}


def test_who_never_said_whose_orders_they_are_is_asked(
    owner: Tenant, winkel: Connection
) -> None:
    unsaid = samples.administration(owner)
    record(winkel, order("1", "2026-07-01T10:00", "NL", [DUTCH]))
    row = read(samples.period(unsaid))
    assert (asked(row), boxes(row)) == ([("own_sales_unsaid", "")], {})
    assert not own_sales.may_be_left_out(row.doubts[0])
    choice = own_sales.choose(owner.id, invoices=False, chosen=[winkel.id])
    session().get_one(Administration, row.administration_id).own_sales = choice.stored()
    row = read(row)
    assert (asked(row), boxes(row)) == ([], {"1a": ("100.00", "21.00")})
    record(shop(owner, "Tweede"), order("2", "2026-07-01T10:00", "NL", [DUTCH]))
    assert asked(read(row)) == [("own_sales_unsaid", "")]


def test_another_shops_orders_stay_out(
    owner: Tenant, books: Administration, winkel: Connection
) -> None:
    record(winkel, order("1", "2026-07-01T10:00", "NL", [DUTCH]))
    other = shop(owner, "Van een ander")
    record(other, order("2", "2026-07-01T10:00", "NL", [DUTCH]))
    row = samples.period(books)
    kept = dict(row.administration.own_sales)
    row.administration.own_sales = {**kept, "asked": [winkel.id, other.id]}
    row = read(row)
    assert (asked(row), boxes(row)) == ([], {"1a": ("100.00", "21.00")})


def test_orders_of_before_the_installation_are_asked_for(
    owner: Tenant, books: Administration, winkel: Connection
) -> None:
    winkel.created_at = utcnow().replace(2026, 8, 5)
    record(winkel, order("1", "2026-08-03T10:00", "NL", [DUTCH]))
    row = read(samples.period(books))
    (doubt,) = row.doubts
    assert doubt["code"] == "own_sales_before_installation"
    assert doubt["params"] == {"shop": "Winkel", "date": "2026-08-03"}
    assert own_sales.may_be_left_out(doubt)


# what is left out


def test_waiting_is_asked_and_cancelled_is_told(
    books: Administration, winkel: Connection
) -> None:
    record(winkel, order("1", "2026-07-01T10:00", "NL", [DUTCH]),
           state=OrderState.WAITING)  # fmt: skip
    record(winkel, order("2", "2026-07-01T10:00", "NL", [DUTCH]),
           state=OrderState.CANCELLED)  # fmt: skip
    row = read(samples.period(books))
    assert boxes(row) == {}
    (doubt,) = row.doubts
    assert (doubt["code"], doubt["params"]) == (
        "own_sales_waiting", {"count": "1", "amount": "121.00"},
    )  # fmt: skip
    assert row.left_out == [
        {"code": "own_sales_cancelled", "count": "1", "amount": "121.00"}
    ]


def test_cancelled_and_paid_back_are_a_sale_and_its_refund(
    books: Administration, winkel: Connection
) -> None:
    back = refund("a", "2026-10-05T10:00", [DUTCH])
    record(winkel, order("1", "2026-07-01T10:00", "NL", [DUTCH], refunds=[back]),
           state=OrderState.CANCELLED)  # fmt: skip
    assert boxes(read(samples.period(books))) == {"1a": ("100.00", "21.00")}
    fourth = TaxPeriod.quarter(2026, 4)
    row = read(samples.period(session().get_one(Administration, books.id), fourth))
    assert boxes(row) == {"1a": ("-100.00", "-21.00")}


def transfer(winkel: Connection, subject_id: int, **values: Any) -> None:
    package = Connection(tenant_id=winkel.tenant_id, plugin="eboekhouden")
    session().add(package)
    session().flush()
    coupling = Coupling(
        tenant_id=winkel.tenant_id, source_id=winkel.id, target_id=package.id
    )
    session().add(coupling)
    session().flush()
    session().add(
        Transfer(
            tenant_id=winkel.tenant_id, coupling_id=coupling.id, target_id=package.id,
            subject="order", subject_id=subject_id, due_at=utcnow(),
            **{"state": TransferState.SKIPPED, **values},
        )
    )  # fmt: skip
    session().flush()


@pytest.mark.parametrize(
    ("how", "turnover", "code"),
    [(Aside.IGNORED, "", "own_sales_aside"), (Aside.BY_HAND, "100.00", "")],
)
def test_set_aside_is_asked_unless_it_was_booked_by_hand(
    books: Administration, winkel: Connection, how: Aside, turnover: str, code: str
) -> None:
    (made,) = record(winkel, order("1", "2026-07-01T10:00", "NL", [DUTCH]))
    transfer(winkel, made.id, code=how, set_aside_at=utcnow())
    row = read(samples.period(books))
    assert [one for one, _ in asked(row)] == [code] * bool(code)
    assert boxes(row) == ({"1a": (turnover, "21.00")} if turnover else {})


def test_cancelled_after_it_was_booked_is_asked(
    books: Administration, winkel: Connection
) -> None:
    made = order("1", "2026-07-01T10:00", "NL", [DUTCH])
    (row,) = record(winkel, made, state=OrderState.CANCELLED)
    transfer(winkel, row.id, state=TransferState.HELD, booked_at=utcnow())
    found = read(samples.period(books))
    assert asked(found) == [("order_cancelled_after", "1")]


def test_a_refund_that_may_be_damages_is_asked(
    books: Administration, winkel: Connection
) -> None:
    part = refund("a", "2026-07-09T10:00", [line("5.00", "0", "0")],
                  RefundKind.UNKNOWN)  # fmt: skip
    taken = refund("b", "2026-07-10T10:00", [DUTCH], RefundKind.CHARGEBACK)
    record(
        winkel,
        order("1", "2026-07-01T10:00", "NL", [DUTCH], refunds=[part]),
        order("2", "2026-07-01T10:00", "NL", [DUTCH], refunds=[taken]),
    )
    row = read(samples.period(books))
    assert asked(row) == [("refund_undecided", "1")]
    assert boxes(row) == {"1a": ("200.00", "42.00")}


# invoices beside orders


@pytest.fixture
def invoice(owner: Tenant) -> Callable[..., Any]:
    return invoice_samples.maker(owner)


def test_an_order_that_became_an_invoice_counts_once(
    books: Administration, winkel: Connection, invoice: Callable[..., Any]
) -> None:
    back = refund("a", "2026-07-20T10:00", [DUTCH])
    record(
        winkel,
        order("1001", "2026-07-01T10:00", "NL", [DUTCH], refunds=[back]),
        order("1002", "2026-07-01T10:00", "NL", [DUTCH], invoice_number="W-7"),
    )
    sale = invoice("F1", ("H", "100"), vat="21", reference="1001")
    credit = invoice("F2", ("H", "-100"), vat="-21")
    credit.credits_id = sale.id
    invoice("W-7", ("H", "100"), vat="21")
    invoice("F4", ("H", "50"), vat="10.50", reference="1001")  # another amount
    row = read(samples.period(books))
    assert boxes(row) == {"1a": ("150.00", "31.50")}
    assert row.left_out == [
        {"code": "own_sales_twice", "count": "3", "amount": "121.00"}
    ]


@pytest.mark.parametrize(
    ("state", "turnover", "code"),
    [
        (InvoiceState.SENT, ("90.00", "18.91"), ""),
        (InvoiceState.DRAFT, None, "own_sales_invoice_draft"),
    ],
)
def test_an_order_invoiced_from_here_counts_as_its_invoice(
    books: Administration, winkel: Connection, invoice: Callable[..., Any],
    state: InvoiceState, turnover: tuple[str, str] | None, code: str,
) -> None:  # fmt: skip
    """Also where a person took a line off, and with VAT as the shop rounded it."""
    (made,) = record(winkel, order("1001", "2026-07-01T10:00", "NL", [DUTCH]))
    transfer(winkel, made.id, code=Aside.INVOICED, set_aside_at=utcnow())
    sale = invoice("F1", ("H", "90"), vat="18.91", reference="1001")
    sale.order_id, sale.state = made.id, state
    sale.lines[0].vat_amount = Decimal("18.91")
    row = read(samples.period(books))
    assert boxes(row) == ({"1a": turnover} if turnover else {})
    assert [one for one, _ in asked(row)] == [code] * bool(code)


def test_without_invoices_as_a_source_the_order_counts(
    owner: Tenant, winkel: Connection, invoice: Callable[..., Any]
) -> None:
    kept = own_sales.Choice(invoices=False, shops=(winkel.id,), asked=(winkel.id,))
    books = samples.administration(owner, own_sales=kept.stored())
    (made,) = record(winkel, order("1001", "2026-07-01T10:00", "NL", [DUTCH]))
    transfer(winkel, made.id, code=Aside.INVOICED, set_aside_at=utcnow())
    invoice("F1", ("H", "100"), vat="21").order_id = made.id
    assert boxes(read(samples.period(books))) == {"1a": ("100.00", "21.00")}


def test_foreign_vat_of_an_invoice_is_in_oss_while_registered(
    books: Administration, winkel: Connection, invoice: Callable[..., Any]
) -> None:
    invoice("F1", ("BE", "100"), vat="21")
    row = read(samples.period(books))
    assert [one["code"] for one in row.doubts] == ["invoice_vat_foreign"]
    taxpayers.of(row.administration).oss_from = date(2026, 1, 1)
    row = read(row)
    assert (row.doubts, boxes(row)) == ([], {})
    assert row.left_out == [{"code": "own_sales_oss", "count": "1", "amount": "121.00"}]
