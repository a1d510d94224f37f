"""Suppliers' invoices entered through the whole plugin, as drafts there."""

from decimal import Decimal
from typing import Any

import pytest
import requests
from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.domain.structured_invoices import VatCategory
from core.models import Connection, Step, Transfer
from core.net import http
from core.runtime.database import session, transaction
from core.services.transfer.steps import OPEN_STEP
from plugins.eaccounting.configuration import purchase_choices
from plugins.peppol.models import PeppolReceived
from tests.contract.eaccounting.conftest import Coupled
from tests.contract.purchases import HIGH, LOW, SUPPLIER, Desk, S, desk

REVERSED = VatCategory.REVERSE_CHARGED, Decimal(0)
DONE = ("done", "")
_SIDES = ("DebitAmount", "CreditAmount")


@pytest.fixture
def office(coupled: Coupled) -> Desk:
    return opened(coupled)


def opened(coupled: Coupled, **relation: str) -> Desk:
    connection = session().get_one(Connection, coupled.package_id)
    codes = {
        choice.label.split(" ")[0]: choice.value
        for choice in purchase_choices(connection).vat_codes
    }
    rules = {
        HIGH: (codes["IH"], "4000"), LOW: (codes["IL"], "4000"),
        REVERSED: (codes["IH"], "4900"),
    }  # fmt: skip
    return desk(coupled, {"payables_account": "1600"}, rules, **relation)


def drafts(office: Desk) -> list[dict[str, Any]]:
    return office.coupled.package.ledger("supplier_draft")


def rows(draft: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (row["AccountNumber"], *(f"{row[name]:.2f}" for name in _SIDES))
        for row in draft["Rows"]
    ]


def test_an_invoice_becomes_a_draft_once(office: Desk) -> None:
    key = office.arrived()
    office.enter(key)
    assert office.where(key) == DONE
    [draft] = drafts(office)
    assert rows(draft) == [
        (4000, "100.00", "0.00"), (4000, "10.00", "0.00"), (1590, "21.00", "0.00"),
        (1590, "0.90", "0.00"), (1600, "0.00", "131.90"),
    ]  # fmt: skip
    assert (draft["InvoiceNumber"], draft["IsCreditInvoice"]) == ("F-2026-7", False)
    assert (draft["TotalAmount"], draft["Vat"]) == (Decimal("131.90"), Decimal("21.90"))
    assert draft["Message"] == "RF18539007547034"
    [supplier] = office.coupled.package.ledger("supplier")
    assert (supplier["SupplierNumber"], supplier["Name"]) == ("20001", SUPPLIER)
    assert draft["SupplierId"] == supplier["Id"]
    assert session().get_one(PeppolReceived, key).handled_at is not None


def test_a_credit_note_changes_sides(office: Desk) -> None:
    key = office.arrived((S, "21", "50.00", "10.50"), kind="CreditNote")
    office.enter(key, "4900")
    assert office.where(key) == DONE
    [draft] = drafts(office)
    assert draft["IsCreditInvoice"] is True
    assert rows(draft) == [
        (4900, "0.00", "50.00"), (1590, "0.00", "10.50"), (1600, "60.50", "0.00"),
    ]  # fmt: skip


def test_reverse_charged_vat_is_left_to_the_package(office: Desk) -> None:
    key = office.arrived((VatCategory.REVERSE_CHARGED, "", "80.00", "0.00"))
    office.enter(key)
    assert office.where(key) == DONE
    [draft] = drafts(office)
    assert rows(draft) == [(4900, "80.00", "0.00"), (1600, "0.00", "80.00")]


@pytest.mark.parametrize("path", ["suppliers", "supplierinvoicedrafts"])
@pytest.mark.parametrize("kind", ["drop", "drop_after", "html_after"])
def test_a_lost_answer_makes_no_second_one(office: Desk, kind: str, path: str) -> None:
    key = office.arrived()
    fault = {"kind": kind, "times": 1, "method": "POST"}
    office.coupled.package.fault(**fault, path=path)
    office.enter(key)
    for _each in range(3):
        office.coupled.drain()
    assert office.where(key) == DONE
    assert len(drafts(office)) == 1
    numbers = [
        row["SupplierNumber"] for row in office.coupled.package.ledger("supplier")
    ]
    assert len(numbers) == len(set(numbers))
    still = select(Step.name).where(Step.state.in_(OPEN_STEP))
    assert session().scalars(still).all() == []


class Killed(BaseException):
    """The worker is gone, at once."""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_that_dies_leaves_one(
    office: Desk, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    def probe(label: str) -> None:
        if label.startswith(moment) and label.endswith("POST supplierinvoicedrafts"):
            seen.append(label)
            raise Killed

    seen: list[str] = []
    key = office.arrived()
    with monkeypatch.context() as dying:
        dying.setattr(http, "probe", probe)
        with pytest.raises(Killed):
            office.enter(key)
    assert len(seen) == 1
    session().rollback()
    for _each in range(3):
        with transaction() as current:  # it was dead long enough
            current.execute(update(Transfer).values(lease_until=utcnow()))
            current.execute(update(Connection).values(drain_until=None))
        office.coupled.drain()
    assert office.where(key) == DONE
    assert len(drafts(office)) == 1


@pytest.mark.parametrize("is_booked", [False, True])
def test_one_that_is_there_by_another_way_is_said(
    office: Desk, is_booked: bool
) -> None:
    """Somebody entered the PDF by hand, and may have booked it."""
    first = office.arrived()
    office.enter(first)
    [draft] = drafts(office)
    if is_booked:
        package = office.coupled.package
        address = f"{package.api}supplierinvoicedrafts/{draft['Id']}/convert"
        token = f"Bearer {package.grant().access_token}"
        answer = requests.post(address, headers={"Authorization": token}, timeout=30)
        assert answer.status_code == 201
    with transaction():  # it is none of ours any more
        session().delete(office.transfer(first))
        session().delete(session().get_one(PeppolReceived, first))
    same = office.arrived()
    office.enter(same)
    assert office.where(same) == ("failed", "purchase_there")
    with transaction():
        session().delete(office.transfer(same))
        session().delete(session().get_one(PeppolReceived, same))
    other = office.arrived((S, "21", "100.00", "21.00"))
    office.enter(other)
    assert office.where(other) == ("failed", "purchase_number_taken")
    assert len(drafts(office)) == 1


def test_a_supplier_needs_a_number_of_its_own(coupled: Coupled) -> None:
    office = opened(coupled, creditor_number="", debtor_number="10001")
    key = office.arrived()
    office.enter(key)
    assert office.where(key) == ("failed", "creditor_number_missing")
