"""Manual 002, chapters B and C: every field of both tables, both directions."""

import json
from dataclasses import asdict, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from core.domain.relations import PostalAddress, RelationData
from core.rules.sync import Ways
from core.rules.sync.settings import CREDITOR, DEBTOR, Incoming, incoming, ways_of
from plugins.digitalefactuur import names, wire
from plugins.digitalefactuur.invoices import mapping as invoice_mapping
from plugins.digitalefactuur.relations import mapping
from tests.unit.digitalefactuur.samples import (
    INVOICE_ADDRESS,
    ORGANISATION,
    OTHER,
    PERSON,
    invoice,
    line,
)

GOLDEN = Path(__file__).parent / "golden"
THEIRS = wire.Customer(
    id="133366",
    number="1001",
    kind="debiteur",
    name="Bakkerij Jansen B.V.",
    contact_name="Piet Jansen",
    contact_email="piet@example.nl",
    address="Voorbeeldstraat 1a",
    postal_code="2311AA",
    city="Leiden",
    country="Nederland",
    fax="071 555 01 24",
    iban="NL91 ABNA 0417 1643 00",
    bic="ABNANL2A",
    chamber_number="01234567",
    vat_number="NL123456782B90",
)
CLIENT = Incoming(is_person=False, relation_type="client")
PRIVATE = Incoming(is_person=True, relation_type="private_client")


def _pretty(xml: str) -> str:
    root = etree.fromstring(xml)
    etree.indent(root, " ")
    return etree.tostring(root, encoding="unicode") + "\n"


def _filled(relation: RelationData) -> str:
    """Return what is filled in, as JSON."""

    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            inner = {key: bare(one) for key, one in value.items()}
            return {key: one for key, one in inner.items() if one not in ("", {})}
        return value

    return json.dumps(bare(asdict(relation)), indent=1, sort_keys=True) + "\n"


def _golden(name: str, text: str) -> None:
    assert text == (GOLDEN / name).read_text("utf-8"), name


@pytest.mark.parametrize(
    ("relation", "role", "name"),
    [
        (ORGANISATION, DEBTOR, "organisation_debtor.xml"),
        (ORGANISATION, CREDITOR, "organisation_creditor.xml"),
        (PERSON, DEBTOR, "person_debtor.xml"),
    ],
)
def test_a_relation_goes_out_with_every_field_of_its_table(
    relation: RelationData, role: str, name: str
) -> None:
    local = mapping.local("7", relation)
    sent = mapping.customer(role, local.numbers[role], local.values)
    _golden(name, _pretty(wire.customer_xml(sent)))


@pytest.mark.parametrize(
    ("how", "name"), [(CLIENT, "organisation.json"), (PRIVATE, "person.json")]
)
def test_a_record_comes_in_with_every_field_of_its_table(
    how: Incoming, name: str
) -> None:
    remote = mapping.remote(THEIRS)
    made = mapping.relation(remote.values, remote.role, remote.number, how)
    _golden(name, _filled(made))


def test_only_the_invoice_address_of_an_organisation_goes_out() -> None:
    moved = replace(
        ORGANISATION,
        visiting_address=PostalAddress("Weg", "1"),
        postal_address=PostalAddress("Pad", "2"),
        delivery_address=PostalAddress("Laan", "3"),
    )
    assert mapping.values(moved) == mapping.values(ORGANISATION)
    moved = replace(ORGANISATION, invoice_address=OTHER)
    assert mapping.values(moved)["address"] == "Elders 99"
    assert mapping.values(moved)["country"] == "DE"


def test_what_comes_in_fills_postal_and_invoice_address() -> None:
    made = mapping.updated(ORGANISATION, {"city": "Gouda"})
    expected = replace(INVOICE_ADDRESS, city="Gouda")
    assert made.invoice_address == made.postal_address == expected
    assert made.visiting_address == OTHER
    assert made.delivery_address == OTHER


def test_what_comes_in_for_a_person_fills_the_home_address() -> None:
    made = mapping.updated(PERSON, {"address": "Pad 12", "vat_number": "BE1"})
    assert made.home_address == replace(
        INVOICE_ADDRESS, street="Pad", house_number="12", house_number_suffix=""
    )
    assert made.invoice_address == OTHER
    assert made.vat_number == PERSON.vat_number  # not in the table of persons


def test_a_field_without_address_leaves_addresses_alone() -> None:
    made = mapping.updated(ORGANISATION, {"fax": "1"})
    assert made == replace(ORGANISATION, fax="1")


def test_a_person_keeps_the_prefix_of_the_last_name() -> None:
    assert mapping.values(PERSON)["name"] == "de Vries"
    renamed = mapping.updated(PERSON, {"name": "de Vries-Jansen"})
    assert (renamed.name_prefix, renamed.name) == ("de", "Vries-Jansen")
    renamed = mapping.updated(PERSON, {"name": "Jansen"})
    assert (renamed.name_prefix, renamed.name) == ("", "Jansen")


@pytest.mark.parametrize(
    ("number", "kind", "role", "comes_in"),
    [
        ("1001", "debiteur", DEBTOR, True),
        ("10001", "debiteur", DEBTOR, True),
        ("2001", "debiteur", DEBTOR, False),
        ("101", "debiteur", DEBTOR, False),
        ("2001", "crediteur", CREDITOR, True),
        ("1001", "crediteur", CREDITOR, False),
        ("", "debiteur", DEBTOR, False),
        ("1xxx", "debiteur", DEBTOR, False),
        ("1001", "", DEBTOR, True),
        ("2001", "", CREDITOR, True),
        ("9001", "", DEBTOR, False),
    ],
)
def test_the_number_says_what_comes_in(
    number: str, kind: str, role: str, comes_in: bool
) -> None:
    remote = mapping.remote(replace(THEIRS, number=number, kind=kind))
    assert (remote.role, remote.may_come_in) == (role, comes_in)


def test_only_relations_with_a_number_take_part() -> None:
    assert mapping.local("7", ORGANISATION).numbers == {DEBTOR: "1001",
                                                        CREDITOR: "2001"}  # fmt: skip
    assert mapping.local("7", PERSON).numbers == {DEBTOR: "1002"}
    suspect = replace(ORGANISATION, debtor_number="", creditor_number=" ")
    assert mapping.local("7", suspect).numbers == {}


def test_an_update_keeps_what_we_do_not_manage() -> None:
    values = {**mapping.values(ORGANISATION), "city": "Gouda"}
    sent = mapping.customer(DEBTOR, "1001", values, THEIRS)
    assert (sent.id, sent.contact_name) == ("133366", "Piet Jansen")
    assert sent.contact_email == "piet@example.nl"
    assert (sent.city, sent.country) == ("Gouda", "Nederland")


def test_both_sides_of_one_relation_are_equal() -> None:
    """What we send and what the package then gives compare as the same."""
    for relation in (ORGANISATION, PERSON):
        local = mapping.local("7", relation)
        sent = mapping.customer(DEBTOR, "1001", local.values)
        back = mapping.remote(replace(sent, id="1")).values
        assert {name: back[name] for name in local.values} == local.values


@pytest.mark.parametrize(
    ("text", "code"),
    [("Nederland", "NL"), ("belgië", "BE"), ("nl", "NL"), ("", ""), ("Oz", "Oz"),
     ("Verenigd Koninkrijk", "GB")],
)  # fmt: skip
def test_countries_are_read_by_name_and_code(text: str, code: str) -> None:
    assert mapping.country_code(text) == code
    if len(code) == 2 and code != "Oz":
        assert mapping.country_code(mapping.country_name(code)) == code


def test_settings_are_the_manuals_advice_until_they_are_saved() -> None:
    out = Ways(into_crm=False, out=True)
    assert ways_of({}) == {DEBTOR: out, CREDITOR: out}
    assert incoming({}, DEBTOR) == Incoming(False, "client")
    assert incoming({}, CREDITOR) == Incoming(False, "vendor")
    chosen = {"out": False, "creditors_in": True, "creditors_as": "person",
              "creditors_type": "to_review"}  # fmt: skip
    assert ways_of(chosen)[CREDITOR] == Ways(into_crm=True, out=False)
    assert incoming(chosen, CREDITOR) == Incoming(True, "to_review")


def test_every_uncertain_name_stands_in_one_table_with_its_reason() -> None:
    tags = set(names.CUSTOMER_TAGS.values()) | {names.DEBTOR, names.CREDITOR}
    assert set(names.UNCERTAIN) <= tags
    assert all(len(reason) > 10 for reason in names.UNCERTAIN.values())


def test_a_sent_invoice_becomes_an_invoice() -> None:
    data = invoice(line("1", "40.00"), line("2.5", "60.000", "5.5"))
    _golden(
        "invoice.xml",
        _pretty(wire.invoice_xml(invoice_mapping.invoice(data, "133366"))),
    )


@pytest.mark.parametrize(
    ("number", "parts"),
    [("2004163", ("", "2004163")), ("2026-0012", ("2026-00", "12")),
     ("F2026.7", ("F2026.", "7")), ("000", ("00", "0")), ("A10", ("A", "10"))],
)  # fmt: skip
def test_a_number_is_split_without_loss(number: str, parts: tuple[str, str]) -> None:
    made = invoice_mapping.invoice(invoice(line("1", "1"), number=number), "1")
    assert (made.prefix, made.number) == parts
    assert made.full_number == number


def test_a_price_that_does_not_fit_goes_as_one_piece() -> None:
    made = invoice_mapping.invoice(invoice(line("3", "0.33333", amount="1.00")), "1")
    assert (made.lines[0].quantity, made.lines[0].price) == (1, Decimal("1.00"))
    made = invoice_mapping.invoice(invoice(line("1.125", "8.00", amount="9.00")), "1")
    assert (made.lines[0].quantity, made.lines[0].price) == (1, Decimal("9.00"))


@pytest.mark.parametrize(
    ("status", "paid"), [("betaald", True), ("openstaand", False), ("iets", None)]
)
def test_the_payment_status_comes_back(status: str, paid: bool | None) -> None:
    assert invoice_mapping.is_paid(wire.Invoice(id="1", payment_status=status)) is paid


def test_an_invoice_that_is_found_is_compared_before_it_is_adopted() -> None:
    sent = invoice_mapping.invoice(invoice(line("1", "40.00")), "133366")
    found = replace(
        sent, id="5", payment_status="betaald",
        lines=tuple(replace(one, id="319") for one in sent.lines),
    )  # fmt: skip
    assert invoice_mapping.differences(sent, found) == []
    other = replace(found, customer_id="1", lines=())
    assert invoice_mapping.differences(sent, other) == ["customer", "lines"]
