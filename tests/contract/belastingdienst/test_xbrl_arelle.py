"""The messages in Arelle with the tax office's own taxonomy NT14, offline.

One process for all of them: loading the taxonomy is what takes the time. Messages of
later years are checked by putting NT14's addresses in, since only NT14 is at hand.
"""

import json
import os
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from core.domain.declarations import DeclarationKind, IcpKind, TaxPeriod
from plugins.belastingdienst.law.icp import Declaration, Row
from plugins.belastingdienst.law.taxonomies import taxonomy_for
from plugins.belastingdienst.xbrl import icp, ob
from tests.shared import shared_file
from tests.unit.belastingdienst.samples import header, icp_2020, row, sample_return

PACKAGE = "contracts/accountview/nt14-taxonomy-package.zip"
KNOWN = "xbrl.4.3.4"
"""What Arelle has to say of nl-codes.xsd itself (contract section 5)."""
pytestmark = pytest.mark.slow
SCRIPT = Path(__file__).with_name("arelle_check.py")


def every_row() -> Declaration:
    """One row of each kind, and a correction of each."""
    rows: list[Row] = []
    for kind in IcpKind:
        made = row(kind, "DE", "136695976", "1")
        rows += [
            made,
            Row(kind, made.customer, Decimal(-2), TaxPeriod.month(2020, 1)),
        ]
    return Declaration(TaxPeriod.quarter(2020, 2), tuple(rows))


def as_nt14(content: bytes, year: int, kind: DeclarationKind) -> bytes:
    old, new = (taxonomy_for(TaxPeriod.whole_year(each), kind) for each in (year, 2020))
    moved = content.replace(old.schema(kind).encode(), new.schema(kind).encode())
    return moved.replace(old.path.encode(), new.path.encode())


def messages() -> dict[str, bytes]:
    sample = ob.write_return(header(), sample_return(2020))
    suppletie = ob.write_suppletie(header(), sample_return(2020), Decimal(3000))
    late = ob.write_return(header(), sample_return(2026))
    return {
        "ob": sample,
        "ob-2026": as_nt14(late, 2026, DeclarationKind.VAT_RETURN),
        "suppletie": suppletie,
        "icp": icp.write_icp(header(), every_row()),
        "icp-example": icp.write_icp(header(), icp_2020()),
        "icp-division": icp.write_icp(
            header(), replace(icp_2020(), division="123456782B90")
        ),
        "wrong-cents": sample.replace(b">15000<", b">15000.50<"),
        "wrong-element": sample.replace(b"ValueAddedTaxOwed>", b"ValueAddedTaxOwned>")
        .replace(b"ValueAddedTaxOwed ", b"ValueAddedTaxOwned "),
    }  # fmt: skip


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Error codes by message, the known ones left out."""
    folder = tmp_path_factory.mktemp("arelle")
    for name, content in messages().items():
        (folder / f"{name}.xbrl").write_bytes(content)
    environment = {**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(shared_file(PACKAGE)), str(folder)],
        capture_output=True, text=True, env=environment, timeout=250,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return {
        name: [code for code in codes if code != KNOWN] for name, codes in found.items()
    }


VALID = {"ob", "ob-2026", "suppletie", "icp", "icp-example", "icp-division"}


def test_messages_are_valid_and_wrong_ones_are_not(
    verdicts: dict[str, list[str]],
) -> None:
    """One test: loading the taxonomy takes half a minute, and more for each process."""
    assert {name for name, codes in verdicts.items() if not codes} == VALID
