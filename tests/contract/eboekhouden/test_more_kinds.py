"""The rest of the README's table of kinds: all in one batch, over each interface."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import plugins.eboekhouden
from core.domain.orders import LineKind, Order
from core.models import Coupling
from core.runtime.database import session, transaction
from plugins.vies import register
from plugins.vies.public import Outcome
from tests.contract.eboekhouden.conftest import Coupled
from tests.contract.eboekhouden.test_booking import answering, icp, order
from tests.contract.eboekhouden.test_kinds import codes, total
from tests.unit.eaccounting import samples

README = Path(plugins.eboekhouden.__file__).with_name("README.md")
LINE = samples.line
FREE = LINE("Gratis", "0.00", "0.00", "0", number="G")
ABROAD = LINE("Mok", "100.00", "0.00", "0")
OWED = "0100"
"""An account of the balance sheet in the sandbox's books."""


@pytest.fixture(autouse=True)
def vies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "consult", answering(Outcome.VALID))


def to(country: str, **fields: str) -> dict[str, Any]:
    where = samples.address(city="Ergens", country=country, **fields)
    return {"billing": where, "delivery": where}


def outside(kind: LineKind) -> Order:
    """An order with a line of five euros that is no turnover."""
    return order(1, LINE(), LINE("Los", "5.00", "0.00", "0", number="", kind=kind))


def icp_credit() -> Order:
    """A reverse-charged sale that comes back the year after."""
    some = icp(1)
    back = replace(some.lines[0], amount_incl_vat=-some.total_incl_vat)
    return replace(
        some,
        lines=(back,),
        total_incl_vat=-some.total_incl_vat,
        credits="K1",
        sold_at=some.ordered_at,
        ordered_at=some.ordered_at.replace(year=2024),
    )


KINDS: dict[str, tuple[Order, str, set[str]]] = {
    "several rates, shipping, fee": (order(), "", {"HOOG_VERK_21", "LAAG_VERK_9"}),
    "seven pieces": (
        order(1, LINE("Theepot", "244.65", "42.46", quantity="7")),
        "", {"HOOG_VERK_21"},
    ),
    "free line": (order(1, LINE(), FREE), "", {"HOOG_VERK_21"}),
    "order of zero": (order(1, FREE), "nothing_to_book", set()),
    "gift card for many purposes": (
        outside(LineKind.GIFT_CARD), "", {"HOOG_VERK_21", "GEEN"},
    ),
    "deposit outside VAT": (
        outside(LineKind.DEPOSIT), "", {"HOOG_VERK_21", "GEEN"},
    ),
    "tip, no account chosen": (outside(LineKind.TIP), "tip_not_configured", set()),
    "OSS": (order(1, LINE("Mok", "121.00", "21.00"), **to("BE")), "", {"AFW_VERK"}),
    "export, no postal code": (
        order(1, ABROAD, **to("HK", postal_code="")), "", {"BU_EU_VERK"},
    ),
    "territory outside the VAT area": (
        order(1, ABROAD, **to("JE")), "", {"BU_EU_VERK"},
    ),
    "collected, with VAT, by a buyer from abroad": (
        order(1, LINE(), is_collected=True, **to("BE")), "", {"HOOG_VERK_21"},
    ),
    "no e-mail address": (order(1, email=""), "eboekhouden_email_missing", set()),
    "credit of reverse charge, in the next year": (
        icp_credit(), "", {"BI_EU_VERK"},
    ),
}  # fmt: skip


def test_each_kind_becomes_what_the_table_says(coupled: Coupled) -> None:
    with transaction():
        row = session().get_one(Coupling, coupled.coupling_id)
        row.no_turnover = {"gift_cards": "many", "gift_card": OWED, "deposit": OWED}
    given = [
        replace(
            some,
            source_id=str(number),
            number=f"K{number}",
            email=some.email and f"soort{number}@example.com",
        )
        for number, (some, *_) in enumerate(KINDS.values(), 1)
    ]
    coupled.book(*given)
    coupled.drain()
    found = dict(zip(KINDS, (code for _, code in coupled.states()), strict=True))
    assert found == {name: code for name, (_, code, _) in KINDS.items()}
    entries = {row["Boekstuk"]: row for row in coupled.package.ledger("entry")}
    for some, (name, (_, code, wanted)) in zip(given, KINDS.items(), strict=True):
        entry = entries.get(some.number)
        # Refused means that nothing stands there.
        assert (entry is None) == bool(code), name
        if entry is not None:
            assert codes([entry]) == wanted, name
            assert total(entry) == some.total_incl_vat, name
            owed = {r["TegenrekeningCode"] for r in entry["MutatieRegels"]
                    if r["BTWCode"] == "GEEN"}  # fmt: skip
            assert owed <= {OWED}
    assert entries["K2"]["MutatieRegels"][0]["BedragInclBTW"] == Decimal("244.65")


def test_the_readme_has_them_too() -> None:
    text = README.read_text()
    for name, (_, code, _) in KINDS.items():
        [row] = [line for line in text.splitlines() if line.startswith(f"| {name} |")]
        assert row.count(f"`{code}`" if code else "ed") >= 2, name
