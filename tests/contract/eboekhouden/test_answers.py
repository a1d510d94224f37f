"""Answers of the SOAP interface that are not as its WSDL has them."""

from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from core.domain.errors import AskUser, OutcomeUnknown, RetryLater
from core.domain.relations import RelationData
from core.models import RelationTrouble
from core.net.http import HttpClient
from core.rules.sync import Conflict
from core.runtime.database import session
from plugins.eboekhouden import reference
from plugins.eboekhouden.client import EBoekhouden, EntryQuery, Uncounted, descriptions
from plugins.eboekhouden.client import soap as soap_client
from plugins.eboekhouden.connector import client_of, open_client
from plugins.eboekhouden.wire import UNREADABLE
from tests.contract.eboekhouden.conftest import _PLAIN, Coupled, Package
from tests.contract.eboekhouden.test_booking import DONE, order, relation
from tests.contract.eboekhouden.test_client import RELATION, entry
from tests.contract.eboekhouden.test_relations import BOTH_WAYS, Crm
from tests.unit.eboekhouden.test_relations import organisation


@pytest.fixture(autouse=True)
def unjudged(monkeypatch: pytest.MonkeyPatch, judged: list[str]) -> None:
    """The answers here are against the schema."""
    monkeypatch.setattr(HttpClient, "request", _PLAIN)


@pytest.fixture
def over_soap(package: Package, product: Flask) -> Iterator[EBoekhouden]:
    descriptions.forget()
    client = client_of(package.values(), Uncounted())
    for code, name in (("1", "Eerste"), ("2", "Gebouw A"), ("3", "Derde")):
        email = f"{code}@example.com"
        client.add_relation({"Code": code, "Bedrijf": name, "BP": "B", "Email": email})
    yield client
    client.close()


def spoil(package: Package, new: str, old: str = "Gebouw A", **rule: Any) -> None:
    package.fault(kind="replace", old=old, new=new, **rule)


ODD = {
    "reference": {"new": "Gebouw &#x1B;A"},
    "decimal reference": {"new": "Gebouw &#0;A"},
    "half of a pair": {"new": "Gebouw &#xD800;A"},
    "far too high": {"new": "Gebouw &#x110000;A"},
    "not a number": {"new": "Gebouw &#99999999999999999999;A"},
    "control": {"new": "Gebouw \x07A"},
    "no character": {"new": "Gebouw \ufffeA"},
    "entity": {"new": "Gebouw &nbsp;A"},
    "bare ampersand": {"new": "Gebouw & A"},
    "a bad byte": {"new": "", "hex": "4765626f7577204aff41"},
    "half a character": {"new": "", "hex": "4765626f7577c3"},
    "no id": {"old": "<ns0:ID>1002</ns0:ID>", "new": ""},
    "id of no number": {"old": "<ns0:ID>1002</ns0:ID>", "new": "<ns0:ID>x</ns0:ID>"},
    "no date": {"old": "<ns0:Gb_ID>0</ns0:Gb_ID><ns0:GeenEmail>0</ns0:GeenEmail>",
                "new": ""},
}  # fmt: skip


@pytest.mark.parametrize("rule", ODD.values(), ids=ODD)
def test_one_odd_record_is_named_and_the_others_are_read(
    over_soap: EBoekhouden, package: Package, rule: dict[str, str]
) -> None:
    package.fault(kind="replace", **{"old": "Gebouw A", **rule})
    rows = over_soap.relations()
    odd = [row for row in rows if UNREADABLE in row]
    assert len(rows) == 3
    if "Gb_ID" in rule.get("old", ""):
        assert [row["Code"] for row in odd] == ["1", "2", "3"]
        return
    assert [row["Bedrijf"] for row in rows if row not in odd] == ["Eerste", "Derde"]
    assert [row["Code"] for row in odd] == ["2"]


BROKEN = {
    "nil": ('<ns0:cRelatie xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'
            ' i:nil="true"/>'),
    "a tag that never ends": "<ns0:cRelatie><ns0:ID>9</ns0:ID><ns0:Code>",
}  # fmt: skip


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_record_that_is_none_hides_no_other(
    over_soap: EBoekhouden, package: Package, text: str
) -> None:
    spoil(package, f"{text}<ns0:cRelatie><ns0:ID>1002<", "<ns0:cRelatie><ns0:ID>1002<")
    rows = over_soap.relations()
    assert {row["Code"] for row in rows if UNREADABLE not in row} >= {"1", "3"}
    named = {str(row["ID"]) for row in rows}
    assert {"1001", "1002", "1003"} <= named


ADDED = {
    "at the end": ("</ns0:cRelatie>", "<ns0:Nieuw>x</ns0:Nieuw></ns0:cRelatie>"),
    "in between": ("<ns0:Bedrijf>", "<ns0:Nieuw><ns0:ID>7</ns0:ID></ns0:Nieuw>"
                   "<ns0:Bedrijf>"),
    "of another": ("<ns0:Bedrijf>", '<x:Bedrijf xmlns:x="urn:x">X</x:Bedrijf>'
                   "<ns0:Bedrijf>"),
    "an attribute": ("<ns0:cRelatie>", '<ns0:cRelatie nieuw="1">'),
    "around": ("<ns0:Relaties>", "<ns0:Totaal>3</ns0:Totaal><ns0:Relaties>"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), ADDED.values(), ids=ADDED)
def test_what_the_schema_does_not_know_is_passed_over(
    over_soap: EBoekhouden, package: Package, old: str, new: str
) -> None:
    spoil(package, new, old, path="GetRelaties")
    rows = over_soap.relations()
    assert [(row["ID"], row["Bedrijf"]) for row in rows] == [
        (1001, "Eerste"), (1002, "Gebouw A"), (1003, "Derde"),
    ]  # fmt: skip


def test_a_write_with_more_in_its_answer_is_no_unknown(
    over_soap: EBoekhouden, package: Package
) -> None:
    spoil(package, "</ns0:Rel_ID><ns0:Nieuw>&#x1B;</ns0:Nieuw>", "</ns0:Rel_ID>")
    made = over_soap.add_relation(RELATION)
    assert made == "1004"
    new = "<ns0:Nieuw/><ns0:Mutatienummer>"
    spoil(package, new, "<ns0:Mutatienummer>")
    assert over_soap.add_entry(entry()) == "1"
    over_soap.update_relation({**RELATION, "ID": made, "Plaats": "Delft"})
    package.control("faults", verb="DELETE")
    spoil(package, "", "<ns0:Mutatienummer>2</ns0:Mutatienummer>")
    with pytest.raises(OutcomeUnknown):
        over_soap.add_entry(entry("F2"))


def test_a_refusal_with_an_odd_sign_is_read(
    over_soap: EBoekhouden, package: Package
) -> None:
    spoil(package, "CREL001</ns0:LastErrorCode><!-- --><ns0:X>&#x2;</ns0:X>",
          "CREL001</ns0:LastErrorCode>")  # fmt: skip
    with pytest.raises(AskUser) as caught:
        over_soap.add_relation({**RELATION, "Code": "1"})
    assert caught.value.code == "eboekhouden_code_taken"


HIDING = {
    "cdata": "<![CDATA[</ns0:cRelatie>&#x1B;]]>&#x1B;",
    "comment": "<!-- </ns0:cRelatie> -->&#x1B;",
    "a DTD": "<!DOCTYPE x>&#x1B;",
    "cut off": "\x07</ns0:Bedrijf></ns0:cRelatie>",
}


@pytest.mark.parametrize("text", HIDING.values(), ids=HIDING)
def test_what_could_hide_a_record_is_no_answer(
    over_soap: EBoekhouden, package: Package, text: str
) -> None:
    spoil(package, text)
    with pytest.raises(RetryLater) as caught:
        over_soap.relations()
    assert caught.value.code == "remote_nonsense"


def test_amounts_with_noise_are_whole_cents(
    over_soap: EBoekhouden, package: Package
) -> None:
    over_soap.add_relation(RELATION)
    for number in ("F1", "F2", "F3", "F4"):
        over_soap.add_entry(entry(number))
    spoil(package, "121.00</ns0:Bedrag>", "121.00</ns0:Bedrag>")
    text = ">121.00</ns0:Openstaand>"
    package.fault(kind="replace", old=text, new=">9.990000000000014</ns0:Openstaand>",
                  times=1)  # fmt: skip
    amounts = [row["Openstaand"] for row in over_soap.open_items()]
    assert amounts == [Decimal("121.00")] * 4  # the first rule struck
    package.control("faults", verb="DELETE")
    for said, read in (("9.990000000000014", "9.99"), ("1.4E-14", "0.00"),
                       ("-0.0", "0.00"), ("121", "121.00")):  # fmt: skip
        spoil(package, f">{said}</ns0:Openstaand>", text, times=1)
        found = [row["Openstaand"] for row in over_soap.open_items()]
        assert found == [Decimal(read)] * 4
        assert all(amount == amount.quantize(Decimal("0.01")) for amount in found)


@pytest.mark.parametrize("said", ["NaN", "INF", "-INF", "veel", ""])
def test_an_amount_that_is_none_is_no_amount(
    over_soap: EBoekhouden, package: Package, said: str
) -> None:
    over_soap.add_relation(RELATION)
    over_soap.add_entry(entry("F1"))
    spoil(package, f">{said}</ns0:Openstaand>", ">121.00</ns0:Openstaand>")
    [row] = over_soap.open_items()
    assert not isinstance(row.get("Openstaand"), Decimal)
    assert row["MutFactuur"] == "F1"


def test_an_entry_with_an_odd_sign_is_found(
    over_soap: EBoekhouden, package: Package
) -> None:
    """One that is not read would seem absent, and be booked twice."""
    over_soap.add_relation(RELATION)
    over_soap.add_entry(entry("F1"))
    spoil(package, "Bestelling &#x1B;1", "Bestelling 1")
    [row] = over_soap.entries(EntryQuery(invoice_number="F1"))
    assert row["MutatieRegels"][0]["BedragInclBTW"] == 121
    package.control("faults", verb="DELETE")
    spoil(package, "x</ns0:BedragBTW>", "</ns0:BedragBTW>")
    with pytest.raises(RetryLater):
        over_soap.entries(EntryQuery(invoice_number="F1"))


def test_a_changed_wsdl_is_read_again(
    over_soap: EBoekhouden, package: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By age, and once in a while when an answer could not be read."""
    reads, now = package.calls()["GET /soap.asmx"], [descriptions.monotonic()]
    monkeypatch.setattr(descriptions, "monotonic", lambda: now[0])
    spoil(package, "Anders", "GetRelatiesResult", times=3)
    for minutes, more in ((0, 0), (11, 1), (1, 1), (1, 1), (10, 2), (60 * 25, 3)):
        now[0] += minutes * 60
        with suppress(RetryLater):
            over_soap.relations()
        assert package.calls()["GET /soap.asmx"] - reads == more, minutes
    now[0] += 60 * 60 * 25
    package.fault(kind="status", status=500, method="GET", path="soap.asmx")
    assert over_soap.relations()  # what is known goes on


def test_a_list_above_the_cap_says_so(
    over_soap: EBoekhouden, package: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soap_client, "LARGE_BYTES", 2000)
    with pytest.raises(AskUser) as caught:
        over_soap.relations()
    assert caught.value.code == "eboekhouden_list_too_large"


# --- over REST ------------------------------------------------------------------------


@pytest.fixture
def over_rest(package: Package, product: Flask) -> Iterator[EBoekhouden]:
    client = client_of(package.values("rest"), Uncounted())
    client.add_relation(RELATION)
    client.add_relation({**RELATION, "Code": "2", "Bedrijf": "Ander"})
    yield client
    client.close()


@pytest.mark.parametrize("body", [{"vreemd": 1}, {"id": "x"}, []])
def test_one_odd_record_over_rest_hides_no_other(
    over_rest: EBoekhouden, package: Package, body: Any
) -> None:
    [first, _] = over_rest.relations()
    path = f"v1/relation/{first['ID']}$"
    package.fault(kind="status", status=200, body=body, path=path)
    odd, fine = over_rest.relations()
    assert (odd["Code"], UNREADABLE in odd) == (first["Code"], True)
    assert (fine["Bedrijf"], UNREADABLE in fine) == ("Ander", False)
    package.control("faults", verb="DELETE")
    package.fault(kind="html", path=path)
    with pytest.raises(RetryLater):  # a page says nothing of the record
        over_rest.relations()


def test_amounts_over_rest_are_whole_cents(
    over_rest: EBoekhouden, package: Package
) -> None:
    item = {"id": 1, "date": "2026-03-01", "invoiceNumber": "F1", "relationCode": "1",
            "totalAmount": 121, "paidAmount": 111.01, "nieuw": {"a": []},
            "outstandingAmount": 9.990000000000014}  # fmt: skip
    items = [item, {**item, "outstandingAmount": "veel"}, "x"]
    body = {"items": items, "count": 3, "nieuw": 1}
    package.fault(kind="status", status=200, body=body, path="outstanding")
    fine, odd, nobodys = over_rest.open_items()
    assert fine["Openstaand"] == Decimal("9.99")
    assert not isinstance(odd["Openstaand"], Decimal)
    assert UNREADABLE in nobodys


# --- in a coupled tenant --------------------------------------------------------------


def named(number: str) -> RelationData:
    return organisation(debtor_number=number, name=f"Ons {number}")


def test_a_run_leaves_the_odd_one_alone_and_names_it(by_soap: Coupled) -> None:
    crm = Crm(by_soap, BOTH_WAYS)
    for number in ("71", "72"):
        crm.add(named(number))
    crm.sync()
    written = len(by_soap.package.ledger("relation"))
    relation(by_soap, "73", Bedrijf="Nieuw")
    for text in ("Ons &#x1B;72", "Ons 72</ns0:Bedrijf></ns0:cRelatie>"
                 "<ns0:cRelatie><ns0:Bedrijf>x"):  # fmt: skip
        by_soap.package.control("faults", verb="DELETE")
        spoil(by_soap.package, text, "Ons 72")
        crm.relations["2"] = organisation(debtor_number="72", name="Anders", phone="1")
        actions = crm.sync()
        conflicts = [act for act in actions if isinstance(act, Conflict)]
        assert "unreadable" in {act.code for act in conflicts}
        assert len(by_soap.package.ledger("relation")) == written + 1
    assert len(crm.relations) == 3
    by_soap.package.control("faults", verb="DELETE")
    assert not [act for act in crm.sync() if isinstance(act, Conflict)]


def test_orders_go_on_beside_an_odd_relation(by_soap: Coupled) -> None:
    relation(by_soap, "71", Bedrijf="Jan Klaassen", Email="jan@example.com")
    by_soap.load()
    for text in ("Jan &#x1B;", "Jan</ns0:Bedrijf><ns0:Bedrijf/><ns0:ID>z</ns0:ID>"):
        by_soap.package.control("faults", verb="DELETE")
        spoil(by_soap.package, text, "Jan Klaassen")
        by_soap.load()
        known = reference.by_code(by_soap.package_id, "71")
        assert known is not None
        assert known.key == "jan@example.com"
        number = len(by_soap.package.ledger("entry")) + 1
        by_soap.book(order(number, email="jan@example.com"), order(number + 1))
        assert set(by_soap.states()) == {DONE}
    emails = [row["Email"] for row in by_soap.package.ledger("relation")]
    assert emails.count("jan@example.com") == 1
    assert session().scalars(select(RelationTrouble)).all() == []
    with (
        open_client(by_soap.connection, for_booking=False) as client,
        pytest.raises(AskUser, match="eboekhouden_unreadable"),
    ):
        client.relations(code="71")
