"""Sales invoices: totals, numbers without gaps, sending once, crediting, their mail."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.domain.errors import AskUser
from core.models import (
    InvoiceState,
    LogEntry,
    Mail,
    MailAttachment,
    Tenant,
    VatKind,
)
from core.runtime.database import session, transaction
from core.runtime.tenancy import tenant_scope
from core.services.invoicing import (
    invoice_files,
    invoice_sending,
    invoice_settings,
    numbers,
    sales_invoices,
    vat_codes,
)
from core.services.invoicing.invoice_sending import Letter
from core.services.mailing import mail
from core.services.people import accounts
from tests.invoices import CUSTOMER, complete, customer, draft, line

PDF = b"%PDF-1.4 mine"
LETTER = Letter("klant@example.com", "Factuur {number}", "Hier is {number}.")


@pytest.fixture(name="tenant")
def seller(app: Flask) -> Iterator[Tenant]:
    with transaction():
        made = accounts.create_tenant_with_owner(
            name="De Fietsenmaker", email="a@example.com", password="x" * 20
        )
        with tenant_scope(made.id):
            complete(made)
    with tenant_scope(made.id):
        yield made


def refused(wanted: str, work, *args, **values) -> AskUser:
    with pytest.raises(AskUser) as caught:
        work(*args, **values)
    assert caught.value.code == wanted
    return caught.value


def test_totals_are_rounded_per_code(tenant: Tenant) -> None:
    row = draft(
        tenant, customer(),
        line(tenant, "3", "0.02"), line(tenant, "1", "0.02"),
        line(tenant, "1.5", "33.3333", "NL9"),
    )  # fmt: skip
    assert [str(item.vat_amount) for item in sales_invoices.vat_totals(row)] == [
        "0.02",
        "4.50",
    ]
    assert (row.amount_excl_vat, row.vat_amount) == (Decimal("50.08"), Decimal("4.52"))


def test_sending_gives_a_number_and_keeps_the_pdf(tenant: Tenant) -> None:
    with transaction():
        row = draft(tenant, customer())
        assert row.number is None
        sales_invoices.send(row, "other")
    assert (row.number, row.state) == ("202600001", InvoiceState.SENT)
    document = sales_invoices.document_of(row.id)
    assert document is not None
    assert document.content.startswith(b"%PDF-")
    assert document.filename == "Factuur-202600001.pdf"
    with transaction():
        tenant.name = "Heel anders"
    assert sales_invoices.document_of(row.id).content == document.content
    entry = session().scalars(
        select(LogEntry).where(LogEntry.invoice_id == row.id)
    ).one()  # fmt: skip
    assert (entry.code, entry.values["number"]) == ("invoice_sent", "202600001")


def test_a_sent_invoice_is_never_changed_or_sent_twice(tenant: Tenant) -> None:
    with transaction():
        relation = customer()
        row = draft(tenant, relation)
        sales_invoices.send(row, "other")
    again = sales_invoices.Draft(relation.id, row.issued_on, row.due_on, [])
    refused("invoice_not_draft", sales_invoices.save_draft, tenant.id, again, row)
    refused("invoice_not_draft", sales_invoices.send, row, "other")
    refused("invoice_not_draft", sales_invoices.delete_draft, row)
    refused("invoice_not_draft", invoice_files.add, row, "a.pdf", PDF)
    assert numbers.peek(tenant.id, "sales_invoice", 2026) == 1


def test_a_deleted_draft_loses_no_number(tenant: Tenant) -> None:
    with transaction():
        relation = customer()
        gone = draft(tenant, relation)
        sales_invoices.delete_draft(gone)
        row = draft(tenant, relation)
        sales_invoices.send(row, "other")
    assert row.number == "202600001"


def test_the_book_year_is_that_of_the_issue_date(tenant: Tenant) -> None:
    with transaction():
        relation = customer()
        rows = [
            draft(tenant, relation, issued_on=day, due_on=day)
            for day in (date(2025, 12, 31), date(2026, 1, 1), date(2025, 6, 1))
        ]
        for row in rows:
            sales_invoices.send(row, "other")
    assert [row.number for row in rows] == ["202500001", "202600001", "202500002"]


def test_the_way_of_numbering_is_fixed_for_a_year_by_its_first(tenant: Tenant) -> None:
    row = invoice_settings.of(tenant.id)
    new = {"prefix": "F", "separator": "-", "digits": 3, "first_number": 57,
           "first_year": 2026}  # fmt: skip
    with transaction():
        invoice_settings.save(row, new, 2026)
        relation = customer()
        first = sales_invoices.send(draft(tenant, relation), "other")
    assert first.number == "F2026-057"
    refused("numbering_begun", invoice_settings.save, row, {"prefix": "G"}, 2026)
    with transaction():
        invoice_settings.save(row, {"prefix": "G"}, 2027)
        second = sales_invoices.send(draft(tenant, relation), "other")
        day = date(2027, 1, 1)
        third = sales_invoices.send(
            draft(tenant, relation, issued_on=day, due_on=day), "other"
        )
    assert (second.number, third.number) == ("F2026-058", "G2027-001")


def test_with_several_files_one_must_be_chosen(tenant: Tenant) -> None:
    with transaction():
        row = draft(tenant, customer())
        files = [invoice_files.add(row, f"{n}.pdf", PDF) for n in (1, 2)]
    refused("which_attachment", invoice_sending.otherwise, row, None, user_id=None)
    session().rollback()
    with transaction():
        invoice_sending.otherwise(row, files[1].id, user_id=None)
    assert sales_invoices.document_of(row.id).id == files[1].id
    refused("attachment_is_invoice", invoice_files.remove, row, files[1])


def test_one_file_is_the_invoice(tenant: Tenant) -> None:
    with transaction():
        row = draft(tenant, customer())
        file = invoice_files.add(row, "mijn.pdf", PDF)
        invoice_sending.otherwise(row, None, user_id=None)
    assert sales_invoices.document_of(row.id).id == file.id


def test_a_mailed_invoice_goes_with_its_files_once(tenant: Tenant) -> None:
    with transaction():
        row = draft(tenant, customer())
        invoice_files.add(row, "voorwaarden.pdf", PDF)
        invoice_sending.by_mail(row, LETTER, user_id=None)
    row_mail = session().scalars(select(Mail)).one()
    letter = mail.letter_of(row_mail)
    assert letter.subject == "Factuur 202600001"
    assert letter.text == "Hier is 202600001.\n"
    assert (letter.reply_to, letter.sender) == (
        "info@fiets.example",
        "De Fietsenmaker",
    )
    files = mail.attachments_of(row_mail)
    assert [file.filename for file in files] == [
        "Factuur-202600001.pdf",
        "voorwaarden.pdf",
    ]
    assert files[0].content == sales_invoices.document_of(row.id).content
    refused("invoice_not_draft", invoice_sending.by_mail, row, LETTER, user_id=None)
    assert session().scalar(select(func.count()).select_from(Mail)) == 1


def test_a_mail_that_cannot_be_queued_uses_no_number(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction():
        row = draft(tenant, customer())

    def fail(*_args, **_values) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(invoice_sending.mail, "queue", fail)
    with pytest.raises(ZeroDivisionError), transaction():
        invoice_sending.by_mail(row, LETTER, user_id=None)
    assert row.state == InvoiceState.DRAFT
    assert numbers.peek(tenant.id, "sales_invoice", 2026) == 0
    assert session().scalar(select(func.count()).select_from(MailAttachment)) == 0


def test_what_the_law_wants_is_asked_before_sending(tenant: Tenant) -> None:
    with transaction():
        bare = customer(debtor_number="", vat_number="",
                        invoice_address=CUSTOMER.home_address)  # fmt: skip
        row = draft(tenant, bare, line(tenant, code="NLICL"))
        empty = draft(tenant, bare)
        empty.lines = []
        tenant.vat_number = ""
    codes = [error.code for error in invoice_sending.problems(row)]
    assert codes == ["invoice_seller_incomplete", "invoice_customer_incomplete",
                     "invoice_vat_number_missing"]  # fmt: skip
    with transaction():
        dutch = customer(vat_number="NL004495445B01")
        own = draft(tenant, dutch, line(tenant, code="NLICL"))
    assert "invoice_vat_number_of_own_country" in [
        error.code for error in invoice_sending.problems(own)
    ]
    assert "invoice_empty" in [e.code for e in invoice_sending.problems(empty)]
    refused("invoice_seller_incomplete", invoice_sending.by_mail, row, LETTER,
             user_id=None)  # fmt: skip
    assert row.state == InvoiceState.DRAFT


def test_what_cannot_be_printed_is_asked_before_sending(tenant: Tenant) -> None:
    with transaction():
        row = draft(tenant, customer(name="مقهى"), note="Tot gauw 🚲")
        tenant.name = "Café 북경"
    found = [(e.code, e.params) for e in invoice_sending.problems(row)]
    assert found == [
        ("invoice_customer_unprintable", {"characters": "م ق ه ى", "text": "مقهى"}),
        ("invoice_content_unprintable", {"characters": "🚲", "text": row.note}),
    ]
    refused("invoice_customer_unprintable", invoice_sending.by_mail, row, LETTER,
            user_id=None)  # fmt: skip
    assert row.state == InvoiceState.DRAFT


def test_an_issue_date_before_the_last_one_is_warned_of(tenant: Tenant) -> None:
    with transaction():
        relation = customer()
        sales_invoices.send(draft(tenant, relation), "other")
        day = date(2026, 3, 1)
        early = draft(tenant, relation, issued_on=day, due_on=day)
        day = date(2025, 3, 1)
        other_year = draft(tenant, relation, issued_on=day, due_on=day)
        day = date(2099, 3, 1)
        ahead = draft(tenant, relation, issued_on=day, due_on=day)
    [warning] = invoice_sending.warnings(early)
    assert (warning.code, warning.params["number"]) == (
        "invoice_date_before",
        "202600001",
    )
    assert invoice_sending.warnings(other_year) == []
    assert [w.code for w in invoice_sending.warnings(ahead)] == ["invoice_date_ahead"]


def test_codes_follow_the_own_country(tenant: Tenant) -> None:
    dutch = [row.code for row in vat_codes.offered(tenant)]
    assert dutch == ["NL21", "NL9", "NL0", "NLVRIJ", "NLVERL", "NLICL", "NLICD",
                     "NLEXP"]  # fmt: skip
    with transaction():
        row = draft(tenant, customer())
        tenant.home_country = "BE"
        assert vat_codes.make_defaults(tenant)
        assert not vat_codes.make_defaults(tenant)
    assert [row.code for row in vat_codes.offered(tenant)][:3] == [
        "BE21",
        "BE12",
        "BE6",
    ]
    assert row.lines[0].vat_code.code == "NL21"
    with transaction():
        tenant.home_country = "FI"
        vat_codes.make_defaults(tenant)
    assert vat_codes.offered(tenant)[0].rate == Decimal("25.5")


def test_a_used_code_keeps_its_rate(tenant: Tenant) -> None:
    with transaction():
        draft(tenant, customer())
    code = next(row for row in vat_codes.all_of(tenant.id) if row.code == "NL21")
    given = {"code": "NL21", "label": "Hoog", "kind": VatKind.STANDARD,
             "rate": Decimal(21)}  # fmt: skip
    with transaction():
        vat_codes.save(tenant, code, **given)
    assert code.label == "Hoog"
    for change in ({"rate": Decimal(22)}, {"code": "X"}, {"kind": VatKind.REDUCED}):
        refused("vat_code_used", vat_codes.save, tenant, code, **{**given, **change})
    refused("vat_code_used", vat_codes.delete, code)
    refused("vat_code_taken", vat_codes.save, tenant, None, **{**given, "code": "nl9"})
    refused("vat_code_rate", vat_codes.save, tenant, None,
             **{**given, "code": "n", "kind": VatKind.EXPORT})  # fmt: skip


def test_paid_and_reopened_stand_in_the_log(tenant: Tenant) -> None:
    with transaction():
        row = sales_invoices.send(draft(tenant, customer()), "other")
        sales_invoices.paid(row, date(2026, 3, 5))
        assert row.state == InvoiceState.SENT
        sales_invoices.booked(row)
        sales_invoices.paid(row, date(2026, 3, 5))
        sales_invoices.reopened(row)
    assert (row.state, row.paid_on) == (InvoiceState.BOOKED, None)
    codes = session().scalars(
        select(LogEntry.code).where(LogEntry.invoice_id == row.id).order_by(LogEntry.id)
    )
    assert list(codes) == ["invoice_sent", "invoice_paid", "invoice_reopened"]
