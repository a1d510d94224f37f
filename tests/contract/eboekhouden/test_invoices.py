"""Invoices booked through the whole plugin: what stands in the books at the end."""

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import select

from core.domain.clock import utcnow
from core.models import Mail, OpenItem, Relation
from core.runtime.database import session, transaction
from core.runtime.tenancy import tenant_scope
from core.services.crm import relations
from core.services.mailing import smtp
from core.services.operations import restores
from core.services.transfer import transfers
from plugins.eboekhouden.client.soap import SoapEBoekhouden
from plugins.eboekhouden.connector import open_client
from plugins.eboekhouden.invoices import document as archive
from tests.contract.eaccounting.invoices import BUYER, PDF
from tests.contract.eboekhouden.conftest import Coupled
from tests.contract.eboekhouden.invoices import ARCHIVE, VAT, Books, switched_on
from tests.contract.eboekhouden.test_booking import WRITES
from tests.contract.restored import forget_bookings

DONE = ("done", "")


@pytest.fixture
def books(coupled: Coupled) -> Books:
    return switched_on(coupled)


@pytest.fixture
def soap_books(by_soap: Coupled) -> Books:
    return switched_on(by_soap)


def entries(books: Books) -> list[dict[str, Any]]:
    return books.coupled.package.ledger("entry")


def lines(entry: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (row["BTWCode"], str(row["BedragExclBTW"]), str(row["BedragBTW"]))
        for row in entry["MutatieRegels"]
    ]


def again(books: Books, key: int) -> None:
    """Press *Verwerk*."""
    with transaction():
        transfers.retry(books.booking(key))
    books.coupled.drain()


def mails() -> list[EmailMessage]:
    session().rollback()
    session().expire_all()
    rows = session().scalars(select(Mail).where(Mail.kind == archive.KIND))
    return [smtp.message_of(row) for row in rows]


# --- what stands in the books --------------------------------------------------------


def test_a_sent_invoice_stands_in_the_books_to_the_cent(books: Books) -> None:
    key = books.book(("HOOG", "100.00"), ("LAAG", "50.05"), ("HOOG", "0.10"))
    assert books.where(key) == DONE
    [entry] = entries(books)
    assert lines(entry) == [
        ("HOOG_VERK_21", "100.10", "21.02"), ("LAAG_VERK_9", "50.05", "4.50"),
    ]  # fmt: skip
    number = books.invoice(key).number
    assert (entry["Factuurnummer"], entry["RelatieCode"]) == (number, "10001")
    assert (entry["Rekening"], entry["Betalingstermijn"]) == ("1300", "14")
    assert entry["Omschrijving"] == f"Factuur {number}"
    assert books.invoice(key).state == "booked"
    [debtor] = books.coupled.package.ledger("relation")
    assert (debtor["Code"], debtor["Bedrijf"]) == ("10001", "Scheepswerf De Hoop")


@pytest.mark.parametrize("code", VAT)
def test_each_kind_of_vat_is_booked_on_its_own_code(books: Books, code: str) -> None:
    buyer = books.relation(vat_number="NL004495445B01")
    key = books.book((code, "80.00"), relation_id=buyer)
    assert books.where(key) == DONE
    [entry] = entries(books)
    [(vat_code, excl, _)] = lines(entry)
    assert (vat_code, excl) == (VAT[code][0], "80.00")
    [debtor] = books.coupled.package.ledger("relation")
    assert debtor["BTWNummer"] == "NL004495445B01"


def test_a_credit_invoice_has_negative_amounts(books: Books) -> None:
    first = books.book(("HOOG", "100.00"), ("LAAG", "10.00"))
    key = books.credit(first)
    books.coupled.drain()
    assert books.where(key) == DONE
    entry = entries(books)[1]
    assert entry["Soort"] == "FactuurVerstuurd"
    assert lines(entry) == [
        ("HOOG_VERK_21", "-100.00", "-21.00"), ("LAAG_VERK_9", "-10.00", "-0.90"),
    ]  # fmt: skip


def test_codes_that_become_one_keep_their_vat(books: Books) -> None:
    """21 % of 0.02 twice is 0.00 and 0.00; of 0.04 together it is 0.01."""
    key = books.book(*([("HOOG", "0.02"), ("LAAG", "0.05")] * 2))
    assert books.where(key) == DONE
    assert books.booking(key).amount == Decimal("0.16")


def test_nothing_to_book_is_said_and_costs_no_call(
    soap_books: Books, judged: list[str]
) -> None:
    judged.clear()
    key = soap_books.book(("HOOG", "10.00"), ("HOOG", "-10.00"))
    assert soap_books.where(key) == ("failed", "eboekhouden_nothing_to_book")
    assert judged == []


def test_a_date_that_the_package_does_not_know(books: Books) -> None:
    key = books.book(issued_on=date(2050, 1, 1))
    assert books.where(key) == ("failed", "eboekhouden_date")


def test_a_known_debtor_costs_one_call_and_a_batch_one_session(
    soap_books: Books, judged: list[str]
) -> None:
    buyer = soap_books.relation()
    soap_books.book(relation_id=buyer)
    judged.clear()
    soap_books.send(relation_id=buyer)
    soap_books.book(relation_id=buyer)
    assert judged == ["OpenSession", "AddMutatie", "AddMutatie", "CloseSession"]


# --- the debtor --------------------------------------------------------------------


def hand_made(books: Books, **fields: Any) -> None:
    body = {"Code": "10001", "Bedrijf": BUYER, "BP": "B", **fields}
    with open_client(books.coupled.connection, for_booking=True) as client:
        client.add_relation(body)


def test_a_debtor_with_its_number_is_taken_as_it_is(books: Books) -> None:
    hand_made(books, Telefoon="1")
    key = books.book()
    assert books.where(key) == DONE
    [debtor] = books.coupled.package.ledger("relation")
    assert debtor["Telefoon"] == "1"


@pytest.mark.parametrize(
    "fields", [{"Bedrijf": "Slagerij Anders"}, {"Postcode": "9999 ZZ"}]
)
def test_nothing_is_booked_on_another_partys_relation(
    books: Books, fields: dict[str, str]
) -> None:
    hand_made(books, **fields)
    key = books.book()
    assert books.where(key) == ("failed", "debtor_other_party")
    assert entries(books) == []
    [debtor] = books.coupled.package.ledger("relation")
    books.link(key, str(debtor["ID"]))  # a person said that they are one
    again(books, key)
    assert books.where(key) == DONE


def test_a_relation_without_a_number_is_for_the_user(books: Books) -> None:
    buyer = books.relation(debtor_number="")
    key = books.book(relation_id=buyer)
    assert books.where(key) == ("failed", "debtor_number_missing")
    with transaction(), tenant_scope(books.tenant_id):
        row = session().get_one(Relation, buyer)
        relations.save(replace(relations.data_of(row), debtor_number="10077"), row)
    again(books, key)
    assert books.where(key) == DONE
    assert entries(books)[0]["RelatieCode"] == "10077"


def test_a_sale_to_a_member_state_needs_the_debtors_vat_number(books: Books) -> None:
    hand_made(books)
    key = books.book(("ICL", "50.00"))
    wanted = ("failed", "eboekhouden_debtor_without_vat_number")
    assert books.where(key) == wanted
    other = books.relation(debtor_number="10002", email="b@example.com")
    assert books.where(books.book(("ICD", "5.00"), relation_id=other)) == wanted
    with open_client(books.coupled.connection, for_booking=True) as client:
        [row] = client.relations(code="10001")
        client.update_relation({**row, "BTWNummer": "NL004495445B01"})
    again(books, key)
    assert books.where(key) == DONE


# --- once --------------------------------------------------------------------------


def test_an_event_that_comes_twice_books_once(books: Books) -> None:
    key = books.send()
    for _ in range(3):
        books.dispatch(key)
        books.coupled.drain()
    assert books.where(key) == DONE
    assert len(entries(books)) == 1


@pytest.mark.parametrize("fault", ["drop_after", "html_after", "drop", "status"])
@pytest.mark.parametrize("write", [0, 1])
def test_a_lost_answer_costs_no_second_document(
    books: Books, interface: str, write: int, fault: str
) -> None:
    books.configure(archive_email=ARCHIVE)
    path = WRITES[interface][write]
    books.coupled.package.fault(
        kind=fault, method="POST", path=path, times=1, status=503
    )
    key = books.send()
    for _ in range(4):
        books.coupled.drain()
    assert books.where(key) == DONE
    assert len(entries(books)) == 1
    assert len(books.coupled.package.ledger("relation")) == 1
    assert len(mails()) == 1


def booked_by_hand(books: Books, key: int, excl: str, code: str = "10001") -> None:
    amount = Decimal(excl)
    line = {
        "BedragInvoer": amount, "BedragExclBTW": amount,
        "BedragBTW": amount * 21 / 100, "BedragInclBTW": amount * 121 / 100,
        "BTWCode": "HOOG_VERK_21", "BTWPercentage": Decimal(21),
        "TegenrekeningCode": "8000", "KostenplaatsID": 0,
    }  # fmt: skip
    body = {
        "MutatieNr": 0, "Soort": "FactuurVerstuurd", "Datum": date(2026, 11, 16),
        "Rekening": "1300", "RelatieCode": code, "Boekstuk": "", "InExBTW": "EX",
        "Factuurnummer": books.invoice(key).number, "Omschrijving": "Met de hand",
        "Betalingstermijn": "30", "Betalingskenmerk": "", "MutatieRegels": [line],
    }  # fmt: skip
    with open_client(books.coupled.connection, for_booking=True) as client:
        client.add_entry(body)


@pytest.mark.parametrize(
    ("excl", "code", "expected"),
    [
        ("100.00", "10001", DONE),
        ("200.00", "10001", ("failed", "eboekhouden_found_differs")),
        ("100.00", "20002", ("failed", "eboekhouden_found_differs")),
    ],
)
def test_a_duplicate_is_compared_and_adopted_or_shown(
    books: Books, excl: str, code: str, expected: tuple[str, str]
) -> None:
    hand_made(books)
    hand_made(books, Code="20002")
    key = books.send()
    booked_by_hand(books, key, excl, code)
    books.coupled.drain()
    assert books.where(key) == expected
    assert len(entries(books)) == 1


# --- the archive mailbox -------------------------------------------------------------


def test_the_file_is_mailed_once_under_the_name_in_boekstuk(books: Books) -> None:
    books.configure(archive_email=ARCHIVE)
    key = books.book()
    assert books.where(key) == DONE
    [entry] = entries(books)
    [mail] = mails()
    name = f"factuur-{books.invoice(key).number}.pdf"
    assert (entry["Boekstuk"], mail["To"]) == (name, ARCHIVE)
    [file] = mail.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == (name, "application/pdf")
    assert file.get_payload(decode=True) == PDF


def test_without_an_address_nothing_is_mailed(books: Books) -> None:
    books.book()
    assert mails() == []
    assert (entries(books)[0]["Boekstuk"] or "") == ""


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"document": None}, DONE),
        ({"media_type": "text/xml"}, ("done", "eboekhouden_not_archived")),
        (
            {"document": PDF + b"x" * archive.LARGEST},
            ("done", "eboekhouden_not_archived"),
        ),
    ],
)
def test_what_cannot_go_to_the_archive_is_booked_and_said(
    soap_books: Books, changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    soap_books.configure(archive_email=ARCHIVE)
    key = soap_books.book(**changes)
    assert soap_books.where(key) == expected
    assert mails() == []
    assert (entries(soap_books)[0]["Boekstuk"] or "") == ""


# --- open items ----------------------------------------------------------------------


def test_a_settled_invoice_becomes_paid_and_a_partly_paid_one_stays(
    books: Books,
) -> None:
    first, second, third = books.book(), books.book(), books.book()
    books.ask()
    assert set(books.items()) == {first, second, third}
    books.pay(first)
    books.pay(second, "100.00")
    books.ask()
    states = [str(books.invoice(key).state) for key in (first, second, third)]
    assert states == ["paid", "booked", "booked"]
    assert books.items()[second] == Decimal("21.00")


def paid_by(books: Books, kind: str, *keys: int) -> None:
    for key in keys:
        body = {"invoice": books.booking(key).number, "entry": kind}
        books.coupled.package.control("pay", body)


def states(books: Books, keys: list[int]) -> list[str]:
    return [str(books.invoice(key).state) for key in keys]


def test_the_last_invoices_are_paid_when_their_payments_prove_it(
    books: Books, interface: str
) -> None:
    """An empty list alone is never believed; it tells the day as well."""
    keys = [books.book(), books.book()]
    books.ask()
    paid_by(books, "bank", *keys)
    books.ask()
    assert states(books, keys) == ["paid", "paid"]
    if interface == "soap":  # by REST a payment's number stands in its rows alone
        assert books.invoice(keys[0]).paid_on == utcnow().date()


def test_a_journal_entry_leaves_it_undecided_and_says_so(books: Books) -> None:
    keys = [books.book(), books.book()]
    books.ask()
    paid_by(books, "memoriaal", keys[0])
    books.ask()
    books.ask()
    assert states(books, keys) == ["booked", "booked"]
    codes = {row.invoice_id: row.code for row in session().query(OpenItem)}
    assert codes == {keys[0]: "eboekhouden_open_item_written_off", keys[1]: ""}
    paid_by(books, "bank", keys[1])
    books.ask()
    assert states(books, keys) == ["booked", "paid"]


def test_the_balance_proves_a_list_where_the_number_finds_no_payment(
    soap_books: Books, monkeypatch: pytest.MonkeyPatch, judged: list[str]
) -> None:
    """At most ten invoices are looked up, and one balance for each debtors account."""
    books = soap_books
    keys = [books.book() for _ in range(12)]
    books.ask()
    paid_by(books, "bank", *keys)
    blind = lambda _client, _query: []  # noqa: E731  # finds nothing by number
    monkeypatch.setattr(SoapEBoekhouden, "entries", blind)
    judged.clear()
    books.ask()
    assert Counter(states(books, keys)) == {"paid": 12}
    assert judged == [
        "OpenSession", "GetOpenPosten", "GetSaldo", "GetSaldo", "CloseSession",
    ]  # fmt: skip


def test_no_proof_is_no_payment_and_costs_no_more_than_ten_calls(
    soap_books: Books, judged: list[str]
) -> None:
    books = soap_books
    keys = [books.book() for _ in range(12)]
    books.ask()
    for key in keys:
        books.pay(key)
    asked = Counter[str]()
    for _ in range(2):
        judged.clear()
        books.ask()
        asked += Counter(judged)
    assert Counter(states(books, keys)) == {"booked": 12}
    assert asked["GetMutaties"] == 12
    codes = {row.code for row in session().query(OpenItem)}
    assert codes == {"eboekhouden_open_item_gone"}


def test_one_call_a_day(soap_books: Books, judged: list[str]) -> None:
    for _ in range(3):
        soap_books.book()
    judged.clear()
    soap_books.ask()
    assert judged == ["OpenSession", "GetOpenPosten", "CloseSession"]


@pytest.mark.parametrize("fault", ["status", "html", "drop"])
def test_an_error_never_means_paid(books: Books, interface: str, fault: str) -> None:
    first, _ = books.book(), books.book()
    books.ask()
    books.pay(first)
    path = {"soap": "GetOpenPosten", "rest": "outstanding"}[interface]
    verb = {"soap": "POST", "rest": "GET"}[interface]
    books.coupled.package.fault(kind=fault, method=verb, path=path, status=500)
    books.ask()
    assert books.invoice(first).state == "booked"


def test_an_empty_or_halved_answer_never_means_paid(books: Books) -> None:
    keys = [books.book() for _ in range(12)]
    books.ask()
    for key in keys[:8]:
        books.pay(key)
    books.ask()
    assert Counter(str(books.invoice(key).state) for key in keys) == {"booked": 12}
    books.ask()  # a second answer as short is believed
    assert Counter(str(books.invoice(key).state) for key in keys) == {
        "paid": 8, "booked": 4,
    }  # fmt: skip
    for key in keys[8:]:
        books.pay(key)
    for _ in range(3):
        books.ask()
    assert Counter(str(books.invoice(key).state) for key in keys)["paid"] == 8


def test_after_a_restore_an_entry_is_found_and_its_file_not_mailed_again(
    books: Books,
) -> None:
    books.configure(archive_email=ARCHIVE)
    key = books.send()
    books.coupled.drain()
    before = books.booking(key).external_id
    forget_bookings()
    books.coupled.drain()
    assert books.where(key) == DONE
    assert books.booking(key).external_id == before
    assert len(entries(books)) == 1
    assert len(mails()) == 1
    found = restores.current()
    assert found is not None
    assert found.held_mails == 1
