"""The hash chain, the archive, what is read back from the bytes. Pure."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest

from core.domain.declarations import DeclarationKind
from core.rules import evidence_archive as archive
from core.rules import evidence_chain as chain
from core.rules.evidence_chain import Link
from plugins.belastingdienst.xbrl import icp, ob
from plugins.belastingdienst.xbrl.declared import read_back
from plugins.belastingdienst.xbrl.reader import NotXbrl
from tests.unit.belastingdienst.samples import header, icp_2020, icp_2026, sample_return

AT = datetime(2026, 10, 5, 12, 30, 15, 123456, tzinfo=UTC)
KEEP = date(2033, 12, 31)


def links(count: int = 3) -> list[tuple[Link, str]]:
    made: list[tuple[Link, str]] = []
    before = ""
    for number in range(1, count + 1):
        kind = ("message", "receipt", "status")[number - 1]
        content = f"<a>{number}</a>".encode()
        link = Link("KW1", number, kind, AT, KEEP, content, before)
        before = link.chain_hash
        made.append((link, before))
    return made


def test_a_whole_chain_has_no_flaws() -> None:
    assert chain.flaws(links()) == []
    assert chain.flaws([]) == []


def test_the_hash_is_what_the_readme_says() -> None:
    from hashlib import sha256

    link, stored = links()[1]
    lines = [link.previous_hash, "KW1", "2", "receipt",
             "2026-10-05T12:30:15.123456+00:00", "2033-12-31",
             sha256(b"<a>2</a>").hexdigest()]  # fmt: skip
    assert stored == sha256("\n".join(lines).encode()).hexdigest()


@pytest.mark.parametrize(
    "change",
    [
        lambda link: replace(link, content=link.content + b"!"),
        lambda link: replace(link, at=link.at.replace(microsecond=0)),
        lambda link: replace(link, keep_until=date(2027, 1, 1)),
        lambda link: replace(link, kind="status"),
        lambda link: replace(link, reference="KW2"),
    ],
)
def test_any_change_is_seen(change: Callable[[Link], Link]) -> None:
    made = links()
    made[1] = (change(made[1][0]), made[1][1])
    assert [flaw.code for flaw in chain.flaws(made)] == ["evidence_changed"]


def test_a_piece_changed_with_its_own_hash_breaks_the_next() -> None:
    made = links()
    forged = replace(made[1][0], content=b"forged")
    made[1] = (forged, forged.chain_hash)
    assert chain.flaws(made) == [chain.Flaw(3, "evidence_broken")]


@pytest.mark.parametrize("gone", [0, 1])
def test_a_missing_piece_is_seen(gone: int) -> None:
    made = links()
    del made[gone]
    assert chain.flaws(made)[0].code == "evidence_missing"


def test_an_archive_is_checked_by_itself() -> None:
    packed = archive.write(links(), "lees mij")
    assert chain.flaws(archive.read(packed)) == []
    with ZipFile(BytesIO(packed)) as opened:
        assert sorted(opened.namelist()) == [
            "001-message.xbrl", "002-receipt.xml", "003-status.xml", "LEESMIJ.txt",
            "keten.json",
        ]  # fmt: skip
    for bad in (b"", b"PK", packed[:-30]):
        with pytest.raises(archive.NotEvidence):
            archive.read(bad)


RETURN, ICP = DeclarationKind.VAT_RETURN, DeclarationKind.ICP


def test_a_return_is_read_back_from_its_bytes() -> None:
    figures = sample_return(2020)
    found = read_back(ob.write_return(header(), figures), RETURN)
    assert found.payable == figures.payable
    assert {rubric: box for rubric, box in found.boxes.items() if box.turnover} == {
        rubric: box for rubric, box in figures.boxes.items() if box.turnover
    }
    assert found.period == figures.period


def test_a_suppletie_is_read_back() -> None:
    made = ob.write_suppletie(header(), sample_return(2020), Decimal(3000))
    assert read_back(made, DeclarationKind.SUPPLETIE).payable == Decimal(240)


@pytest.mark.parametrize("made", [icp_2020(), icp_2026()])
def test_icp_rows_are_read_back_in_both_forms(made: object) -> None:
    found = read_back(icp.write_icp(header(), made), ICP)  # type: ignore[arg-type]
    rows = [(row.kind, row.customer, row.amount) for row in found.rows]
    wanted = made.rows  # type: ignore[attr-defined]
    assert rows == [(row.kind, row.customer, row.amount) for row in wanted]
    assert [row.is_correction for row in found.rows] == [
        row.corrects is not None for row in wanted
    ]


@pytest.mark.parametrize("content", [b"", b"<x/>", b'{"a": 1}'])
def test_what_is_no_declaration_is_refused(content: bytes) -> None:
    with pytest.raises(NotXbrl):
        read_back(content, RETURN)
