"""Suppliers' invoices entered through the whole plugin, over both interfaces."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from core.domain.errors import AskUser
from core.domain.structured_invoices import VatCategory
from core.models import Relation, RelationDecision, RelationSync
from core.rules.sync import Link
from core.rules.sync.settings import CREDITOR
from core.runtime.database import session, transaction
from core.runtime.tenancy import tenant_scope
from core.services.connections import connections
from core.services.invoicing import purchase_couplings, purchases
from core.services.syncing import (
    relation_decisions,
    relation_links,
    relation_troubles,
)
from core.services.syncing.relation_cards import OTHER_PARTY
from core.services.syncing.relation_troubles import Objection
from plugins.eboekhouden.connector import open_client
from plugins.peppol.models import PeppolReceived
from tests.contract.eboekhouden.conftest import Coupled
from tests.contract.purchases import HIGH, LOW, SUPPLIER, Desk, S, desk, mapped

RULES = {
    HIGH: ("HOOG_INK_21", "4000"),
    LOW: ("LAAG_INK_9", "4000"),
    (VatCategory.EXEMPT, Decimal(0)): ("GEEN", "0100"),
}
DONE = ("done", "")


@pytest.fixture
def office(coupled: Coupled) -> Desk:
    return desk(coupled, {"payables_account": "1600"}, RULES)


@pytest.fixture
def soap_office(by_soap: Coupled) -> Desk:
    return desk(by_soap, {"payables_account": "1600"}, RULES)


def entries(office: Desk) -> list[dict[str, Any]]:
    return office.coupled.package.ledger("entry")


def lines(entry: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    return [
        (row["BTWCode"], row["TegenrekeningCode"], str(row["BedragExclBTW"]),
         str(row["BedragBTW"]))
        for row in entry["MutatieRegels"]
    ]  # fmt: skip


def test_an_invoice_is_entered_once_when_a_person_says_so(office: Desk) -> None:
    key = office.arrived()
    assert entries(office) == []
    office.enter(key)
    assert office.where(key) == DONE
    [entry] = entries(office)
    assert entry["Soort"] == "FactuurOntvangen"
    assert (entry["Rekening"], entry["RelatieCode"]) == ("1600", "20001")
    assert (entry["Factuurnummer"], entry["Betalingstermijn"]) == ("F-2026-7", "30")
    assert str(entry["Datum"])[:10] == "2026-11-03"
    assert entry["Omschrijving"].startswith(f"Factuur F-2026-7 van {SUPPLIER}"[:50])
    assert lines(entry) == [
        ("HOOG_INK_21", "4000", "100.00", "21.00"),
        ("LAAG_INK_9", "4000", "10.00", "0.90"),
    ]
    [supplier] = office.coupled.package.ledger("relation")
    assert (supplier["Code"], supplier["Bedrijf"]) == ("20001", SUPPLIER)
    row = session().get_one(PeppolReceived, key)
    assert row.handled_at is not None
    with pytest.raises(AskUser) as refused:
        office.enter(key)
    assert refused.value.code == "purchase_entered"
    assert len(entries(office)) == 1


def test_a_credit_note_has_negative_amounts_and_a_chosen_account(office: Desk) -> None:
    key = office.arrived((S, "21", "50.00", "10.50"), kind="CreditNote")
    office.enter(key, "0100")
    assert office.where(key) == DONE
    [entry] = entries(office)
    assert lines(entry) == [("HOOG_INK_21", "0100", "-50.00", "-10.50")]
    assert entry["Omschrijving"].startswith("Creditnota F-2026-7")


@pytest.mark.parametrize("kind", ["drop", "drop_after", "html_after", "html"])
def test_a_lost_answer_makes_no_second_one(soap_office: Desk, kind: str) -> None:
    key = soap_office.arrived()
    soap_office.coupled.package.fault(kind=kind, times=1, path="AddMutatie")
    soap_office.enter(key)
    for _each in range(3):
        soap_office.coupled.drain()
    assert soap_office.where(key) == DONE
    assert len(entries(soap_office)) == 1


@pytest.mark.parametrize(
    ("vat", "code"), [("21.00", "purchase_there"), ("21.01", "purchase_number_taken")]
)
def test_one_that_is_there_by_another_way_is_said_and_not_repeated(
    soap_office: Desk, vat: str, code: str
) -> None:
    """Somebody entered the PDF by hand."""
    first = soap_office.arrived((S, "21", "100.00", vat))
    soap_office.enter(first)
    assert soap_office.where(first) == DONE
    with transaction():  # it is none of ours any more
        session().delete(soap_office.transfer(first))
        session().delete(session().get_one(PeppolReceived, first))
    key = soap_office.arrived((S, "21", "100.00", "21.00"))
    soap_office.enter(key)
    assert soap_office.where(key) == ("failed", code)
    assert len(entries(soap_office)) == 1
    row = session().get_one(PeppolReceived, key)
    assert row.handled_at is None


def test_the_same_number_of_another_supplier_is_another_invoice(office: Desk) -> None:
    office.enter(office.arrived())
    with transaction(), tenant_scope(office.tenant_id):
        from tests.invoices import customer

        other = customer(
            name="Energie Noord", debtor_number="", creditor_number="20002",
            email="noord@example.com", vat_number="",
        ).id  # fmt: skip
    key = office.arrived(relation_id=other)
    office.enter(key)
    assert office.where(key) == DONE
    assert [entry["RelatieCode"] for entry in entries(office)] == ["20001", "20002"]


def test_a_second_document_of_one_number_is_refused(soap_office: Desk) -> None:
    soap_office.enter(soap_office.arrived())
    second = soap_office.arrived()
    with pytest.raises(AskUser) as refused:
        soap_office.enter(second)
    assert refused.value.code == "peppol_double_entered"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"currency": "USD"}, "peppol_not_euros"),
        ({"relation_id": None}, "peppol_no_relation"),
        ({"issued_on": None}, "peppol_no_date"),
        ({"details": {"shares": [], "differences": [], "including": "1"}},
         "peppol_no_sum"),
        ({"details": {"shares": [], "differences": [{}], "including": "0"}},
         "peppol_no_sum"),
    ],
)  # fmt: skip
def test_what_cannot_be_entered_as_it_is_is_refused_at_once(
    soap_office: Desk, values: dict[str, Any], code: str
) -> None:
    key = soap_office.arrived(**values)
    with pytest.raises(AskUser) as refused:
        soap_office.enter(key)
    assert refused.value.code == code
    assert entries(soap_office) == []


def test_reverse_charged_vat_is_the_users_own(soap_office: Desk) -> None:
    use = VatCategory.REVERSE_CHARGED, Decimal(0)
    with transaction():
        coupling = soap_office.coupling
        purchase_couplings.save_mapping(
            coupling,
            [purchase_couplings.PurchaseLine(*use, "GEEN", "4000")], 1,
        )  # fmt: skip
    key = soap_office.arrived((VatCategory.REVERSE_CHARGED, "", "100.00", "0.00"))
    soap_office.enter(key)
    assert soap_office.where(key) == ("failed", "purchase_by_hand")
    assert entries(soap_office) == []


def test_vat_that_is_not_mapped_waits_until_it_is(by_soap: Coupled) -> None:
    office = desk(by_soap, {"payables_account": "1600"}, {HIGH: RULES[HIGH]})
    low = office.arrived((S, "9", "100.00", "9.00"), number="laag")
    old = office.arrived((S, "6", "100.00", "6.00"), number="oud")
    for key in (low, old):
        office.enter(key)
        assert office.where(key) == ("waiting", "purchase_vat_unmapped")
    listed = {(line.category, line.rate): line for line in mapped(office.coupling)}
    assert listed[HIGH].package_vat_code == "HOOG_INK_21"
    assert {LOW, (S, Decimal(6))} <= {*listed}
    with transaction(), tenant_scope(office.tenant_id):
        coupling = office.coupling
        line = replace(listed[LOW], package_vat_code="LAAG_INK_9", cost_account="4000")
        purchase_couplings.save_mapping(coupling, [line], 1)
        purchases.reconsider_waiting(coupling)
    office.coupled.drain()
    assert office.where(low) == DONE
    assert office.where(old) == ("waiting", "purchase_vat_unmapped")


@pytest.mark.parametrize(
    ("relation", "code"),
    [
        ({"creditor_number": ""}, "creditor_number_missing"),
        ({"creditor_number": "2" * 16}, "eboekhouden_code_too_long"),
    ],
)
def test_a_supplier_needs_a_number(
    by_soap: Coupled, relation: dict[str, str], code: str
) -> None:
    office = desk(by_soap, {"payables_account": "1600"}, RULES, **relation)
    key = office.arrived()
    office.enter(key)
    assert office.where(key) == ("failed", code)


def test_a_number_of_another_party_is_not_booked_on(soap_office: Desk) -> None:
    connection = soap_office.coupled.connection
    with open_client(connection, for_booking=True) as client:
        client.add_relation(
            {"Code": "20001", "Bedrijf": "Heel Iemand Anders", "BP": "B"}
        )
    key = soap_office.arrived()
    soap_office.enter(key)
    assert soap_office.where(key) == ("failed", "creditor_other_party")
    assert entries(soap_office) == []


def test_a_linked_card_that_became_anothers_is_not_booked_on(
    soap_office: Desk,
) -> None:
    connection = soap_office.coupled.connection
    target_id, administration = connection.id, connection.external_id
    with open_client(connection, for_booking=True) as client:
        record = client.add_relation(
            {"Code": "20001", "Bedrijf": "Heel Iemand Anders", "BP": "B"}
        )
    with transaction() as current:
        relation_id = current.scalars(select(Relation.id)).one()
        place = (CREDITOR, relation_id, record)
        link = Link(str(relation_id), CREDITOR, record)
        relation_links.keep(soap_office.tenant_id, target_id, link)
        current.add(
            RelationSync(
                tenant_id=soap_office.tenant_id, connection_id=target_id,
                administration=administration,
            )
        )  # fmt: skip
        question = Objection(OTHER_PARTY, *place, "20001", {"mark": "1"})
        relation_troubles.note(soap_office.tenant_id, target_id, question)
    key = soap_office.arrived()
    soap_office.enter(key)
    assert soap_office.where(key) == ("failed", "creditor_other_party")
    with transaction() as current:  # a person says that they are one
        relation_decisions.keep(
            RelationDecision(
                tenant_id=soap_office.tenant_id, connection_id=target_id,
                relation_id=relation_id, role=CREDITOR, external_id=record,
                choice="same", mark="1", number="20001", params={},
            )
        )  # fmt: skip
    soap_office.again(key)
    assert soap_office.where(key) == DONE
    [entry] = entries(soap_office)
    assert entry["RelatieCode"] == "20001"


@pytest.mark.parametrize("account", ["1300", "4000", "9999"])
def test_creditors_have_an_account_of_their_own(by_soap: Coupled, account: str) -> None:
    office = desk(by_soap, {"payables_account": account}, RULES)
    key = office.arrived()
    office.enter(key)
    state, code = office.where(key)
    assert (state, code.startswith("eboekhouden_account_")) == ("failed", True)
    assert entries(office) == []


def test_switched_off_nothing_is_taken(soap_office: Desk) -> None:
    key = soap_office.arrived(issued_on=date(2026, 11, 3))
    with transaction(), tenant_scope(soap_office.tenant_id):
        connection = soap_office.coupled.connection
        purchase_couplings.switch(connection, is_on=False, user_id=1)
        connections.switch_plugin(soap_office.tenant_id, "peppol", enabled=True)
    with pytest.raises(AskUser) as refused:
        soap_office.enter(key)
    assert refused.value.code == "purchase_not_set_up"
