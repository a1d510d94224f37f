"""AccountView's Web API: reading a quarter, paging, refusals, login."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import requests

from core.domain.clock import utcnow
from core.domain.declarations import Box, IcpKind, Rubric, TaxPeriod
from core.domain.errors import AskUser, AuthenticationLost, ClientRefused, RetryLater
from core.net.oauth import authorize_address, exchange_code, refresh
from plugins.accountview import connector, wire
from plugins.accountview.client import SCOPE, AccountView, provider
from plugins.accountview.mapping import compute
from plugins.belastingdienst.checks import icp_problems, return_problems
from tests.contract.accountview.conftest import World
from tests.figure_sums import Sums
from tests.shared import shared_file

Q3 = TaxPeriod.quarter(2026, 3)
DAY = date(2026, 7, 1)


class Tokens:
    """A token that may be renewed once."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.given = 0

    def access_token(self) -> str:
        self.given += 1
        return str(self._world.control("grant")["access_token"])

    def renew(self, rejected: str) -> str:
        return self.access_token()


class Revoked(Tokens):
    """A token that is refused."""

    def access_token(self) -> str:
        return "nooit-gegeven"

    def renew(self, rejected: str) -> str:
        raise AuthenticationLost("authentication_lost", service="AccountView")


@pytest.fixture
def client(world: World) -> Iterator[AccountView]:
    with AccountView(f"{world.url}/api/v3/", Tokens(world), company="1000").http as _:
        yield AccountView(f"{world.url}/api/v3/", Tokens(world), company="1000")


def test_companies_administrations_and_undertakings(client: AccountView) -> None:
    (company,) = client.companies()
    assert (company.id, company.code) == ("1000", "DEMO2026")
    (administration,) = client.administrations()
    assert administration.year == "2026"
    (undertaking,) = client.undertakings()
    assert (undertaking.tax_number, undertaking.visma_id) == ("001000044B37", 0)


def test_a_quarter_becomes_a_return_and_an_icp_declaration(
    client: AccountView,
) -> None:
    found = compute(
        Q3,
        client.transactions(Q3.start, Q3.end),
        client.vat_codes(DAY),
        client.debtors(DAY),
        services={"5"},
    )
    made = Sums(found).vat_return
    boxes = {rubric.value: made.box(rubric) for rubric in Rubric}
    whole = {
        rubric: (box.turnover, box.vat) for rubric, box in boxes.items() if box != Box()
    }
    assert whole == {
        "1a": (12500, 2625),
        "1b": (1000, 90),
        "2a": (600, 126),
        "3a": (4000, 0),
        "3b": (12470, 0),
        "4b": (1500, 315),
        "5b": (0, 889),
    }
    assert (made.owed, made.payable) == (3156, 2267)
    assert found.doubts == ()
    rows = [
        (one.kind, one.customer.country, one.amount) for one in Sums(found).icp.rows
    ]
    assert sorted(rows) == [
        (IcpKind.ABC, "FR", 900),
        (IcpKind.GOODS, "DE", 8000),
        (IcpKind.GOODS, "EL", 450),
        (IcpKind.SERVICES, "BE", 3120),
    ]
    assert return_problems(made) == []
    assert icp_problems(Sums(found).icp, made.box(Rubric.R3B).turnover) == []
    assert len(Sums(found).behind(Rubric.R3B)) == 5


def test_a_list_is_read_page_by_page(world: World) -> None:
    rows = [
        {"TRN_DATE": "2026-08-01", "VAT_CODE": "1", "ACCT_NR": "8000", "BASE_AMT": -1,
         "VAT_AMT": 0, "INV_NR": f"N{number}"}
        for number in range(23)
    ]  # fmt: skip
    world.control("transactions", {"company": "1000", "rows": rows})
    api = AccountView(
        f"{world.url}/api/v3/", Tokens(world), company="1000", page_size=10
    )
    read = list(api.transactions(Q3.start, Q3.end))
    assert len({one.id for one in read}) == len(read) == 43
    found = [one.invoice_number for one in read]
    assert [number for number in found if number[:1] == "N"] == [
        f"N{number}" for number in range(23)
    ]
    calls = world.control("calls", verb="GET")
    assert calls["GET /api/v3/<name>"] == 5


def test_a_page_that_brings_nothing_new_ends_the_reading(
    client: AccountView, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An API that does not know LastKey would page for ever."""
    row = {"ADM_CODE": "A", "ADM_DESC": "", "ATS_YEAR": "", "ADM_ARCH": False}
    monkeypatch.setattr(client, "_page_size", 1)
    monkeypatch.setattr(client, "_page", lambda *_: [row])
    assert len(client.administrations()) == 1


def test_without_a_company_nothing_is_read(world: World) -> None:
    api = AccountView(f"{world.url}/api/v3/", Tokens(world))
    with pytest.raises(AskUser, match="accountview_company_missing"):
        api.vat_codes(DAY)
    assert api.companies()


@pytest.mark.parametrize("status", [200, 400, 422])
def test_an_error_is_read_whatever_its_status(
    world: World, client: AccountView, status: int
) -> None:
    world.fault("api_error", path="api/v3", message="Licentie", status=status)
    with pytest.raises(AskUser, match="accountview_refused") as error:
        client.debtors(DAY)
    assert error.value.params["message"] == "Licentie"


def test_another_company_is_refused(world: World) -> None:
    api = AccountView(f"{world.url}/api/v3/", Tokens(world), company="9999")
    with pytest.raises(AskUser, match="accountview_refused"):
        api.administrations()


def test_a_lost_login_is_told_apart(world: World) -> None:
    api = AccountView(f"{world.url}/api/v3/", Revoked(world), company="1000")
    with pytest.raises(AuthenticationLost):
        api.companies()


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "html"},
        {"kind": "status", "status": 503},
        {"kind": "drop"},
        {"kind": "status", "status": 200, "body": {"TRANSACT": [{"REC_ID": 1}]}},
        {"kind": "status", "status": 200, "body": {"VAT": "?"}},
        {"kind": "status", "status": 200, "body": []},
    ],
)
def test_what_is_no_answer_is_asked_again(
    world: World, client: AccountView, fault: dict[str, Any]
) -> None:
    world.control("faults", {**fault, "path": "api/v3"})
    with pytest.raises(RetryLater):
        list(client.transactions(Q3.start, Q3.end))


def test_a_field_that_is_missing_or_of_another_type_is_malformed() -> None:
    good = {"VAT_CODE": "1", "VAT_NAME": "x", "VAT_PCT": 21, "FRM_CODE": "1a",
            "FRM_MEMO": "", "IS_ABC": False, "IS_REVERSE": False, "VAT_ACCT": "1500",
            "ACCT_MEMO": ""}  # fmt: skip
    assert wire.vat_code(good).accounts == {"1500"}
    for change in (
        {"VAT_PCT": "21"}, {"VAT_PCT": True}, {"IS_ABC": 0}, {"VAT_PCT": None},
    ):  # fmt: skip
        with pytest.raises(wire.Malformed):
            wire.vat_code({**good, **change})
    with pytest.raises(wire.Malformed):
        wire.vat_code({key: good[key] for key in good if key != "FRM_CODE"})
    for text in ("", "geen datum", "1899-12-30T00:00:00"):
        with pytest.raises(wire.Malformed):
            wire.day({"D": text}, "D")
    assert wire.day({"D": "2026-07-03T00:00:00"}, "D") == date(2026, 7, 3)


FILES = {"ADM_LIST": "adm_list", "COMP_HDR": "comp_hdr", "VAT": "vat",
         "TRANSACT": "transact", "CONTACT": "contact"}  # fmt: skip


@pytest.mark.parametrize(
    "table",
    [
        wire.ADMINISTRATIONS, wire.UNDERTAKINGS, wire.VAT_CODES, wire.DEBTORS,
        wire.TRANSACTIONS,
    ],
    ids=lambda table: table.name,
)  # fmt: skip
def test_every_field_is_in_the_vendors_list(table: wire.Table) -> None:
    path = shared_file(f"contracts/accountview/webapi/fields/{FILES[table.name]}.json")
    listed = {
        one["FIELD_NAME"]: one["FIELD_TYPE"] for one in json.loads(path.read_text())
    }
    assert set(table.fields) <= set(listed)
    assert table.key in table.fields


def test_the_login_gives_tokens_that_rotate(world: World) -> None:
    place = provider(
        f"{world.url}/api/v3/", f"{world.url}/ams/authorize.aspx",
        "koppelwerk-sandbox", "sandbox-secret",
    )  # fmt: skip
    back = "http://localhost:8000/connections/callback"
    address = authorize_address(place, back, "toestand")
    assert SCOPE in address
    login = {"email": "demo@example.com", "password": "demo", "action": "allow"}
    answer = requests.post(address, login, allow_redirects=False, timeout=5)
    location = answer.headers["Location"]
    assert location.startswith(back)
    assert "state=toestand" in location
    code = location.partition("code=")[2].partition("&")[0]
    tokens = exchange_code(place, code, back, utcnow())
    renewed = refresh(place, tokens, utcnow())
    assert renewed.refresh_token != tokens.refresh_token
    for used in (lambda: exchange_code(place, code, back, utcnow()),
                 lambda: refresh(place, tokens, utcnow())):  # fmt: skip
        with pytest.raises(AuthenticationLost, match="grant_refused"):
            used()
    stranger = provider(f"{world.url}/api/v3/", place.authorize_url, "x", "y")
    with pytest.raises(ClientRefused):
        refresh(stranger, renewed, utcnow())


def test_book_years_are_asked_for_once() -> None:
    asked: list[str] = []
    found = [wire.Company(str(one), f"D{one}", "") for one in (2025, 2026, 2027)]

    def ask(company: str) -> list[wire.Administration]:
        asked.append(company)
        codes = ("2025", "2026") if company != "2027" else ()
        return [wire.Administration(f"D{one}", "", one) for one in codes]

    made = connector.with_years(found, (), ask)
    assert [one.year for one in made] == ["2025", "2026", ""]
    assert asked == ["2025", "2027"]
    assert connector.with_years(found, made, ask) == made
    assert asked == ["2025", "2027"]
