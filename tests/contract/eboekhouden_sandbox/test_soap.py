"""What the SOAP sandbox refuses, with the vendor's codes (contract 2 to 6)."""

from decimal import Decimal
from typing import Any

import pytest
import requests
import zeep

from tests.contract.eboekhouden_sandbox.conftest import (
    Vendor,
    day,
    entry,
    line,
    relation,
)


@pytest.fixture
def booked(vendor: Vendor) -> Vendor:
    """With debtor 10000 and its invoice F1."""
    assert vendor.code("AddRelatie", oRel=relation()) == ""
    assert vendor.code("AddMutatie", oMut=entry()) == ""
    return vendor


# --- sessions ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Username": "nobody"}, "E001.1"),
        ({"Username": ""}, "E001.1"),
        ({"Username": "x" * 56}, "E001.1"),
        ({"SecurityCode1": "x"}, "E001.2"),
        ({"SecurityCode2": "x"}, "E001.3"),
        ({"Source": "x" * 16}, "E001.7"),
    ],
)
def test_a_login_that_is_not_right(
    vendor: Vendor, change: dict[str, str], code: str
) -> None:
    assert vendor.open(**change) == code
    assert vendor.session == ""


def test_a_blocked_user(vendor: Vendor) -> None:
    vendor.control("administration", {"blocked": True})
    assert vendor.open() == "E001.5"


def test_accountants_alone_open_other_administrations(vendor: Vendor) -> None:
    answer = vendor.service.OpenSessionSub(
        Username=vendor.codes["username"],
        SecurityCode1=vendor.codes["security_code_1"],
        SecurityCode2=vendor.codes["security_code_2"],
        Source="Test",
        AdministratieGUID="{x}",
    )
    assert answer.ErrorMsg.LastErrorCode == "E002.5"


def test_sessions_that_do_not_hold(vendor: Vendor) -> None:
    assert vendor.code("GetAdministraties", SessionID="") == "E002.1"
    assert vendor.code("GetAdministraties", SessionID="{x}") == "E002.2"
    assert vendor.code("GetAdministraties", SecurityCode2="x") == "E001.3"
    vendor.control("clock", {"seconds": 1200})
    assert vendor.code("GetAdministraties") == "E002.3"
    vendor.open()
    assert vendor.code("GetAdministraties") == ""
    vendor.service.CloseSession(SessionID=vendor.session)
    assert vendor.code("GetAdministraties") == "E002.4"


def test_the_calls_of_a_month_are_limited(vendor: Vendor) -> None:
    vendor.control("settings", {"calls_per_month": 3})
    assert [vendor.code("GetAdministraties") for _ in range(3)] == ["", "", "E003.1"]
    assert vendor.open() == "E003.1"
    vendor.control("clock", {"seconds": 31 * 86_400})
    assert vendor.open() == ""


# --- relations -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Code": ""}, "CREL901"),
        ({"Bedrijf": ""}, "CREL901"),
        ({"BP": "X"}, "CREL902"),
        ({"Geslacht": "x"}, "CREL903"),
        ({"Code": "1" * 16}, "CREL904"),
        ({"Bedrijf": "x" * 101}, "CREL904"),
        ({"Adres": "x" * 151}, "CREL904"),
        ({"Site": "x" * 51}, "CREL904"),
        ({"Def10": "x" * 101}, "CREL904"),
        ({"Code": "10001"}, "CREL001"),
        ({"ID": 7}, "CREL905"),
    ],
)
def test_a_relation_that_is_refused(
    vendor: Vendor, change: dict[str, Any], code: str
) -> None:
    vendor.code("AddRelatie", oRel=relation(Code="10001"))
    answer = vendor.call("AddRelatie", oRel=relation(**change))
    assert (answer.ErrorMsg.LastErrorCode, answer.Rel_ID) == (code, 0)


def test_an_update_replaces_all_and_needs_an_id(vendor: Vendor) -> None:
    made = vendor.call("AddRelatie", oRel=relation(Notitie="x", Contactpersoon="J"))
    assert vendor.code("UpdateRelatie", oRel=relation()) == "CREL906"
    long = relation(ID=made.Rel_ID, Contactpersoon="x" * 51)
    assert vendor.code("UpdateRelatie", oRel=long) == "CREL904"
    assert vendor.code("UpdateRelatie", oRel=relation(ID=made.Rel_ID)) == ""
    found = vendor.call("GetRelaties", cFilter={"ID": made.Rel_ID})
    [row] = found.Relaties.cRelatie
    assert (row.Notitie, row.Contactpersoon) == (None, None)


def test_relations_are_found_by_word_code_or_id(vendor: Vendor) -> None:
    for code, email in (("1", "a@example.com"), ("2", "b@example.com")):
        vendor.code("AddRelatie", oRel=relation(Code=code, Email=email))

    def found(**query: Any) -> list[str]:
        answer = vendor.call("GetRelaties", cFilter={"ID": 0, **query})
        rows = answer.Relaties.cRelatie if answer.Relaties else []
        return [row.Code for row in rows]

    assert found() == ["1", "2"]
    assert found(Trefwoord="B@EXAMPLE") == ["2"]
    assert found(Code="1") == ["1"]
    assert found(Code="3") == []


# --- entries -------------------------------------------------------------------------

REFUSED = [
    ({"Rekening": ""}, "CMUT001"),
    ({"Rekening": "1399"}, "CMUT001"),
    ({"Rekening": "1010"}, "CMUT016"),
    ({"Soort": "FactuurOntvangen"}, "CMUT015"),
    ({"Soort": "GeldOntvangen"}, "CMUT001.1"),
    ({"Soort": "OpeningsSaldo"}, "CMUT008"),
    ({"InExBTW": ""}, "CMUT003"),
    ({"InExBTW": "JA"}, "CMUT003.1"),
    ({"Datum": day("1979-12-31")}, "CMUT004"),
    ({"Omschrijving": ""}, "CMUT005"),
    ({"Omschrijving": "x" * 201}, "CMUT005"),
    ({"Boekstuk": "x" * 51}, "CMUT005"),
    ({"MutatieRegels": {"cMutatieRegel": []}}, "CMUT006"),
    ({"MutatieRegels": {"cMutatieRegel": [line()] * 101}}, "CMUT006"),
    ({"Factuurnummer": ""}, "CMUT013"),
    ({"Factuurnummer": "x" * 51}, "CMUT013"),
    ({"RelatieCode": ""}, "CMUT014"),
    ({"Betalingstermijn": ""}, "CMUT014"),
    ({"Betalingstermijn": "10000"}, "CMUT014"),
    ({"RelatieCode": "99"}, "CMUT017"),
    ({"Factuurnummer": "F1"}, "CMUT018"),
    ({"Factuurnummer": "F1", "RelatieCode": "10001"}, "CMUT019"),
]
REFUSED_LINES = [
    ({"BedragInclBTW": Decimal("121.01")}, "CMUT010"),
    ({"BedragInvoer": Decimal("121.00")}, "CMUT010"),
    ({"BedragExclBTW": Decimal("100.001"), "BedragInclBTW": Decimal("121.001")},
     "CMUT010"),
    ({"BedragBTW": Decimal("21.01"), "BedragInclBTW": Decimal("121.01")}, "CMUT010.1"),
    ({"BTWCode": "HOOG_INK_21"}, "CMUT011"),
    ({"BTWPercentage": Decimal(9)}, "CMUT011"),
    ({"BTWCode": ""}, "CMUT033"),
    ({"BTWCode": "BE_21_VERK"}, "CMUT033"),
    ({"TegenrekeningCode": ""}, "CMUT012"),
    ({"TegenrekeningCode": "1010"}, "CMUT012"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "code"), REFUSED, ids=str)
def test_an_entry_that_is_refused(
    booked: Vendor, change: dict[str, Any], code: str
) -> None:
    booked.code("AddRelatie", oRel=relation(Code="10001"))
    answer = booked.call("AddMutatie", oMut=entry(**{"Factuurnummer": "F2", **change}))
    assert (answer.ErrorMsg.LastErrorCode, answer.Mutatienummer) == (code, 0)
    assert len(booked.control("ledger?kind=entry", verb="GET")) == 1


@pytest.mark.parametrize(("change", "code"), REFUSED_LINES, ids=str)
def test_a_line_that_is_refused(
    booked: Vendor, change: dict[str, Any], code: str
) -> None:
    body = entry(line(), line(**change), Factuurnummer="F2")
    assert booked.code("AddMutatie", oMut=body) == code


def test_a_closed_period(booked: Vendor) -> None:
    booked.control("administration", {"locked_to": "2026-03-01"})
    assert booked.code("AddMutatie", oMut=entry(Factuurnummer="F2")) == "CMUT020"
    later = entry(Factuurnummer="F2", Datum=day("2026-03-02"))
    assert booked.code("AddMutatie", oMut=later) == ""


def payment(**changes: Any) -> dict[str, Any]:
    amount = Decimal("121.00")
    row = line(
        BedragInvoer=amount, BedragExclBTW=amount, BedragBTW=Decimal(0),
        BedragInclBTW=amount, BTWCode="GEEN", BTWPercentage=Decimal(0),
        TegenrekeningCode="1300",
    )  # fmt: skip
    values = {"Soort": "FactuurbetalingOntvangen", "Rekening": "1010", **changes}
    lines = values.pop("lines", [row])
    counter = values.pop("counter", "")
    if counter:
        lines = [{**row, "TegenrekeningCode": counter}]
    return entry(*lines, **values)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Factuurnummer": ""}, "CMUT023"),
        ({"Factuurnummer": "F9"}, "CMUT024"),
        ({"RelatieCode": ""}, "CMUT025"),
        ({"RelatieCode": "10001"}, "CMUT026"),
        ({"counter": "8000"}, "CMUT027"),
        ({"Rekening": "0100"}, "CMUT001.1"),
        ({"lines": [line(TegenrekeningCode="1300")]}, "CMUT011"),
        ({"lines": [line(), line()]}, "CMUT021"),
    ],
)
def test_a_payment_that_is_refused(
    booked: Vendor, change: dict[str, Any], code: str
) -> None:
    assert booked.code("AddMutatie", oMut=payment(**change)) == code


def test_a_payment_settles_an_open_item(booked: Vendor) -> None:
    answer = booked.call("GetOpenPosten", OpSoort="Debiteuren")
    [item] = answer.Openposten.cOpenPost
    assert (item.MutFactuur, item.RelCode, item.Openstaand) == ("F1", "10000", 121.0)
    assert booked.code("AddMutatie", oMut=payment()) == ""
    answer = booked.call("GetOpenPosten", OpSoort="Debiteuren")
    assert not (answer.Openposten and answer.Openposten.cOpenPost)


def test_a_negative_payment_opens_it_again(booked: Vendor) -> None:
    assert booked.code("AddMutatie", oMut=payment()) == ""
    names = ("BedragInvoer", "BedragExclBTW", "BedragInclBTW")
    back = {**payment()["MutatieRegels"]["cMutatieRegel"][0],
            **dict.fromkeys(names, Decimal("-21.00"))}  # fmt: skip
    assert booked.code("AddMutatie", oMut=payment(lines=[back])) == ""
    answer = booked.call("GetOpenPosten", OpSoort="Debiteuren")
    assert answer.Openposten.cOpenPost[0].Openstaand == 21.0


def test_small_lines_pass_and_a_cent_off_does_not(booked: Vendor) -> None:
    """10.00 incl VAT at 21 %, as a shop sells it."""

    def of(excl: str, vat: str) -> dict[str, Any]:
        both = Decimal(excl) + Decimal(vat)
        return line(BedragInvoer=Decimal(excl), BedragExclBTW=Decimal(excl),
                    BedragBTW=Decimal(vat), BedragInclBTW=both)  # fmt: skip

    one = entry(of("8.26", "1.74"), Factuurnummer="F2")
    assert booked.code("AddMutatie", oMut=one) == "CMUT010.1"
    two = entry(of("8.23", "1.73"), of("0.03", "0.01"), Factuurnummer="F2")
    assert booked.code("AddMutatie", oMut=two) == ""


# --- the wire ------------------------------------------------------------------------


def post(vendor: Vendor, body: bytes, **headers: str) -> requests.Response:
    given = {
        "Content-Type": "text/xml; charset=utf-8",
        "SOAPAction": '"http://www.e-boekhouden.nl/soap/OpenSession"',
        **headers,
    }
    return requests.post(f"{vendor.url}/soap.asmx", body, headers=given, timeout=5)


HEAD = b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
TAIL = b"</s:Body></s:Envelope>"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<x>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
        HEAD + TAIL,
        HEAD + b'<Nothing xmlns="http://www.e-boekhouden.nl/soap"/>' + TAIL,
        HEAD + b'<OpenSession xmlns="urn:other"/>' + TAIL,
        HEAD + b'<OpenSession xmlns="http://www.e-boekhouden.nl/soap"><Wie>x</Wie>'
        b"</OpenSession>" + TAIL,
        HEAD + b'<CloseSession xmlns="http://www.e-boekhouden.nl/soap"/>' + TAIL,
    ],
)
def test_what_is_no_request_is_a_fault(vendor: Vendor, body: bytes) -> None:
    answer = post(vendor, body)
    assert answer.status_code == 500
    assert b"soap:Client" in answer.content


def test_a_request_without_action_or_as_another_type_is_refused(
    vendor: Vendor,
) -> None:
    assert post(vendor, HEAD + TAIL, SOAPAction="").status_code == 500
    kind = {"Content-Type": "application/soap+xml"}
    assert post(vendor, HEAD + TAIL, **kind).status_code == 415


def test_required_fields_and_types_of_the_schema(vendor: Vendor) -> None:
    body = entry()
    del body["MutatieNr"]
    with pytest.raises(zeep.exceptions.ValidationError):
        vendor.call("AddMutatie", oMut=body)
    with pytest.raises(zeep.exceptions.Fault, match="Soort"):
        vendor.call("AddMutatie", oMut=entry(Soort="Verkoop"))


def test_the_wsdl_names_a_plain_address_as_the_vendors_does(vendor: Vendor) -> None:
    text = requests.get(f"{vendor.url}/soap.asmx?WSDL", timeout=5).text
    assert f'location="{vendor.url}/soap.asmx"' in text
