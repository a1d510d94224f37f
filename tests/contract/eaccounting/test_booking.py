"""Orders booked through the whole plugin: what stands in the package at the end."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from core.domain.clock import utcnow
from core.domain.orders import LineKind, Order, OrderLine
from core.models import Connection, Link, LogEntry, Step, Transfer
from core.runtime.database import session, transaction
from core.services.transfer.steps import OPEN_STEP
from plugins.eaccounting import reference
from plugins.eaccounting.connector import open_client
from plugins.eaccounting.mapping import TargetKind
from plugins.eaccounting.models import EAccountingPaymentMapping
from plugins.eaccounting.orders import reconcile
from plugins.vies import register
from plugins.vies.public import Consultation, Outcome
from tests.contract.eaccounting.conftest import Coupled, Package
from tests.unit.eaccounting import samples

LEDGER = {
    TargetKind.SALES_ENTRY: "ledgeritem",
    TargetKind.DRAFT_INVOICE: "draft",
    TargetKind.ORDER: "order",
}
TOTAL = {
    TargetKind.SALES_ENTRY: "TotalAmountInvoiceCurrency",
    TargetKind.DRAFT_INVOICE: "TotalAmount",
    TargetKind.ORDER: "Amount",
}
kinds = pytest.mark.parametrize("kind", list(TargetKind))
DONE = ("done", "")


def order(number: int = 1, *lines: OrderLine, **changes: Any) -> Order:
    """A consumer's order, each number its own customer."""
    values = {
        "source_id": str(number),
        "number": f"W{number}",
        "email": f"klant{number}@example.com",
        **changes,
    }
    return samples.order(lines or samples.basket(), **values)


def icp(number: int = 1, **changes: Any) -> Order:
    """A German company's order without VAT."""
    where = samples.address(
        company="Optik GmbH", city="Aachen", postal_code="52062", country="DE"
    )
    values = {"billing": where, "delivery": where, "vat_number": "DE129274202"}
    line = samples.line("Linse", "100.00", "0.00", "0")
    return order(number, line, **{**values, **changes})


def answering(outcome: Outcome) -> Callable[..., Consultation]:
    """VIES, with one answer to every question."""

    def consult(_: int, text: str, country: str = "", requester: str = "") -> Any:
        reason = "TIMEOUT" if outcome == Outcome.UNKNOWN else ""
        return Consultation(text, outcome, utcnow(), reason=reason)

    return consult


@pytest.fixture(autouse=True)
def vies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "consult", answering(Outcome.VALID))


def stale(coupled: Coupled) -> None:
    """Let the index be older than the least time between two reads."""
    with transaction():
        connection = session().get_one(Connection, coupled.package_id)
        connection.cursor = dict.fromkeys(
            connection.cursor, "2026-01-01T00:00:00+00:00"
        )


def api_customer(coupled: Coupled, **fields: Any) -> dict[str, Any]:
    """Somebody makes a debtor in the package itself."""
    terms = reference.records(coupled.package_id, reference.TERMS)[0].external_id
    body = {
        "Name": "Bestaand", "EmailAddress": "klant1@example.com", "IsActive": True,
        "InvoiceCity": "Delft", "InvoicePostalCode": "2611 AB",
        "InvoiceCountryCode": "NL", "TermsOfPaymentId": terms,
        "IsPrivatePerson": True, **fields,
    }  # fmt: skip
    with open_client(coupled.connection) as client:
        return client.create_customer(body)


# --- documents ---------------------------------------------------------------------


@kinds
def test_an_order_stands_in_the_package_for_its_exact_total(
    coupled: Coupled, kind: TargetKind
) -> None:
    coupled.configure(target_kind=kind.value)
    coupled.book(order())
    assert coupled.states() == [DONE]
    [document] = coupled.package.ledger(LEDGER[kind])
    assert document[TOTAL[kind]] == Decimal("64.85")
    [debtor] = coupled.package.ledger("customer")
    assert debtor["EmailAddress"] == "klant1@example.com"
    assert document["CustomerId"] == debtor["Id"]


@kinds
def test_a_known_debtor_and_known_articles_cost_one_call(
    coupled: Coupled, kind: TargetKind, judged: list[str]
) -> None:
    coupled.configure(target_kind=kind.value)
    coupled.book(order(1, email="a@example.com"))
    judged.clear()
    coupled.book(order(2, email="A@Example.com "), order(3, email="a@example.com"))
    assert coupled.states() == [DONE] * 3
    assert len(judged) == 2
    assert {call.split()[0] for call in judged} == {"POST"}
    assert len(coupled.package.ledger("customer")) == 1


def test_invoice_numbers_are_drawn_once_and_differ(coupled: Coupled) -> None:
    coupled.book(*(order(number) for number in range(1, 6)))
    items = coupled.package.ledger("ledgeritem")
    numbers = [item["InvoiceNumber"] for item in items]
    assert len(set(numbers)) == 5
    assert max(numbers) < 2**31
    references = session().scalars(
        select(Step.reference).where(Step.name == TargetKind.SALES_ENTRY.value)
    )
    assert sorted(map(int, references)) == sorted(numbers)


def test_a_company_s_draft_has_prices_excl_vat(coupled: Coupled) -> None:
    coupled.configure(target_kind="draft_invoice")
    firm = samples.address(company="Fischer Optiek B.V.")
    coupled.book(order(1, samples.line(), billing=firm))
    [draft] = coupled.package.ledger("draft")
    assert draft["IncludesVat"] is False
    assert draft["Rows"][0]["UnitPrice"] == 100
    assert draft["TotalAmount"] == 121
    assert coupled.states() == [DONE]


def test_prices_follow_the_company_setting_for_private_persons(
    coupled: Coupled,
) -> None:
    coupled.configure(target_kind="draft_invoice")
    coupled.package.control("company", {"ShowPricesExclVatPC": True})
    coupled.load()
    coupled.book(order(1, samples.line()))
    [draft] = coupled.package.ledger("draft")
    assert (draft["Rows"][0]["UnitPrice"], draft["TotalAmount"]) == (100, 121)
    assert coupled.states() == [DONE]


@kinds
def test_prices_read_another_way_than_meant_are_a_warning(
    coupled: Coupled, kind: TargetKind
) -> None:
    coupled.configure(target_kind=kind.value)
    coupled.package.control("company", {"ShowPricesExclVatPC": True})
    coupled.book(order(1, samples.line()))
    held = ("held", "booked_differs")
    note = ("done", "booked_differs")
    assert coupled.states() == [
        {
            TargetKind.SALES_ENTRY: DONE,
            TargetKind.DRAFT_INVOICE: held,
            # Of an order we give the totals: what stands there is what was meant.
            TargetKind.ORDER: note,
        }[kind]
    ]


@kinds
def test_a_cent_that_differs_is_a_warning_and_never_a_second_document(
    coupled: Coupled, kind: TargetKind
) -> None:
    coupled.configure(target_kind=kind.value)
    coupled.package.fault(kind="shift_cent", times=1)
    coupled.book(order())
    coupled.drain()
    assert coupled.states() == [("done", "booked_differs")]
    assert len(coupled.package.ledger(LEDGER[kind])) == 1
    codes = session().scalars(select(LogEntry.code)).all()
    assert codes.count("booked_differs") == 1


# --- exactly once ------------------------------------------------------------------


WRITES = {
    TargetKind.SALES_ENTRY: ("customers", "withvoucher"),
    TargetKind.DRAFT_INVOICE: ("customers", "articles", "customerinvoicedrafts"),
    TargetKind.ORDER: ("customers", "articles", "orders"),
}


@pytest.mark.parametrize("fault", ["drop_after", "html_after", "drop"])
@pytest.mark.parametrize(
    ("kind", "path"), [(kind, path) for kind in WRITES for path in WRITES[kind]]
)
def test_a_lost_answer_costs_no_second_document(
    coupled: Coupled, kind: TargetKind, path: str, fault: str
) -> None:
    coupled.configure(target_kind=kind.value)
    coupled.package.fault(kind=fault, method="POST", path=path, times=1)
    coupled.book(order())
    for _ in range(4):
        coupled.drain()
    assert coupled.states() == [DONE]
    assert len(coupled.package.ledger(LEDGER[kind])) == 1
    assert len(coupled.package.ledger("customer")) == 1
    articles = [item["Number"] for item in coupled.package.ledger("article")]
    assert len(articles) == len(set(articles))


@pytest.mark.parametrize(
    ("kind", "path"),
    [(TargetKind.SALES_ENTRY, "customers"), (TargetKind.DRAFT_INVOICE, "articles")],
)
def test_a_list_that_shows_what_was_lost_leaves_no_write_open(
    coupled: Coupled, kind: TargetKind, path: str
) -> None:
    coupled.configure(target_kind=kind.value)
    coupled.package.fault(kind="drop_after", method="POST", path=path, times=1)
    coupled.package.fault(kind="status", status=503, method="GET", path=path, times=1)
    coupled.book(order())
    assert coupled.states() != [DONE]
    coupled.change(drain_until=None, not_before=None)
    coupled.load()
    coupled.drain()
    assert coupled.states() == [DONE]
    assert (
        session().scalars(select(Step.name).where(Step.state.in_(OPEN_STEP))).all()
        == []
    )
    assert "" not in session().scalars(select(Link.external_id)).all()
    for made in ("customer", "article"):
        names = [
            item.get("Number") or item["Name"] for item in coupled.package.ledger(made)
        ]
        assert len(names) == len(set(names))


def test_one_look_up_serves_all_lost_entries_of_a_batch(
    coupled: Coupled, judged: list[str]
) -> None:
    path = "customerledgeritemswithvoucher"
    coupled.package.fault(kind="drop_after", method="POST", path=path, times=2)
    coupled.book(order(1), order(2))
    coupled.drain()
    assert coupled.states() == [DONE, DONE]
    assert judged.count("GET /customerledgeritems") == 1
    assert len(coupled.package.ledger("ledgeritem")) == 2


def test_a_look_up_without_a_filter_on_the_reference(coupled: Coupled) -> None:
    coupled.configure(target_kind="order")
    coupled.package.control("settings", {"not_filterable": ["orders.YourReference"]})
    coupled.book(order(1, email="a@example.com"))
    coupled.package.fault(kind="drop_after", method="POST", path="orders", times=1)
    coupled.book(order(2, email="a@example.com"))
    for _ in range(3):
        coupled.drain()
    assert coupled.states() == [DONE, DONE]
    references = [item["YourReference"] for item in coupled.package.ledger("order")]
    assert references == ["W1", "W2"]


def test_what_was_sent_as_a_draft_is_looked_up_as_a_draft(coupled: Coupled) -> None:
    coupled.configure(target_kind="draft_invoice")
    coupled.package.fault(
        kind="drop_after", method="POST", path="customerinvoicedrafts", times=1
    )
    coupled.book(order())
    coupled.configure(target_kind="sales_entry")
    for _ in range(3):
        coupled.drain()
    assert coupled.states() == [DONE]
    assert len(coupled.package.ledger("draft")) == 1
    assert coupled.package.ledger("ledgeritem") == []


def test_another_document_with_our_reference_is_not_ours(coupled: Coupled) -> None:
    coupled.configure(target_kind="order")
    coupled.book(order(1, email="other@example.com"))
    coupled.package.fault(kind="drop", method="POST", path="orders", times=1)
    coupled.book(replace(order(2, email="me@example.com"), number="W1"))
    coupled.drain()
    assert coupled.states() == [DONE, ("failed", "found_differs")]
    assert len(coupled.package.ledger("order")) == 1


def test_two_orders_of_one_new_customer_make_one_debtor(coupled: Coupled) -> None:
    coupled.book(order(1, email="a@example.com"), order(2, email="a@example.com"))
    assert coupled.states() == [DONE, DONE]
    assert len(coupled.package.ledger("customer")) == 1


# --- debtors -----------------------------------------------------------------------


def test_a_debtor_made_in_the_package_is_found_before_one_is_made(
    coupled: Coupled,
) -> None:
    known = api_customer(coupled, EmailAddress="Klant1@Example.com")
    stale(coupled)
    coupled.book(order())
    assert coupled.states() == [DONE]
    [item] = coupled.package.ledger("ledgeritem")
    assert item["CustomerId"] == known["Id"]
    assert len(coupled.package.ledger("customer")) == 1


def test_several_debtors_with_one_address_ask_the_user(coupled: Coupled) -> None:
    first = api_customer(coupled)
    api_customer(coupled)
    coupled.load()
    coupled.book(order())
    assert coupled.states() == [("failed", "debtor_ambiguous")]
    coupled.configure(duplicate_debtor="oldest")
    coupled.verwerk(order())
    assert coupled.states() == [DONE]
    assert coupled.package.ledger("ledgeritem")[0]["CustomerId"] == first["Id"]


def fixed(coupled: Coupled) -> str:
    """A fixed debtor for iDEAL."""
    debtor_id = str(api_customer(coupled, EmailAddress=None, Name="iDEAL")["Id"])
    with transaction() as current:
        current.add(
            EAccountingPaymentMapping(
                tenant_id=coupled.connection.tenant_id,
                coupling_id=coupled.coupling_id,
                method="iDEAL",
                fixed_debtor=debtor_id,
                clearing_account="2000",
            )
        )
    coupled.load()
    return debtor_id


def test_a_fixed_debtor_takes_the_orders_of_its_payment_method(
    coupled: Coupled,
) -> None:
    debtor_id = fixed(coupled)
    coupled.book(order(1), order(2, email=""), order(3, payment_method="Mollie"))
    assert coupled.states() == [DONE] * 3
    used = [item["CustomerId"] for item in coupled.package.ledger("ledgeritem")]
    assert used[:2] == [debtor_id] * 2
    assert used[2] != debtor_id
    assert len(coupled.package.ledger("customer")) == 2


def test_an_icp_order_never_goes_to_a_fixed_debtor(coupled: Coupled) -> None:
    debtor_id = fixed(coupled)
    coupled.book(icp())
    assert coupled.states() == [DONE]
    [item] = coupled.package.ledger("ledgeritem")
    assert item["CustomerId"] != debtor_id
    made = coupled.package.ledger("customer")[-1]
    assert (made["VatNumber"], made["IsPrivatePerson"]) == ("DE129274202", False)
    assert made["Name"] == "Optik GmbH"


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome.INVALID, ("failed", "vat_number_invalid")),
        (Outcome.UNKNOWN, ("queued", "vat_number_unchecked")),
    ],
)
def test_a_vat_number_that_is_not_known_valid_is_never_booked(
    coupled: Coupled,
    monkeypatch: pytest.MonkeyPatch,
    outcome: Outcome,
    state: tuple[str, str],
) -> None:
    monkeypatch.setattr(register, "consult", answering(outcome))
    coupled.book(icp())
    assert coupled.states() == [state]
    assert coupled.package.calls("POST") == {}
    monkeypatch.setattr(register, "consult", answering(Outcome.VALID))
    coupled.verwerk(icp())
    assert coupled.states() == [DONE]


def test_an_icp_order_goes_to_the_debtor_with_its_number_and_to_no_other(
    coupled: Coupled,
) -> None:
    """The ICP declaration lists a supply under the number of its debtor."""
    fields = {"IsPrivatePerson": False, "InvoiceCountryCode": "DE"}
    api_customer(coupled, VatNumber="DE136695976", **fields)
    coupled.load()
    coupled.book(icp())
    assert coupled.states() == [("failed", "debtor_other_vat_number")]
    [transfer] = session().scalars(select(Transfer))
    said = {name: transfer.params[name] for name in ("number", "known")}
    assert said == {"number": "DE129274202", "known": "DE136695976"}
    right = api_customer(coupled, VatNumber="DE129274202", **fields)
    stale(coupled)
    coupled.verwerk(icp(vat_number="de 129.274.202"))
    assert coupled.states() == [DONE]
    [document] = coupled.package.ledger(LEDGER[TargetKind.SALES_ENTRY])
    assert document["CustomerId"] == right["Id"]


def test_an_icp_order_needs_the_number_on_the_debtor_we_do_not_change(
    coupled: Coupled,
) -> None:
    known = api_customer(coupled, IsPrivatePerson=False, InvoiceCountryCode="DE")
    coupled.load()
    coupled.book(icp())
    assert coupled.states() == [("failed", "debtor_without_vat_number")]
    body = {**known, "VatNumber": "DE129274202"}
    with open_client(coupled.connection) as client:
        client.http.request(
            "PUT", f"customers/{known['Id']}",
            json_body={name: body[name] for name in (
                "Name", "EmailAddress", "IsActive", "InvoiceCity",
                "InvoicePostalCode", "InvoiceCountryCode", "TermsOfPaymentId",
                "IsPrivatePerson", "VatNumber",
            )},
        )  # fmt: skip
    stale(coupled)
    coupled.verwerk(icp())
    assert coupled.states() == [DONE]
    assert coupled.package.ledger("ledgeritem")[0]["CustomerId"] == known["Id"]


# --- articles ----------------------------------------------------------------------


def test_an_article_per_vat_rate(coupled: Coupled) -> None:
    coupled.configure(target_kind="draft_invoice")
    coupled.book(
        order(1, samples.line("Mok", "12.10", "2.10")),
        order(2, samples.line("Mok", "10.90", "0.90", "9")),
        order(3, samples.line("Andere mok", "12.10", "2.10")),
        order(4, samples.line("Mok", "12.10", "2.10", number="SKU-2")),
    )
    assert coupled.states() == [DONE] * 4
    made = coupled.package.ledger("article")
    assert [(item["Number"], item["CodingName"]) for item in made] == [
        ("SKU-1", "Goederen 21 %"), ("SKU-1-NL9", "Goederen 9 %"),
        ("SKU-2", "Goederen 21 %"),
    ]  # fmt: skip
    used = [row["ArticleId"] for draft in coupled.package.ledger("draft")
            for row in draft["Rows"]]  # fmt: skip
    assert used == [made[0]["Id"], made[1]["Id"], made[0]["Id"], made[2]["Id"]]


def test_shipping_has_an_article_of_its_own(coupled: Coupled) -> None:
    coupled.configure(target_kind="order")
    shipping = samples.line("PostNL", "4.95", "0.86", number="", kind=LineKind.SHIPPING)
    coupled.book(order(1, samples.line(), shipping))
    numbers = [item["Number"] for item in coupled.package.ledger("article")]
    assert numbers == ["SKU-1", "VERZENDKOSTEN"]


# --- checks ------------------------------------------------------------------------


def test_a_locked_year_asks_and_goes_once_it_is_open(coupled: Coupled) -> None:
    coupled.package.control("fiscalyears", {"year": 2023, "locked": True})
    coupled.load()
    coupled.book(order())
    assert coupled.states() == [("failed", "period_locked")]
    assert coupled.package.calls("POST") == {}
    coupled.package.control("fiscalyears", {"year": 2023, "locked": False})
    stale(coupled)
    coupled.verwerk(order())
    assert coupled.states() == [DONE]


def test_a_lock_that_came_after_our_last_read_is_the_vendor_s_refusal(
    coupled: Coupled,
) -> None:
    coupled.package.control("company", {"AccountingLockedTo": "2023-03-31"})
    coupled.book(order())
    assert coupled.states() == [("failed", "period_locked")]
    assert coupled.package.ledger("ledgeritem") == []


def test_the_package_is_read_at_most_once_for_many_failing_orders(
    coupled: Coupled, judged: list[str]
) -> None:
    stale(coupled)
    judged.clear()
    rate = [samples.line("Oud", "119.00", "19.00", "19")]
    late = [order(n, ordered_at=samples.ORDERED_AT.replace(year=2009)) for n in (1, 2)]
    coupled.book(*late, order(3, *rate))
    assert [state for state, _ in coupled.states()] == ["failed"] * 3
    assert judged.count("GET /vatcodes") == 1
    assert not [call for call in judged if call.startswith("POST")]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"email": ""}, "email_missing"),
        ({"billing": samples.address(city="")}, "address_incomplete"),
        ({"currency": "USD"}, "currency_not_eur"),
        ({"total_incl_vat": Decimal("64.86")}, "total_mismatch"),
    ],
)
def test_what_cannot_be_booked_says_why_and_costs_no_write(
    coupled: Coupled, change: dict[str, Any], code: str
) -> None:
    coupled.book(replace(order(), **change))
    assert coupled.states() == [("failed", code)]
    assert coupled.package.calls("POST") == {}


def test_a_licence_without_orders_refuses_them_before_anything_is_made(
    coupled: Coupled,
) -> None:
    coupled.configure(target_kind="order")
    coupled.package.control("company", {"ProductVariant": 4})
    coupled.load()
    coupled.book(order())
    assert coupled.states() == [("failed", "licence_without_target")]
    assert coupled.package.calls("POST") == {}


def test_a_lost_login_keeps_the_orders_waiting(coupled: Coupled) -> None:
    coupled.package.control("revoke")
    coupled.book(order())
    assert coupled.states() == [("queued", "grant_refused")]
    assert session().scalar(select(Transfer.failures)) == 0


# --- reconciliation ----------------------------------------------------------------


@kinds
def test_what_stands_in_the_package_per_order(
    coupled: Coupled, kind: TargetKind
) -> None:
    coupled.configure(target_kind=kind.value)
    coupled.book(order(1), order(2))
    found = reconcile.documents(coupled.coupling)
    assert [item["reference"] for item in found] == ["W1", "W2"]
    assert {item["total"] for item in found} == {Decimal("64.85")}
    for item in found:
        assert item["vat"][Decimal(21)] == Decimal("9.52")
        assert item["vat"][Decimal(9)] == Decimal("0.83")


def test_vouchers_of_others_are_no_trouble(coupled: Coupled, package: Package) -> None:
    debtor = api_customer(coupled)
    code = next(
        row.data
        for row in reference.records(coupled.package_id, reference.VAT_CODE)
        if row.key == "VH"
    )
    rows: list[dict[str, Any]] = [
        {"AccountNumber": 1300, "DebitAmount": 121},
        {"AccountNumber": 8000, "CreditAmount": 100, "VatCodeId": code["Id"]},
        {"AccountNumber": 1520, "CreditAmount": 21, "TransactionText": "BTW hoog 21"},
    ]
    with open_client(coupled.connection) as client:
        client.create_sales_entry({
            "CurrencyCode": "EUR", "CustomerId": debtor["Id"], "InvoiceNumber": 7,
            "InvoiceDate": "2023-03-01", "DueDate": "2023-03-01",
            "RoundingsAmountInvoiceCurrency": 0, "IsCreditInvoice": False,
            "TotalAmountInvoiceCurrency": 121,
            "RemainingAmountInvoiceCurrency": 121, "VATAmountInvoiceCurrency": 21,
            "Voucher": {"VoucherDate": "2023-03-01", "VoucherText": "Met de hand",
                        "Rows": rows},
        })  # fmt: skip
    [found] = reconcile.documents(coupled.coupling)
    assert (found["reference"], found["vat"]) == ("", {})
    assert found["total"] == 121


def test_the_rest_of_a_sale_of_many_lines_is_credited_with_its_own_rounding(
    coupled: Coupled,
) -> None:
    """Sixty times 0.17 in 0.99 is 0.11 less than 21 % of it: more than of one line."""
    lines = [samples.line(f"Knoop {n}", "0.99", "0.17") for n in range(60)]
    coupled.book_with_price_cuts(order(1, *lines), "5.00", "54.40")
    assert [state for state, _ in coupled.states()] == ["done", "done", "done"]
