"""What goes to the package, whole: the field tables of manual 004, as the contract
spells them. The golden files are the expected requests, written out."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain import jsontext
from core.domain.money import cents, total, vat_in
from core.domain.orders import Address, LineKind, Order, OrderLine
from core.domain.strings import cut
from plugins.eaccounting import mapping, wire
from plugins.eaccounting.orders import mapping as documents
from plugins.eaccounting.orders.mapping import ArticleRow
from plugins.eaccounting.orders.rounding import plan_document
from tests.unit.eaccounting.samples import address, basket, line, order, ruled

GOLDEN = Path(__file__).parent / "golden"
CUSTOMER = "f7880989-0898-4c87-a598-087033380d8e"
ARTICLE = "02398032-0132-4030-8240-029000393890"
TERMS = "7d4ab3a7-0c5e-4b3c-8c6e-6f5f0c2f4a10"
BOOKED_ON = date(2023, 3, 1)


def golden(name: str) -> Any:
    return jsontext.loads((GOLDEN / f"{name}.json").read_bytes())


def sent(body: Any) -> Any:
    """The body as it arrives: through JSON and back."""
    return jsontext.loads(jsontext.dumps(body))


def entry(some: Order, **options: Any) -> wire.Body:
    return documents.sales_entry(
        some,
        ruled(some.lines),
        customer_id=CUSTOMER,
        receivables_account=1300,
        invoice_number=1677672000,
        booked_on=BOOKED_ON,
        **options,
    )


def document(make: Any, some: Order, *, incl_vat: bool) -> wire.Body:
    lines = documents.turned(some, ruled(some.lines))
    plan = plan_document(lines, incl_vat=incl_vat)
    rows = [ArticleRow(row, ARTICLE) for row in plan.rows]
    prices = {"incl_vat": incl_vat} if make is documents.order_document else {}
    body: wire.Body = make(
        some, rows, customer_id=CUSTOMER, booked_on=BOOKED_ON, **prices
    )
    return body


def company_order() -> Order:
    """A company that has the goods sent elsewhere."""
    return order(
        basket(),
        billing=address(company="Fischer Optiek B.V."),
        delivery=address(
            name="Magazijn", street="Havenweg 3", postal_code="3011 AB",
            city="Rotterdam",
        ),
    )  # fmt: skip


# --- whole documents ---------------------------------------------------------------


def test_a_sales_entry_is_the_manual_s_field_table() -> None:
    body = entry(order(basket()), with_invoice_number=True)
    assert sent(body) == golden("sales_entry")


def test_a_draft_invoice_of_a_private_person_has_prices_incl_vat() -> None:
    body = document(documents.draft_invoice, order(basket()), incl_vat=True)
    assert sent(body) == golden("draft_invoice")


def test_an_order_of_a_company_has_prices_excl_vat() -> None:
    body = document(documents.order_document, company_order(), incl_vat=False)
    assert sent(body) == golden("order")


def test_a_new_debtor() -> None:
    body = mapping.customer(company_order(), TERMS, "DE129274202")
    assert sent(body) == golden("customer")


def test_a_private_debtor_has_no_company_fields() -> None:
    body = mapping.customer(order(basket()), TERMS, "")
    assert body["IsPrivatePerson"] is True
    assert body["Name"] == "Sophie Fischer"
    assert not {"VatNumber", "ContactPersonName", "DeliveryCity"} & set(body)


# --- sales entries -----------------------------------------------------------------

RATES = st.sampled_from([Decimal(21), Decimal(9), Decimal(0)])


@st.composite
def lines(draw: st.DrawFn) -> OrderLine:
    """A line whose VAT may be a cent off, as a shop's rounding is."""
    incl = Decimal(draw(st.integers(0, 5_000_000))) / 100
    rate = draw(RATES)
    off = Decimal(draw(st.integers(-1, 1))) / 100 if rate else Decimal(0)
    vat = min(max(vat_in(incl, rate) + off, Decimal(0)), incl)
    return line("Artikel", str(incl), str(vat), str(rate), str(draw(st.integers(1, 9))))


@given(st.lists(lines(), min_size=1, max_size=30))
def test_a_voucher_always_balances(some: list[OrderLine]) -> None:
    body = entry(order(some))
    rows = body["Voucher"]["Rows"]
    debit = total(row.get("DebitAmount", Decimal(0)) for row in rows)
    credit = total(row.get("CreditAmount", Decimal(0)) for row in rows)
    assert debit == credit == body["TotalAmountInvoiceCurrency"]
    assert all(row.get("DebitAmount", 0) >= 0 for row in rows)
    assert all(row.get("CreditAmount", 1) > 0 for row in rows)
    for rate, account in ((Decimal(21), 1520), (Decimal(9), 1530)):
        booked = total(r["CreditAmount"] for r in rows if r["AccountNumber"] == account)
        assert booked == total(x.vat_amount for x in some if x.vat_rate == rate)


@pytest.mark.parametrize(
    ("with_invoice", "invoice", "expected"),
    [
        (True, "INV.FD.10293", "Bestelling ORD.UH.09875, factuur INV.FD.10293"),
        (False, "INV.FD.10293", "Bestelling ORD.UH.09875"),
        (True, "", "Bestelling ORD.UH.09875"),
    ],
)
def test_the_voucher_text_names_the_invoice_when_asked(
    with_invoice: bool, invoice: str, expected: str
) -> None:
    some = replace(order(basket()), invoice_number=invoice)
    assert documents.voucher_text(some, with_invoice) == expected


# --- drafts and orders -------------------------------------------------------------


@pytest.mark.parametrize(
    ("quantity", "incl", "expected"),
    [
        ("3", "30.00", ("Thee", "10.00", "3", None)),
        ("3", "10.00", ("Thee", "3.34", "3", "0.0020")),
        ("7", "244.65", ("Thee", "34.95", "7", None)),
        ("0.5", "10.00", ("Thee", "20.00", "0.5", None)),
        ("0.125", "10.00", ("0.125 x Thee", "10.00", "1", None)),
        ("0", "10.00", ("0 x Thee", "10.00", "1", None)),
    ],
)
def test_a_row_keeps_its_quantity_where_there_is_a_way(
    quantity: str, incl: str, expected: tuple[str, str, str, str | None]
) -> None:
    some = order([line("Thee", incl, "0.00", "0", quantity)])
    [row] = document(documents.order_document, some, incl_vat=True)["Rows"]
    text, price, pieces, discount = expected
    assert (row["Text"], row["UnitPrice"], row["Quantity"]) == (
        text, Decimal(price), Decimal(pieces),
    )  # fmt: skip
    assert row.get("DiscountPercentage") == (Decimal(discount) if discount else None)


def test_a_credit_document_has_its_sides_turned() -> None:
    given = [line("Overhemd", "-121.00", "-21.00")]
    some = order(given, number="C1", credits="W1")
    body = entry(some)
    assert (body["IsCreditInvoice"], body["TotalAmountInvoiceCurrency"]) == (True, -121)
    assert body["Voucher"]["VoucherText"] == "Creditering bestelling W1, C1"
    sides = [
        (row["AccountNumber"], row.get("DebitAmount"), row.get("CreditAmount"))
        for row in body["Voucher"]["Rows"]
    ]
    assert sides == [(1300, None, 121), (8100, 100, None), (1520, 21, None)]
    draft = document(documents.draft_invoice, some, incl_vat=True)
    assert draft["IsCreditInvoice"] is True
    assert draft["Rows"][0]["UnitPrice"] == 121
    assert draft["Rows"][1]["Text"] == "Creditering bestelling W1, C1"


def test_an_invoice_address_is_of_one_source() -> None:
    draft = document(documents.draft_invoice, order(basket()), incl_vat=True)
    assert not [name for name in draft if name.startswith("InvoiceAddress")]
    bare = order(basket(), billing=address(street=""))
    body = document(documents.order_document, bare, incl_vat=True)
    block = [n for n in body if n.startswith("Invoice")]
    assert block == []


# --- articles ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "suffix", "expected"),
    [
        (line(number="SKU-1"), "", "SKU-1"),
        (line(number="SKU-1"), "-NL9", "SKU-1-NL9"),
        (line(number="S" * 50), "-NL9", "S" * 27 + "-72f4567f-NL9"),
        (line("Mok met stip", number=""), "", "Mok met stip"),
        (line("", number=""), "", "ARTIKEL"),
        (line(kind=LineKind.SHIPPING), "-NL21", "VERZENDKOSTEN-NL21"),
        (line(kind=LineKind.FEE), "", "TOESLAG"),
    ],
)
def test_the_number_of_an_article(item: OrderLine, suffix: str, expected: str) -> None:
    assert mapping.article_number(item, suffix) == expected


def test_a_new_article() -> None:
    item = line("Overhemd", "49.90", "8.66", quantity="2")
    body = mapping.article(item, "SKU-1", ARTICLE, Decimal(21), TERMS)
    assert body == {
        "Number": "SKU-1",
        "Name": "Overhemd",
        "NetPrice": Decimal("20.62"),
        "GrossPrice": Decimal("24.95"),
        "CodingId": ARTICLE,
        "UnitId": TERMS,
        "IsActive": True,
    }


@given(lines(), st.sampled_from([Decimal(21), Decimal(9), Decimal("5.5")]))
def test_an_article_s_prices_fit_its_coding(item: OrderLine, rate: Decimal) -> None:
    body = mapping.article(item, "SKU-1", ARTICLE, rate, TERMS)
    assert body["GrossPrice"] == cents(body["NetPrice"] * (100 + rate) / 100)


# --- limits ------------------------------------------------------------------------


@given(st.text(), st.integers(1, 60))
def test_cutting_keeps_words_whole_and_never_passes_the_limit(
    text: str, limit: int
) -> None:
    words, result = text.split(), cut(text, limit)
    assert len(result) <= limit
    if not words or len(words[0]) > limit:
        assert result == "".join(words[:1])[:limit]
        return
    kept = result.split()
    assert kept == words[: len(kept)]
    if len(kept) < len(words):
        assert len(f"{result} {words[len(kept)]}") > limit


def test_everything_keeps_within_the_vendor_s_limits() -> None:
    long = "Woord " * 500
    where = address(name=long, company=long, street=long, city=long,
                    postal_code="1" * 20, phone="0" * 80)  # fmt: skip
    some = replace(
        order([line(long, number="N" * 80)]),
        number="9" * 200, billing=where, delivery=replace(where, name="Ander"),
    )  # fmt: skip
    debtor = mapping.customer(some, TERMS, "")
    assert longest(debtor) == {
        "Name": 47, "InvoiceAddress1": 47, "InvoicePostalCode": 10,
        "InvoiceCity": 47, "ContactPersonName": 95, "Telephone": 50,
        "DeliveryCustomerName": 95, "DeliveryAddress1": 47,
        "DeliveryPostalCode": 10, "DeliveryCity": 47,
    }  # fmt: skip
    draft = document(documents.draft_invoice, some, incl_vat=True)
    assert longest(draft)["YourReference"] == wire.REFERENCE
    assert longest(draft)["DeliveryCustomerName"] == 47
    assert len(draft["Rows"][0]["Text"]) <= wire.TEXT
    booked = entry(some)
    assert len(booked["PaymentReferenceNumber"]) == wire.PAYMENT_REFERENCE
    texts = [row["TransactionText"] for row in booked["Voucher"]["Rows"]]
    assert max(map(len, texts)) <= wire.TRANSACTION_TEXT


def longest(body: wire.Body) -> dict[str, int]:
    """Lengths of the texts that can be too long."""
    short = {"EmailAddress", "InvoiceCountryCode", "DeliveryCountryCode",
             "TermsOfPaymentId", "CustomerId", "InvoiceDate"}  # fmt: skip
    return {
        name: len(value)
        for name, value in body.items()
        if isinstance(value, str) and name not in short
    }


def test_a_debtor_whose_goods_cross_a_border_has_vat_by_delivery() -> None:
    abroad = address(city="Aachen", postal_code="52062", country="DE")
    body = mapping.customer(order(basket(), delivery=abroad), TERMS, "")
    assert body["DeliveryBasedVat"] is True
    assert (body["InvoiceCountryCode"], body["DeliveryCountryCode"]) == ("NL", "DE")


def test_half_a_delivery_address_decides_nothing() -> None:
    """VAT by delivery wants the whole address (contract 3.2)."""
    abroad = Address(city="Aachen", country="DE")
    body = mapping.customer(order(basket(), delivery=abroad), TERMS, "")
    assert not [name for name in body if name.startswith("Delivery")]


def test_an_emoji_counts_for_two_and_a_long_number_is_shortened() -> None:
    assert wire.units(wire.fit("🎉" * 40, wire.NAME)) == wire.NAME
    number = "WEBSHOPBESTELLING-" + "9" * 43
    [row, *_] = entry(order(basket(), number=number))["Voucher"]["Rows"]
    text = row["TransactionText"]
    assert wire.units(text) == wire.TRANSACTION_TEXT
    assert text.startswith("Bestelling WEBSHOPBESTELLING-")
    assert text.endswith("…" + "9" * 24)


def test_a_northern_irish_number_is_told() -> None:
    body = mapping.customer(company_order(), TERMS, "XI980780684")
    assert body["IsNorthernIreland"] is True


def test_what_a_shop_leaves_empty_is_left_to_the_debtor() -> None:
    some = order(basket(), billing=address(street=""), delivery=Address())
    body = document(documents.order_document, some, incl_vat=True)
    assert "InvoiceAddress1" not in body
    assert not [name for name in body if name.startswith("Delivery")]


def test_a_private_person_s_debtor_is_no_company_whatever_the_box_holds() -> None:
    """The shop says b2c beside a company's name, or the name is a filler."""
    where = address(company="Bakkerij Jansen")
    private = order(basket(), is_business=False, billing=where, delivery=where)
    where = address(company="n.v.t.")
    filler = order(basket(), billing=where, delivery=where)
    for some in (private, filler):
        body = mapping.customer(some, TERMS, "")
        assert (body["Name"], body["IsPrivatePerson"]) == ("Sophie Fischer", True)
        assert "ContactPersonName" not in body
        assert "DeliveryCustomerName" not in body
        body = document(documents.order_document, some, incl_vat=True)
        assert body["InvoiceCustomerName"] == "Sophie Fischer"
