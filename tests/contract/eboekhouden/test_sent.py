"""What goes over the wire, how often, and what the screens offer."""

import re
from typing import Any

import pytest

from core.domain.clock import local_date, utcnow
from core.net.http import HttpClient
from plugins.eboekhouden import configuration
from plugins.eboekhouden.sandbox.wsdl import STRUCTURES
from tests.contract.eboekhouden.conftest import Coupled
from tests.contract.eboekhouden.test_booking import DONE, order, relation
from tests.unit.eaccounting import samples


def test_one_look_up_serves_all_that_is_unknown(
    by_soap: Coupled, judged: list[str]
) -> None:
    by_soap.book(order(1, email="a@example.com"))
    by_soap.package.fault(kind="drop", method="POST", path="AddMutatie", times=6)
    by_soap.book(*(order(n, email="a@example.com") for n in range(2, 8)))
    for _ in range(6):
        by_soap.drain()
    assert by_soap.states() == [DONE] * 7
    numbers = [row["Factuurnummer"] for row in by_soap.package.ledger("entry")]
    assert sorted(numbers) == [f"W{n}" for n in range(1, 8)]
    assert judged.count("GetMutaties") <= 8


def test_what_xml_cannot_hold_is_left_out_and_never_unknown(by_soap: Coupled) -> None:
    name = samples.address(name="Jan\uffff")
    by_soap.book(order(1, billing=name), order(2))
    assert by_soap.states() == [DONE, DONE]
    assert by_soap.package.ledger("relation")[0]["Bedrijf"] == "Jan"


def test_every_tag_of_a_relation_is_sent(
    by_soap: Coupled, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    request = HttpClient.request

    def listening(self: HttpClient, *given: Any, **rest: Any) -> Any:
        sent.append(str(rest.get("data")))
        return request(self, *given, **rest)

    monkeypatch.setattr(HttpClient, "request", listening)
    by_soap.book(order(1))
    [added] = [text for text in sent if "AddRelatie" in text]
    tags = set(re.findall(r"<(?:\w+:)?(\w+)[ >/]", added))
    assert {name for name, _, _ in STRUCTURES["cRelatie"]} <= tags
    today = local_date(utcnow(), "Europe/Amsterdam").isoformat()
    assert f"AddDatum>{today}<" in added


def test_every_debtor_is_offered_and_told_apart(by_soap: Coupled) -> None:
    clerk = {"Bedrijf": "Sophie Fischer"}
    for number in ("77", "78"):
        relation(by_soap, number, Email=f"{number}@example.com", **clerk)
    by_soap.load()
    offered = configuration.choices(by_soap.connection)
    assert [choice.label for choice in offered.debtors] == [
        "Sophie Fischer (77, 77@example.com)", "Sophie Fischer (78, 78@example.com)",
    ]  # fmt: skip
    assert offered.debtor_search is not None
    for text in ("78@EXAMPLE", "78"):
        assert offered.debtor_search.find(text) == [offered.debtors[1]]
    assert offered.debtor_search.find("sophie") == offered.debtors
    assert offered.debtor_search.get("77") == offered.debtors[0]
    assert offered.debtor_search.get("nobody") is None


def test_money_accounts_only_are_offered_for_payments(by_soap: Coupled) -> None:
    offered = configuration.choices(by_soap.connection).clearing_accounts
    assert [c.value for c in offered] == ["1000", "1010", "2000"]
