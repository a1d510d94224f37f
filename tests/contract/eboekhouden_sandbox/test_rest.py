"""What the REST sandbox takes and refuses (contract 8), against the reconstruction."""

from typing import Any

import pytest
import requests

from core.domain import jsontext
from tests.contract.eboekhouden_sandbox.conftest import Vendor
from tests.shared import shared_file

FACTS = "contracts/eboekhouden/rest-v1-reconstructed.json"


class Rest:
    """A client that knows the vendor's description only."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        self.token = ""
        body = {"accessToken": vendor.codes["access_token"], "source": "Test"}
        answer = self.call("POST", "session", body)
        assert answer.status_code == 200
        self.token = answer.json()["token"]

    def call(
        self, method: str, path: str, body: Any = None, **query: Any
    ) -> requests.Response:
        return requests.request(
            method,
            f"{self.vendor.url}/v1/{path}",
            params=query,
            data=None if body is None else jsontext.dumps(body),
            headers={
                "Authorization": self.token,
                "Content-Type": "application/json",
            },
            timeout=5,
        )

    def code(self, method: str, path: str, body: Any = None, **query: Any) -> str:
        answer = self.call(method, path, body, **query)
        return str(answer.json().get("code", "")) if answer.content else ""


@pytest.fixture
def rest(vendor: Vendor) -> Rest:
    return Rest(vendor)


@pytest.fixture(scope="session")
def facts() -> Any:
    return jsontext.loads(shared_file(FACTS).read_bytes())


def ledger(rest: Rest, code: str) -> int:
    items = rest.call("GET", "ledger", code=code).json()["items"]
    return int(items[0]["id"])


def mutation(rest: Rest, **changes: Any) -> dict[str, Any]:
    relation = rest.call("GET", "relation", code="10000").json()["items"]
    row = {"ledgerId": ledger(rest, "8000"), "vatCode": "HOOG_VERK_21", "amount": 100}
    row |= changes.pop("row", {})
    return {
        "type": "2", "date": "2026-03-01", "ledgerId": ledger(rest, "1300"),
        "invoiceNumber": "F1", "termOfPayment": 30, "inExVat": "EX",
        "description": "Verkoop", "relationId": relation[0]["id"] if relation else 0,
        "rows": [row], **changes,
    }  # fmt: skip


@pytest.fixture
def debtor(rest: Rest) -> Rest:
    body = {"type": "B", "code": "10000", "name": "Fischer", "emailAddress": "a@b.nl"}
    assert rest.call("POST", "relation", body).status_code == 201
    return rest


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"accessToken": "x"}, "API_SESSION_001"),
        ({"accessToken": "x", "source": "met-streep"}, "API_SESSION_002"),
        ({"accessToken": "x", "source": "12345678901"}, "API_SESSION_002"),
        ({"source": "Test"}, "API_SESSION_003"),
        ({"accessToken": "x", "source": "Test"}, "API_SESSION_004"),
    ],
)
def test_a_session_that_is_refused(rest: Rest, body: Any, code: str) -> None:
    assert rest.code("POST", "session", body) == code


def test_a_token_goes_bare_and_ends(rest: Rest) -> None:
    good = rest.token
    rest.token = f"Bearer {good}"
    assert rest.call("GET", "ledger").status_code == 401
    rest.token = good
    assert rest.code("GET", "administration") == "EP_001"
    assert rest.call("DELETE", "session").status_code == 204
    assert rest.code("GET", "ledger") == "SECURITY_010"


def test_pages(rest: Rest) -> None:
    assert rest.code("GET", "ledger", limit=2001) == "PAGE_001"
    assert rest.code("GET", "ledger", offset="-1") == "PAGE_002"
    page = rest.call("GET", "ledger", limit=2, offset=1).json()
    assert (len(page["items"]), page["count"]) == (2, 20)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": ""}, "REL_002"),
        ({"name": "x" * 101}, "REL_003"),
        ({"code": "1" * 16}, "REL_006"),
        ({"code": "10000"}, "REL_049"),
        ({"type": "X"}, "REL_001"),
        ({"gender": "x"}, "REL_004"),
        ({"bic": "x" * 21}, "REL_032"),
        ({"emailAddress": "geen"}, "REL_023"),
        ({"freeText10": "x" * 101}, "REL_046"),
        ({"made_up": "x"}, "ERR_002"),
    ],
)
def test_a_relation_that_is_refused(debtor: Rest, change: Any, code: str) -> None:
    body = {"type": "B", "code": "10001", "name": "Ander", **change}
    assert debtor.code("POST", "relation", body) == code


def test_a_patch_keeps_what_is_left_out(debtor: Rest) -> None:
    [item] = debtor.call("GET", "relation").json()["items"]
    assert set(item) == {"id", "type", "code"}
    path = f"relation/{item['id']}"
    assert debtor.code("PATCH", path, {"city": "Delft"}) == "REL_002"
    assert debtor.call("PATCH", path, {"name": "Nieuw"}).status_code == 204
    after = debtor.call("GET", path).json()
    assert (after["name"], after["emailAddress"]) == ("Nieuw", "a@b.nl")
    assert debtor.code("GET", "relation/1") == "REL_055"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"type": None}, "MUTA_002"),
        ({"type": "8"}, "MUTA_009"),
        ({"date": None}, "MUT_003"),
        ({"date": "1-3-2026"}, "MUT_004"),
        ({"ledgerId": None}, "MUTA_001"),
        ({"ledgerId": 1}, "MUT_007"),
        ({"ledgerId": 102}, "MUT_011"),
        ({"inExVat": None}, "MUTA_005"),
        ({"inExVat": "JA"}, "MUT_017"),
        ({"relationId": None}, "MUT_012"),
        ({"relationId": 1}, "MUT_013"),
        ({"invoiceNumber": ""}, "MUT_002"),
        ({"invoiceNumber": "x" * 51}, "MUT_018"),
        ({"description": "x" * 51}, "ERR_002"),
        ({"rows": []}, "MUT_100"),
        ({"row": {"vatCode": "HOOG"}}, "MUT_109"),
        ({"row": {"vatCode": "HOOG_INK_21"}}, "MUT_111"),
        ({"row": {"ledgerId": 1}}, "MUT_104"),
        ({"row": {"ledgerId": 102}}, "MUT_106"),
        ({"row": {"vatAmount": 21}}, "MUTA_003"),
    ],
)
def test_a_mutation_that_is_refused(debtor: Rest, change: Any, code: str) -> None:
    assert debtor.code("POST", "mutation", mutation(debtor, **change)) == code


def test_a_mutation_is_booked_once_with_its_vat(debtor: Rest) -> None:
    answer = debtor.call("POST", "mutation", mutation(debtor))
    assert answer.status_code == 201
    assert debtor.code("POST", "mutation", mutation(debtor)) == "MUT_020"
    debtor.call("POST", "relation", {"type": "B", "code": "2", "name": "B"})
    other = debtor.call("GET", "relation", code="2").json()["items"][0]["id"]
    twice = mutation(debtor, relationId=other)
    assert debtor.code("POST", "mutation", twice) == "MUT_019"
    found = debtor.call("GET", f"mutation/{answer.json()['id']}").json()
    assert found["vat"] == [{"vatCode": "HOOG_VERK_21", "amount": 21.0}]
    assert debtor.code("GET", "mutation/99") == "MUT_300"
    [item] = debtor.call("GET", "mutation/invoice/outstanding", credDeb="D").json()[
        "items"
    ]
    assert item["outstandingAmount"] == 121.0
    assert debtor.code("GET", "mutation/invoice/outstanding") == "MUTA_006"
    assert debtor.code("GET", "mutation/invoice/outstanding", credDeb="X") == "MUTA_007"


def payment(rest: Rest, **changes: Any) -> dict[str, Any]:
    """A payment on F1: invoice and relation stand in the row (contract 8.3)."""
    relation = rest.call("GET", "relation", code="10000").json()["items"][0]["id"]
    row = {"ledgerId": ledger(rest, "1300"), "vatCode": "GEEN", "amount": 121,
           "invoiceNumber": "F1", "relationId": relation}  # fmt: skip
    row |= changes.pop("row", {})
    return {
        "type": "3", "date": "2026-03-02", "ledgerId": ledger(rest, "1010"),
        "inExVat": "EX", "description": "Betaling", "entryNumber": "F1-1",
        "rows": [row], **changes,
    }  # fmt: skip


def purchase(rest: Rest, **changes: Any) -> dict[str, Any]:
    row = {"ledgerId": ledger(rest, "4000"), "vatCode": "HOOG_INK_21", "amount": 100}
    row |= changes.pop("row", {})
    head = {"type": "1", "ledgerId": ledger(rest, "1600"), "rows": [row]}
    return mutation(rest, **{**head, **changes})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ledgerId": 102}, "MUT_010"),
        ({"row": {"vatCode": "HOOG_VERK_21"}}, "MUT_110"),
        ({"row": {"vatCode": "HOOG_INK"}}, "MUT_109"),
        ({"row": {"ledgerId": 102}}, "MUT_106"),
        ({"row": {"vatAmount": 21}}, "MUTA_003"),
        ({"relationId": None}, "MUT_012"),
        ({"invoiceNumber": ""}, "MUT_002"),
        ({"invoiceNumber": "x" * 51}, "MUT_018"),
        ({"rows": []}, "MUT_100"),
    ],
)
def test_a_purchase_that_is_refused(debtor: Rest, change: Any, code: str) -> None:
    assert debtor.code("POST", "mutation", purchase(debtor, **change)) == code


def test_a_purchase_is_booked_once_for_each_supplier(debtor: Rest) -> None:
    assert debtor.call("POST", "mutation", purchase(debtor)).status_code == 201
    assert debtor.code("POST", "mutation", purchase(debtor)) == "MUT_020"
    other = {"type": "B", "code": "10001", "name": "Ander"}
    key = debtor.call("POST", "relation", other).json()["id"]
    same = purchase(debtor, relationId=key)
    assert debtor.call("POST", "mutation", same).status_code == 201
    sold = debtor.call("POST", "mutation", mutation(debtor))
    assert sold.status_code == 201  # of one number, a sale is no purchase


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ledgerId": 100}, "MUT_009"),
        ({"relationId": 1001}, "MUT_014"),
        ({"termOfPayment": 30}, "MUT_016"),
        ({"rows": []}, "MUT_100"),
        ({"row": {"invoiceNumber": ""}}, "MUT_120"),
        ({"row": {"invoiceNumber": "F9"}}, "MUT_115"),
        ({"row": {"relationId": 0}}, "MUT_112"),
        ({"row": {"relationId": 1}}, "MUT_113"),
        ({"row": {"ledgerId": 102}}, "MUT_108"),
        ({"row": {"vatCode": "HOOG_VERK_21"}}, "MUT_109"),
        ({"type": "4"}, "MUTA_009"),
    ],
)
def test_a_payment_that_is_refused(debtor: Rest, change: Any, code: str) -> None:
    assert debtor.call("POST", "mutation", mutation(debtor)).status_code == 201
    assert debtor.code("POST", "mutation", payment(debtor, **change)) == code


def test_payments_settle_and_money_back_opens_again(debtor: Rest) -> None:
    debtor.call("POST", "mutation", mutation(debtor))
    assert debtor.call("POST", "mutation", payment(debtor)).status_code == 201
    path = "mutation/invoice/outstanding"
    assert debtor.call("GET", path, credDeb="D").json()["items"] == []
    back = payment(debtor, row={"amount": -21.5})
    assert debtor.call("POST", "mutation", back).status_code == 201
    [item] = debtor.call("GET", path, credDeb="D").json()["items"]
    assert item["outstandingAmount"] == 21.5
    [found, _] = debtor.call("GET", "mutation", type="3").json()["items"]
    assert (found["entryNumber"], found["invoiceNumber"]) == ("F1-1", None)
    row = debtor.call("GET", f"mutation/{found['id']}").json()["rows"][0]
    assert (row["invoiceNumber"], row["amount"]) == ("F1", 121.0)


def test_a_row_has_whole_cents_and_a_short_text(debtor: Rest) -> None:
    for row in ({"amount": 100.005}, {"description": "x" * 51}):
        body = mutation(debtor, row=row)
        assert debtor.code("POST", "mutation", body) == "ERR_002"


def test_a_closed_period(debtor: Rest) -> None:
    debtor.vendor.control("administration", {"locked_to": "2026-12-31"})
    assert debtor.code("POST", "mutation", mutation(debtor)) == "MUT_005"


def test_what_it_answers_has_the_vendors_fields(debtor: Rest, facts: Any) -> None:
    number = debtor.call("POST", "mutation", mutation(debtor)).json()["id"]
    schemas = facts["schemas"]

    def fields(name: str) -> set[str]:
        return set(schemas[name]["fields"])

    relation = debtor.call("GET", "relation").json()["items"][0]
    answers = {
        "Ledger": debtor.call("GET", "ledger").json()["items"][0],
        "RelationListItem": relation,
        "Relation": debtor.call("GET", f"relation/{relation['id']}").json(),
        "MutationListItem": debtor.call("GET", "mutation").json()["items"][0],
        "OutstandingInvoiceListItem": debtor.call(
            "GET", "mutation/invoice/outstanding", credDeb="D"
        ).json()["items"][0],
        "AdministrationListItem": debtor.call("GET", "administration/linked").json()[
            "items"
        ][0],
    }
    for name, body in answers.items():
        assert set(body) <= fields(name), name
    booked = debtor.call("GET", f"mutation/{number}").json()
    assert set(booked) <= fields("Mutation")
    assert set(booked["rows"][0]) <= fields("MutationRow")


def test_every_code_it_gives_is_one_of_the_vendors(facts: Any) -> None:
    import re
    from pathlib import Path

    import plugins.eboekhouden.sandbox as sandbox

    folder = Path(sandbox.__file__).parent
    text = "".join((folder / f"{n}.py").read_text() for n in ("rest", "rest_books"))
    given = set(re.findall(r'"((?:MUTA?|REL|PAGE|API_SESSION|SECURITY|EP)_\d+)"', text))
    assert len(given) > 40
    assert given <= {row["code"] for row in facts["error_codes"]}
