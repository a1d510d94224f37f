"""The writers against the official samples and the examples made for them."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from lxml import etree

from core.domain.declarations import Box, DeclarationKind, IcpKind, Rubric, TaxPeriod
from core.domain.errors import AskUser
from plugins.belastingdienst.law.icp import Declaration
from plugins.belastingdienst.law.returns import Header, VatReturn
from plugins.belastingdienst.law.taxonomies import TAXONOMIES
from plugins.belastingdienst.xbrl import icp, ob
from plugins.belastingdienst.xbrl.declared import read_back
from plugins.belastingdienst.xbrl.reader import NotXbrl, read
from tests.shared import shared_file
from tests.unit.belastingdienst.samples import (
    box,
    header,
    icp_2020,
    icp_2026,
    plain_header,
    row,
    sample_return,
)

FOLDER = "contracts/accountview/xbrl"
FACT = "contextRef"


def canonical(content: bytes) -> bytes:
    """Canonical XML without comments and layout: what the standard lets compare."""
    parser = etree.XMLParser(remove_comments=True, remove_blank_text=True)
    return etree.tostring(etree.fromstring(content, parser), method="c14n")


def described(content: bytes) -> tuple[list[bytes], list[tuple[str, ...]]]:
    """Contexts and units as they are, and all facts in any order."""
    root = etree.fromstring(content)
    frame = [
        canonical(etree.tostring(node, with_tail=False))
        for node in root
        if node.tag is not etree.Comment and node.get(FACT) is None
    ]
    facts = sorted(
        (str(node.tag), node.text or "", *sorted(map(str, node.attrib.values())))
        for node in root.iter(etree.Element)
        if node.get(FACT) is not None
    )
    return frame, facts


@pytest.mark.parametrize("year", [2020, 2021])
def test_the_official_sample_is_made_to_the_byte(year: int) -> None:
    path = shared_file(f"{FOLDER}/VB-01_bd-rpt-ob-aangifte-{year}.xbrl")
    made = ob.write_return(header(), sample_return(year))
    assert canonical(made) == canonical(path.read_bytes())
    # what is left is the comments, and where the root's xml:lang stands
    lines = [line for line in path.read_bytes().splitlines() if b"<!--" not in line]
    ours = made.splitlines()
    assert ours[0] == lines[0]
    assert ours[2:] == lines[2:]


def test_the_example_of_2026_has_the_same_facts() -> None:
    path = shared_file(f"{FOLDER}/self-made/ob-2026-nt20.xbrl")
    boxes = {
        Rubric.R1A: box("10000", "2100"),
        Rubric.R1B: box("1000", "90"),
        Rubric.R1E: box("250"),
        Rubric.R3B: box("12160"),
        Rubric.R4B: box("500", "105"),
        Rubric.R5B: box("0", "400"),
    }
    made = ob.write_return(
        plain_header("OB-2026-Q3-0001", "202610051130"),
        VatReturn(TaxPeriod.quarter(2026, 3), boxes),
    )
    assert described(made) == described(path.read_bytes())


def test_icp_with_tuples_has_the_same_facts() -> None:
    path = shared_file(f"{FOLDER}/self-made/icp-2020-nt14.xbrl")
    made = icp.write_icp(plain_header("ICP-2020-Q3-0001", "202010051130"), icp_2020())
    assert described(made)[1] == described(path.read_bytes())[1]
    assert tuples(made) == tuples(path.read_bytes())


def tuples(content: bytes) -> list[bytes]:
    root = etree.fromstring(content)
    found = [node for node in root if "bd-tuples" in str(node.tag)]
    names = [[str(part.tag), part.text] for node in found for part in node]
    return [json.dumps(names).encode()]


def test_icp_with_dimensions_has_the_same_facts_and_contexts() -> None:
    path = shared_file(f"{FOLDER}/self-made/icp-2026-nt20.xbrl")
    made = icp.write_icp(plain_header("ICP-2026-Q3-0001", "202610051130"), icp_2026())
    assert described(made) == described(path.read_bytes())


def test_a_customer_with_several_kinds_has_one_context() -> None:
    rows = (
        row(IcpKind.GOODS, "DE", "136695976", "10"),
        row(IcpKind.ABC, "DE", "136695976", "20"),
    )
    declaration = icp_2026().__class__(TaxPeriod.quarter(2026, 1), rows)
    message = read(icp.write_icp(header(), declaration))
    assert set(message.contexts) == {"Msg", "ICP_DE_136695976"}
    amounts = {fact.name: fact.value for fact in message.facts if fact.is_amount}
    assert amounts == {"SuppliesAmount": "10", "ABCSuppliesAmount": "20"}


@pytest.mark.parametrize("made", [icp_2020(), icp_2026()])
def test_a_part_of_a_fiscal_unity_is_named_in_both_forms(made: Declaration) -> None:
    part = replace(made, division="123456782B90")
    content = icp.write_icp(header(), part)
    (fact,) = (one for one in read(content).facts if one.name == icp.DIVISION)
    assert (fact.value, fact.context, fact.parent) == ("123456782B90", "Msg", "")
    declared = read_back(content, DeclarationKind.ICP)
    assert declared.division == "123456782B90"
    assert declared.stored()["division"] == "123456782B90"
    alone = icp.write_icp(header(), made)
    assert icp.DIVISION.encode() not in alone
    assert "division" not in read_back(alone, DeclarationKind.ICP).stored()


def test_every_element_is_in_the_lists_of_the_taxonomy() -> None:
    path = shared_file(f"{FOLDER}/nt-elements.json")
    reports = json.loads(path.read_text("utf-8"))["reports"]
    suppletie = ob.write_suppletie(header(), sample_return(2020), Decimal(3000))
    written = {
        "ob-aangifte": ob.write_return(header(), sample_return(2020)),
        "ob-suppletie": suppletie,
        "icp-opgaaf": icp.write_icp(
            header(), replace(icp_2020(), division="123456782B90")
        ),
    }
    for report, content in written.items():
        known = {element["name"] for element in reports[report]}
        used = {fact.name for fact in read(content).facts}
        assert used <= known
        if report != "icp-opgaaf":
            rubrics = {one["name"] for one in reports[report] if "rubriek" in one}
            assert rubrics <= used


def test_rubrics_have_the_elements_of_the_contract() -> None:
    path = shared_file(f"{FOLDER}/nt-elements.json")
    reports = json.loads(path.read_text("utf-8"))["reports"]
    listed = {
        element["rubriek"]: element["name"]
        for element in reports["ob-aangifte"]
        if "rubriek" in element
    }
    ours = {f"{rubric} omzet": name for rubric, name in ob.TURNOVER.items()}
    ours |= {f"{rubric} btw": name for rubric, name in ob.VAT.items()}
    ours["5b"] = ours.pop("5b btw")
    ours |= {"5a": ob.OWED, "5g": ob.PAYABLE, "5d (vervallen)": ob.REDUCTION}
    assert ours == listed


@pytest.mark.parametrize(
    ("year", "path"),
    [
        (2020, "nt14/bd/20191211"),
        (2021, "nt15/bd/20201209"),
        (2022, "nt16/bd/20211208"),
        (2023, "nt17/bd/20221207"),
        (2024, "nt18/bd/20231213"),
        (2025, "nt19/bd/20241211"),
        (2026, "nt20/bd/20251210"),
        (2027, "nt21/bd/20261209"),
    ],
)
def test_the_periods_year_chooses_the_taxonomy(year: int, path: str) -> None:
    base = f"http://www.nltaxonomie.nl/{path}/entrypoints"
    written = read(ob.write_return(header(), sample_return(year)))
    assert written.schema == f"{base}/bd-rpt-ob-aangifte-{year}.xsd"
    rows = (row(IcpKind.GOODS, "DE", "136695976", "100"),)
    declaration = Declaration(TaxPeriod.quarter(year, 4), rows)
    content = icp.write_icp(header(), declaration)
    assert read(content).schema == f"{base}/bd-rpt-icp-opgaaf-{year}.xsd"
    assert (b"typedMember" in content) is (year >= 2026)


@pytest.mark.parametrize("year", [2019, 2028])
def test_a_year_without_a_known_taxonomy_is_refused(year: int) -> None:
    with pytest.raises(AskUser, match="taxonomy_unknown"):
        ob.write_return(header(), sample_return(year))


def test_5d_stands_in_the_first_two_versions_only() -> None:
    for year in (each.first.year for each in TAXONOMIES):
        message = read(ob.write_return(header(), sample_return(year)))
        there = message.value(ob.REDUCTION) is not None
        assert there is (year <= 2021)


def test_what_2026_has_no_known_names_for_is_refused() -> None:
    declaration = icp_2020()
    late = declaration.__class__(TaxPeriod.quarter(2026, 3), declaration.rows)
    with pytest.raises(AskUser, match="icp_correction_unsupported"):
        icp.write_icp(header(), late)
    plain = header()
    named = Header(plain.tax_number, plain.contact, plain.software, "R", "202601010000",
                   association="NOAB")  # fmt: skip
    with pytest.raises(AskUser, match="icp_association_unsupported"):
        icp.write_icp(named, icp_2026())
    assert b"Specification>" in icp.write_icp(named, icp_2020())


def test_cents_are_never_written() -> None:
    made = VatReturn(TaxPeriod.quarter(2026, 1), {Rubric.R1A: Box(Decimal("1.50"))})
    with pytest.raises(ValueError, match="whole euros"):
        ob.write_return(header(), made)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<xbrl/>",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>",
        b"<html><body>x</body></html>",
    ],
)
def test_what_is_no_instance_is_not_read(content: bytes) -> None:
    with pytest.raises(NotXbrl):
        read(content)


def test_a_message_is_read_back_whole() -> None:
    message = read(ob.write_return(header(), sample_return(2020)))
    context = message.contexts["Msg"]
    assert (context.identifier, context.start) == ("001000044B37", "2020-10-01")
    assert date.fromisoformat(context.end) == date(2020, 10, 31)
    fact = next(fact for fact in message.facts if fact.name == ob.OWED)
    assert (fact.value, fact.unit, fact.decimals) == ("3240", "EUR", "INF")
