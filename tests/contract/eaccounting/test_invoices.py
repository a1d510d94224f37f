"""Invoices booked through the whole plugin: what stands in the package at the end."""

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from core.domain.errors import AuthenticationLost
from core.domain.relations import PostalAddress
from core.models import Relation, Step
from core.runtime.database import session, transaction
from core.runtime.tenancy import tenant_scope
from core.services.crm import relations
from core.services.invoicing import invoice_bookings, invoice_setup
from core.services.transfer import transfers
from plugins.eaccounting import reference
from plugins.eaccounting.client import EAccounting
from plugins.eaccounting.connector import open_client
from plugins.eaccounting.invoices import sender as invoice_sender
from tests.contract.eaccounting.conftest import Coupled
from tests.contract.eaccounting.invoices import (
    BUYER,
    VAT,
    Books,
    map_all,
    settings_of,
    switched_on,
)

DONE = ("done", "")
ENTRIES = "customerledgeritemswithvoucher"


@pytest.fixture
def books(coupled: Coupled) -> Books:
    return switched_on(coupled)


def rows(voucher: dict[str, Any]) -> list[tuple[int, str]]:
    """Account and credit (less debit) of each row."""
    return [
        (row["AccountNumber"], str(row["CreditAmount"] - row["DebitAmount"]))
        for row in voucher["Rows"]
    ]


def ledger(books: Books, kind: str) -> list[dict[str, Any]]:
    return books.coupled.package.ledger(kind)


def each_once(books: Books, count: int = 1) -> None:
    """So many bookings, uploads and links, and each of another document."""
    for kind, field in (
        ("ledgeritem", "PaymentReferenceNumber"),
        ("attachment", "Comment"),
        ("attachmentlink", "Id"),
    ):
        seen = Counter(item[field] for item in ledger(books, kind))
        assert (kind, len(seen), set(seen.values())) == (kind, count, {1})


# --- what stands in the package ----------------------------------------------------


def test_a_sent_invoice_stands_in_the_package_to_the_cent(books: Books) -> None:
    key = books.book(("HOOG", "100.00"), ("LAAG", "50.05"), ("HOOG", "0.10"))
    assert books.where(key) == DONE
    [item] = ledger(books, "ledgeritem")
    assert item["TotalAmountInvoiceCurrency"] == Decimal("175.67")
    assert item["VATAmountInvoiceCurrency"] == Decimal("25.52")
    assert item["InvoiceNumber"] == 202600001
    assert item["PaymentReferenceNumber"] == "202600001"
    assert (item["InvoiceDate"][:10], item["DueDate"][:10]) == (
        "2026-11-16", "2026-11-30",
    )  # fmt: skip
    [voucher] = ledger(books, "voucher")
    assert voucher["VoucherText"] == "Factuur 202600001"
    assert rows(voucher) == [
        (1300, "-175.67"), (8000, "100.10"), (8010, "50.05"),
        (1520, "21.02"), (1530, "4.50"),
    ]  # fmt: skip
    assert books.invoice(key).state == "booked"


@pytest.mark.parametrize("code", VAT)
def test_each_kind_of_vat_is_booked_on_its_own_code_and_account(
    books: Books, code: str
) -> None:
    buyer = {"vat_number": "DE129274202"} if code.startswith("IC") else {}
    key = books.book((code, "80.00"), relation_id=books.relation(**buyer))
    assert books.where(key) == DONE
    _, rate, package_code, account = VAT[code]
    [voucher] = ledger(books, "voucher")
    revenue = voucher["Rows"][1]
    assert (revenue["AccountNumber"], revenue["CreditAmount"]) == (int(account), 80)
    assert revenue["VatCodeAndPercent"] == f"{package_code} ({rate}%)"
    assert books.booking(key).amount == Decimal(80) * (100 + int(rate)) / 100


def test_a_credit_invoice_is_booked_the_other_way_round(books: Books) -> None:
    first = books.book(("HOOG", "100.00"), ("LAAG", "10.00"))
    key = books.credit(first)
    books.coupled.drain()
    assert books.where(key) == DONE
    item = ledger(books, "ledgeritem")[1]
    assert item["IsCreditInvoice"] is True
    assert item["TotalAmountInvoiceCurrency"] == Decimal("-131.90")
    voucher = ledger(books, "voucher")[1]
    assert voucher["VoucherText"] == "Creditfactuur 202600002 op factuur 202600001"
    assert rows(voucher) == [
        (1300, "131.90"), (8000, "-100.00"), (8010, "-10.00"),
        (1520, "-21.00"), (1530, "-0.90"),
    ]  # fmt: skip
    assert books.booking(key).amount == Decimal("-131.90")


def test_the_sent_document_hangs_on_the_voucher(books: Books) -> None:
    books.book()
    [voucher] = ledger(books, "voucher")
    [upload] = ledger(books, "attachment")
    [link] = ledger(books, "attachmentlink")
    assert upload["FileName"] == "Factuur_202600001"
    assert upload["ContentType"] == "application/pdf"
    assert (link["Id"], link["DocumentId"]) == (upload["Id"], voucher["Id"])


def test_an_invoice_without_a_document_is_booked_without_one(books: Books) -> None:
    key = books.book(document=None)
    assert books.where(key) == DONE
    assert ledger(books, "attachment") == []


def test_a_file_that_the_package_does_not_take_leaves_a_remark(books: Books) -> None:
    key = books.book(media_type="text/xml")
    assert books.where(key) == ("done", "document_not_attached")
    assert books.invoice(key).state == "booked"


def test_a_refused_document_never_doubles_the_booking(books: Books) -> None:
    books.coupled.package.fault(
        kind="status", status=400, method="POST", path="attachments",
        body={"ErrorCode": 2000, "DeveloperErrorMessage": "too big"},
    )  # fmt: skip
    key = books.book()
    assert books.where(key) == ("done", "document_not_attached")
    assert len(ledger(books, "ledgeritem")) == 1


def test_a_connection_without_the_right_books_and_says_so(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise AuthenticationLost(invoice_sender.NO_SCOPE)

    monkeypatch.setattr(EAccounting, "create_attachment", refuse)
    key = books.book()
    assert books.where(key) == ("done", "document_needs_right")
    assert books.coupled.connection.state == "connected"


@pytest.mark.parametrize("number", ["F-2026/7", "9999999999", "007"])
def test_a_number_that_does_not_fit_is_drawn_once_and_kept(
    books: Books, number: str
) -> None:
    key = books.send()
    with transaction():
        books.invoice(key).number = number
    books.coupled.package.fault(kind="drop_after", method="POST", path=ENTRIES, times=1)
    books.coupled.drain()
    books.coupled.drain()
    books.coupled.drain()
    assert books.where(key) == DONE
    [item] = ledger(books, "ledgeritem")
    assert item["PaymentReferenceNumber"] == number
    assert 1 <= item["InvoiceNumber"] <= 2_147_483_647
    step = session().scalars(select(Step).where(Step.name == "sales_entry")).one()
    assert step.reference == str(item["InvoiceNumber"])
    assert books.booking(key).external_number == step.reference


# --- the debtor --------------------------------------------------------------------


def test_the_debtor_is_made_of_the_relation_once(books: Books) -> None:
    buyer = books.relation()
    for _ in range(2):
        books.send(relation_id=buyer)
    books.coupled.drain()
    [debtor] = ledger(books, "customer")
    assert debtor["CustomerNumber"] == "10001"
    assert debtor["Name"] == "Scheepswerf De Hoop"
    assert {item["CustomerId"] for item in ledger(books, "ledgeritem")} == {
        debtor["Id"]
    }


def _customer(books: Books, **fields: Any) -> dict[str, Any]:
    terms = reference.records(books.coupled.package_id, reference.TERMS)[0]
    with open_client(books.coupled.connection) as client:
        return client.create_customer({
            "Name": BUYER, "CustomerNumber": "10001", "IsActive": True,
            "InvoiceCity": "Rotterdam", "InvoicePostalCode": "3011AA",
            "TermsOfPaymentId": terms.external_id, "IsPrivatePerson": False,
            **fields,
        })  # fmt: skip


def test_a_known_debtor_is_found_by_its_number(books: Books) -> None:
    known = _customer(books)
    key = books.book()
    assert books.where(key) == DONE
    assert [item["Id"] for item in ledger(books, "customer")] == [known["Id"]]
    assert ledger(books, "ledgeritem")[0]["CustomerId"] == known["Id"]


@pytest.mark.parametrize(
    "fields", [{"Name": "Slagerij Anders"}, {"InvoicePostalCode": "9999 ZZ"}]
)
def test_nothing_is_booked_on_another_partys_debtor(
    books: Books, fields: dict[str, str]
) -> None:
    known = _customer(books, **fields)
    key = books.book()
    assert books.where(key) == ("failed", "debtor_other_party")
    assert ledger(books, "ledgeritem") == []
    books.link(key, known["Id"])  # a person said that they are one
    again(books, key)
    assert books.where(key) == DONE


def test_another_party_that_took_the_number_meanwhile_is_left_alone(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    _customer(books, Name="Slagerij Anders")
    monkeypatch.setattr(reference, "by_number", lambda *_: None)
    key = books.book()
    assert books.where(key) == ("failed", "debtor_other_party")
    assert ledger(books, "ledgeritem") == []


def test_a_debtor_made_by_another_meanwhile_is_taken_over(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    books.book()
    monkeypatch.setattr(reference, "by_number", lambda *_: None)
    key = books.book()
    assert books.where(key) == DONE
    assert len(ledger(books, "customer")) == 1


def test_a_relation_without_a_number_waits_for_one(books: Books) -> None:
    buyer = books.relation(debtor_number="")
    key = books.book(relation_id=buyer)
    assert books.where(key) == ("failed", "debtor_number_missing")
    with transaction(), tenant_scope(books.tenant_id):
        row = session().get_one(Relation, buyer)
        data = relations.data_of(row)
        relations.save(type(data)(**{**data.__dict__, "debtor_number": "10077"}), row)
    again(books, key)
    assert books.where(key) == DONE
    assert ledger(books, "customer")[0]["CustomerNumber"] == "10077"


def test_a_relation_without_an_address_gets_no_debtor(books: Books) -> None:
    nowhere = PostalAddress()
    buyer = books.relation(visiting_address=nowhere, postal_address=nowhere)
    key = books.book(relation_id=buyer)
    assert books.where(key) == ("failed", "relation_incomplete")
    assert ledger(books, "customer") == []


def test_a_sale_to_a_member_state_needs_the_debtors_vat_number(books: Books) -> None:
    buyer = books.relation()
    books.book(relation_id=buyer)
    key = books.book(("ICL", "50.00"), relation_id=buyer)
    assert books.where(key) == ("failed", "debtor_lacks_vat_number")


def again(books: Books, key: int) -> None:
    """Press *Verwerk*."""
    with transaction():
        transfers.retry(books.booking(key))
    books.coupled.drain()


# --- waiting -----------------------------------------------------------------------


def test_an_invoice_waits_until_all_is_configured(coupled: Coupled) -> None:
    books = switched_on(coupled)
    with transaction():
        coupling = books.coupling
        coupling.settings, coupling.configured_at = {}, None
        invoice_setup.save_mapping(coupling, [])
    key = books.book()
    assert books.where(key) == ("waiting", "coupling_not_configured")
    again(books, key)
    assert books.where(key) == ("waiting", "coupling_not_configured")
    with transaction():
        invoice_setup.save_settings(books.coupling, settings_of(books.coupling))
    assert books.where(key) == ("waiting", "coupling_not_configured")
    with transaction():
        map_all(books.coupling)
    books.coupled.drain()
    assert books.where(key) == DONE


def test_a_vat_code_that_is_not_mapped_lets_the_invoice_wait(books: Books) -> None:
    coupling = books.coupling
    with transaction():
        known = [
            line for line in invoice_setup.lines(coupling) if line.code.code != "LAAG"
        ]
        invoice_setup.save_mapping(coupling, known)
    key = books.book(("HOOG", "10.00"), ("LAAG", "10.00"))
    assert books.where(key) == ("waiting", "invoice_vat_unmapped")
    assert books.booking(key).params == {"vat_code": "LAAG"}
    other = books.book(("HOOG", "10.00"))
    assert books.where(other) == DONE
    with transaction():
        map_all(books.coupling)
    books.coupled.drain()
    assert books.where(key) == DONE


def test_what_was_sent_before_is_only_booked_on_request(coupled: Coupled) -> None:
    books = switched_on(coupled, date(2026, 12, 1))
    key = books.book()
    assert invoice_bookings.of_invoice(key) == []
    assert [row.id for row in invoice_setup.unbooked(books.coupling)] == [key]
    with transaction():
        assert invoice_setup.book_on_request(books.coupling, [key, 999]) == 1
    books.coupled.drain()
    assert books.where(key) == DONE
    assert invoice_setup.unbooked(books.coupling) == []


def test_switched_off_nothing_goes(books: Books) -> None:
    waits = books.send()
    with transaction():
        invoice_setup.switch_off(books.coupling)
    key = books.book()
    assert invoice_bookings.of_invoice(key) == []
    assert books.where(waits)[0] == "queued"
    assert ledger(books, "ledgeritem") == []
