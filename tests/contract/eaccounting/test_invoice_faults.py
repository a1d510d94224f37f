"""Invoices and what may go wrong: each is booked, uploaded and linked once."""

from dataclasses import replace
from typing import Any

import pytest

from core.runtime.database import transaction
from core.services.invoicing import invoice_bookings
from core.services.transfer import drain, subjects
from tests.contract.eaccounting.invoices import Books
from tests.contract.eaccounting.test_invoices import (
    DONE,
    ENTRIES,
    books,
    each_once,
    ledger,
)
from tests.contract.restored import forget_bookings

__all__ = ["books"]  # fixture


def test_an_event_that_comes_twice_books_once(books: Books) -> None:
    key = books.send()
    books.dispatch(key)
    books.coupled.drain()
    books.dispatch(key)
    books.coupled.drain()
    assert books.where(key) == DONE
    each_once(books)


@pytest.mark.parametrize("path", ["customers", ENTRIES, "attachments", "links"])
@pytest.mark.parametrize("fault", ["drop", "drop_after", "html_after"])
def test_a_lost_answer_is_looked_up_and_never_sent_again(
    books: Books, fault: str, path: str
) -> None:
    books.coupled.package.fault(kind=fault, method="POST", path=path, times=1)
    key = books.send()
    for _ in range(4):
        books.coupled.drain()
    assert books.where(key) == DONE
    each_once(books)
    assert len(ledger(books, "customer")) == 1


def test_what_fails_behind_the_booking_goes_on_behind_the_booking(books: Books) -> None:
    books.coupled.package.fault(
        kind="status", status=429, method="POST", path="attachments", times=1,
        retry_after=1,
    )  # fmt: skip
    key = books.book()
    state, _ = books.where(key)
    assert state == "queued"
    assert books.invoice(key).state == "sent"
    # The books are closed meanwhile: the booking stands, and is not checked again.
    body = {"year": 2026, "locked": True}
    books.coupled.package.control("fiscalyears", body)
    books.coupled.change(not_before=None)
    books.coupled.drain()
    assert books.where(key) == DONE
    each_once(books)


def test_without_the_look_up_a_lost_answer_books_twice(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard of the journal switched off: what it keeps away then happens."""
    monkeypatch.setattr("plugins.eaccounting.readback.find_entry", lambda *_: None)
    monkeypatch.setattr("core.plugin.engine.RemoteWrite.note_miss", lambda *_: None)
    books.coupled.package.fault(kind="drop_after", method="POST", path=ENTRIES, times=1)
    books.book()
    books.coupled.drain()
    assert len(ledger(books, "ledgeritem")) == 2


@pytest.mark.parametrize("guarded", [True, False])
def test_an_invoice_that_is_gone_is_not_booked(
    books: Books, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Nobody takes back a sent invoice; should it happen, the guard holds."""
    if not guarded:
        monkeypatch.setattr(invoice_bookings, "_CONDITIONS", ())
    taken_back = invoice_bookings.attach

    def attach(jobs: Any) -> None:
        taken_back(jobs)
        for job in jobs:
            with transaction():
                books.invoice(job.subject_id).state = "draft"

    known = subjects.SUBJECTS["invoice"]
    table = {"invoice": replace(known, attach=attach)}
    monkeypatch.setattr(drain, "SUBJECTS", table)
    books.book()
    assert len(ledger(books, "ledgeritem")) == (0 if guarded else 1)


@pytest.mark.parametrize("reached", ["booked", "uploaded", "linked"])
def test_after_a_restore_the_booking_and_its_document_are_found(
    books: Books, reached: str
) -> None:
    if reached != "linked":
        path = {"booked": "attachments", "uploaded": "links"}[reached]
        books.coupled.package.fault(kind="status", method="POST", path=path, status=503)
    key = books.send()
    books.coupled.drain()
    books.coupled.package.control("faults", verb="DELETE")
    forget_bookings()
    books.coupled.drain()
    assert books.where(key) == DONE
    each_once(books)


def test_after_a_restore_an_invoice_of_another_amount_is_not_taken(
    books: Books,
) -> None:
    """The number was given out again, for another invoice."""
    key = books.send()
    books.coupled.drain()
    forget_bookings()
    with transaction():
        row = books.invoice(key)
        for line in row.lines:
            line.unit_price = line.unit_price * 2
        row.amount_excl_vat, row.vat_amount = (
            row.amount_excl_vat * 2,
            row.vat_amount * 2,
        )
    books.coupled.drain()
    assert books.where(key)[0] == "failed"
    each_once(books)
