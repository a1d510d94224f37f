"""The voucher of each kind of VAT, whole, and the document that goes with it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import AskUser
from core.domain.invoices import InvoiceBooking, InvoiceData, InvoiceVatRule, VatTotal
from core.domain.money import total, vat_on
from core.domain.relations import RelationData
from plugins.eaccounting import wire
from plugins.eaccounting.invoices import mapping as invoice_mapping
from plugins.eaccounting.invoices.mapping import RuledTotal
from tests.unit.eaccounting.test_mapping import CUSTOMER, golden, sent

CODES = {
    "standard": ("21", "6dbf8f5c-8a9b-4d2e-8f6b-000000000021", "8000", 1520),
    "reduced": ("9", "6dbf8f5c-8a9b-4d2e-8f6b-000000000009", "8010", 1530),
    "zero": ("0", "6dbf8f5c-8a9b-4d2e-8f6b-000000000000", "8020", None),
    "exempt": ("0", "6dbf8f5c-8a9b-4d2e-8f6b-000000000001", "8025", None),
    "reverse_charged": ("0", "6dbf8f5c-8a9b-4d2e-8f6b-000000000002", "8026", None),
    "intra_community": ("0", "6dbf8f5c-8a9b-4d2e-8f6b-000000000003", "8030", None),
    "intra_services": ("0", "6dbf8f5c-8a9b-4d2e-8f6b-000000000004", "8035", None),
    "export": ("0", "6dbf8f5c-8a9b-4d2e-8f6b-000000000005", "8040", None),
}
"""Per kind of VAT: rate, the package's code, revenue account and VAT account."""
CASES = {**{kind: ((kind, "80.00"),) for kind in CODES},
         "mixed": (("standard", "100.10"), ("reduced", "50.05"), ("zero", "7.00")),
         "credit": (("standard", "-100.00"), ("reduced", "-10.00"))}  # fmt: skip


def ruled(kind: str, amount: str) -> RuledTotal:
    rate, code, account, vat_account = CODES[kind]
    net = Decimal(amount)
    item = VatTotal(kind, Decimal(rate), net, vat_on(net, Decimal(rate)), kind)
    return RuledTotal(item, InvoiceVatRule(code, account), vat_account)


def invoice(totals: list[RuledTotal], **values: Any) -> InvoiceData:
    given_values: dict[str, Any] = {
        "number": "202600007",
        "issued_on": date(2026, 11, 16),
        "due_on": date(2026, 11, 30),
        "relation": RelationData(False, "Scheepswerf De Hoop"),
        "lines": (),
        "totals": tuple(item.total for item in totals),
        "amount_excl_vat": total(item.total.amount_excl_vat for item in totals),
        "vat_amount": total(item.total.vat_amount for item in totals),
    }
    return InvoiceData(**{**given_values, **values})


def entry(name: str, **values: Any) -> wire.Body:
    totals = [ruled(*part) for part in CASES[name]]
    return invoice_mapping.sales_entry(
        invoice(totals, **values),
        totals,
        customer_id=CUSTOMER,
        receivables_account=1300,
        invoice_number=202600007,
    )


@pytest.mark.parametrize("name", CASES)
def test_the_voucher_of_each_kind_of_vat(name: str) -> None:
    more = {"credits_number": "202600001"} if name == "credit" else {}
    made = entry(name, reference="PO-12", **more)
    assert sent(made) == golden(f"invoice_{name}")


def test_codes_that_become_one_are_one_row() -> None:
    totals = [ruled("standard", "10.00"), ruled("standard", "5.00")]
    rows = invoice_mapping.sales_entry(
        invoice(totals),
        totals,
        customer_id=CUSTOMER,
        receivables_account=1300,
        invoice_number=1,
    )["Voucher"]["Rows"]
    assert [row.get("CreditAmount") for row in rows] == [
        None, Decimal("15.00"), Decimal("3.15"),
    ]  # fmt: skip


amounts = st.decimals(-9_000_000, 9_000_000, places=2, allow_nan=False)


@given(st.lists(st.tuples(st.sampled_from(list(CODES)), amounts), min_size=1))
def test_every_voucher_balances_and_no_amount_is_negative(
    parts: list[tuple[str, Decimal]],
) -> None:
    totals = [ruled(kind, str(amount)) for kind, amount in parts]
    rows = invoice_mapping.sales_entry(
        invoice(totals),
        totals,
        customer_id=CUSTOMER,
        receivables_account=1300,
        invoice_number=1,
    )["Voucher"]["Rows"]
    sides = [(row.get("DebitAmount", 0), row.get("CreditAmount", 0)) for row in rows]
    assert sum(debit - credit for debit, credit in sides) == 0
    assert all(debit >= 0 and credit >= 0 for debit, credit in sides)
    if all(amount >= 0 for _, amount in parts):
        # Debtors debit, revenue and VAT credit.
        assert all(credit == 0 for _, credit in sides[:1])
        assert all(debit == 0 for debit, _ in sides[1:])


@pytest.mark.parametrize(
    ("number", "fits"),
    [
        ("202600001", 202600001), ("2147483647", 2147483647), ("2147483648", None),
        ("0", None), ("007", None), ("F2026", None), ("12-3", None), ("", None),
        ("٣", None), ("99999999999999", None),
    ],
)  # fmt: skip
def test_a_number_goes_as_it_is_only_where_it_fits(
    number: str, fits: int | None
) -> None:
    assert invoice_mapping.own_number(number) == fits


def refused(totals: list[RuledTotal], **values: Any) -> str:
    with pytest.raises(AskUser) as caught:
        invoice_mapping.check(invoice(totals, **values), totals)
    return caught.value.code


def test_what_the_package_would_refuse_is_refused_before() -> None:
    high = ruled("standard", "100.00")
    assert refused([]) == "invoice_without_amount"
    huge = ruled("zero", "100000000.00")
    assert refused([huge]) == "total_too_large"
    assert refused([ruled("zero", "-100000000.00")]) == "total_too_large"
    assert refused([high], vat_amount=Decimal("20.99")) == "invoice_unbalanced"
    off = replace(high, total=replace(high.total, vat_amount=Decimal("21.06")))
    assert refused([off]) == "vat_rounding_too_large"
    near = replace(high, total=replace(high.total, vat_amount=Decimal("21.05")))
    invoice_mapping.check(invoice([near]), [near])


def test_the_upload_is_what_was_sent() -> None:
    made = invoice_mapping.attachment(
        invoice([ruled("standard", "1.00")], number="F 2026/7.a"),
        b"%PDF",
        "application/pdf",
        "Koppelwerk 1-2",
    )
    assert made == {
        "ContentType": "application/pdf", "FileName": "Factuur_F_2026_7_a",
        "Data": "JVBERg==", "Comment": "Koppelwerk 1-2",
    }  # fmt: skip
    assert invoice_mapping.voucher_link("v", "a") == {
        "DocumentId": "v", "DocumentType": 3, "AttachmentIds": ["a"],
    }  # fmt: skip
    assert invoice_mapping.can_attach("image/png")
    assert not invoice_mapping.can_attach("text/xml")


def test_a_code_without_a_rule_is_asked_of_the_user() -> None:
    booking = InvoiceBooking(invoice([]), RelationData(False, "x"))
    assert booking.document is None
    with pytest.raises(AskUser) as caught:
        booking.rule("HOOG")
    assert (caught.value.code, caught.value.params) == (
        "invoice_vat_unmapped", {"vat_code": "HOOG"},
    )  # fmt: skip
