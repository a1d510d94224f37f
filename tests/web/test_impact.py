"""Configuratie says what a change touches before it is saved."""

import re
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient

from core.domain.clock import utcnow
from core.domain.foreseen import Foreseen, Posting
from core.domain.money import ZERO
from core.domain.orders import Order
from core.models import Coupling, Tenant
from core.models import TransferState as State
from core.runtime.database import session
from core.services.linking import replanning
from plugins.eaccounting.models import EAccountingPaymentMapping
from plugins.eaccounting.setup import Setup
from tests.web import samples
from tests.web.conftest import Site
from tests.web.samples import Sample
from tests.web.test_configuration_pages import SETTINGS, _rows, _saved
from tests.web.test_configuration_pages import sample as configurable

sample = configurable
VAT = [("NL", "21", "vh", "8000"), ("NL", "9", "vl", "8000"),
       ("ICP", "0", "icp", "8030")]  # fmt: skip
ADDRESS = "/configuratie/1/btw"
PAYMENTS = {"method": ["iDEAL", "PayPal"], "clearing_account": ["2000", ""],
            "fixed_debtor": ["", "d1"]}  # fmt: skip


@pytest.fixture
def owner(site: Site, sample: Sample) -> FlaskClient:
    """The owner of a coupling in use, with orders."""
    client = site.client(sample.owner)
    for path, form in (
        ("bestellingen", SETTINGS), ("debiteuren", SETTINGS),
        ("btw", _rows(*VAT)), ("betaalmethoden", PAYMENTS),
    ):  # fmt: skip
        answer = client.post(f"/configuratie/1/{path}", data=form)
        assert answer.status_code == 303  # the first time nothing is asked
    client.post("/configuratie/1/begin")
    return client


def _orders(site: Site, sample: Sample) -> None:
    now = utcnow()
    with site.data():
        for number, (state, days, values) in enumerate(
            [
                (State.WAITING, 1, {}),
                (State.FAILED, 200, {}),
                (State.DONE, 5, {"booked_at": now}),
                (State.DONE, 120, {"booked_at": now}),
                (State.SKIPPED, 5, {}),
            ]
        ):
            samples.transfer(
                sample, f"O{number}", state, ordered_at=now - timedelta(days=days),
                **values,
            )  # fmt: skip
        samples.transfer(
            sample, "DE", State.WAITING, ordered_at=now,
            order_values={"country": "DE", "payment_method": "Klarna"},
        )  # fmt: skip


def _counts(page: str) -> tuple[int, ...]:
    found = (
        re.search(pattern, page)
        for pattern in (
            r"(\d+) bestelling(?:en)? die wacht", r"ging het om (\d+) bestelling",
            r"Daarvan zijn er (\d+) geboekt",
        )
    )  # fmt: skip
    return tuple(int(match[1]) for match in found if match)


def _lines(page: str) -> list[tuple[str, ...]]:
    rows = re.findall(r"<tr><td data-label.*?</tr>", page, re.DOTALL)
    return [tuple(re.findall(r">([^<>\n]+)<", row)) for row in rows]


def _confirmed(page: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in re.findall(
        r'<input type="hidden" name="(\w+)" value="([^"]*)">', page
    ):
        found.setdefault(name, []).append(value)
    return found


def test_a_changed_vat_line_says_what_it_touches_first(
    site: Site, sample: Sample, owner: FlaskClient
) -> None:
    _orders(site, sample)
    before = _saved(site)
    changed = _rows(("NL", "21", "vl", "8000"), *VAT[1:])
    answer = owner.post(ADDRESS, data=changed)
    assert answer.status_code == 200
    assert _saved(site) == before
    assert _lines(answer.text) == [
        ("Nederland 21%", "VH hoog · 8000 Omzet", "VL laag · 8000 Omzet")
    ]
    # waiting and failed; of 90 days: waiting, booked and skipped; one booked
    assert _counts(answer.text) == (2, 3, 1)
    answer = owner.post(ADDRESS, data=_confirmed(answer.text))
    assert answer.status_code == 303
    assert ("country", "NL", Decimal(21), "vl", "8000") in _saved(site)
    assert len(_saved(site)) == 3


def test_a_line_that_goes_is_shown_too(site: Site, owner: FlaskClient) -> None:
    rows = _rows(("DE", "19", "de19", "8200"))
    page = owner.post("/configuratie/1/btw-andere-landen", data=rows).text
    assert _lines(page) == [("ICP (bedrijven in de EU) 0%", "ICP · 8030 ICP", "—")]
    assert _counts(page) == (0, 0, 0)


@pytest.mark.parametrize(
    "rows", [VAT, [*VAT, ("DE", "19", "de19", "8200")], list(reversed(VAT))]
)
def test_what_changes_nothing_in_use_is_saved_at_once(
    site: Site, owner: FlaskClient, rows: list[tuple[str, str, str, str]]
) -> None:
    assert owner.post(ADDRESS, data=_rows(*rows)).status_code == 303
    assert len(_saved(site)) == len(rows)


def test_terug_keeps_what_was_typed(site: Site, owner: FlaskClient) -> None:
    before = _saved(site)
    changed = _rows(("NL", "21", "vl", "8000"), *VAT[1:])
    page = owner.post(ADDRESS, data=changed).text
    back = owner.post(ADDRESS, data={**_confirmed(page), "terug": "1"})
    assert back.status_code == 200
    assert 'id="group-NL"' in back.text
    group = back.text[back.text.index('id="group-NL"') :]
    assert re.search(r'value="(\w+)" selected', group)[1] == "vl"  # type: ignore[index]
    assert _saved(site) == before


def test_a_confirmation_of_an_older_version_is_asked_again(
    site: Site, owner: FlaskClient
) -> None:
    page = owner.post(ADDRESS, data=_rows(("NL", "21", "vl", "8000"), *VAT[1:])).text
    with site.data() as session:
        session.get(Coupling, 1).version += 1
    answer = owner.post(ADDRESS, data=_confirmed(page))
    assert answer.status_code == 200
    assert "Klopt deze wijziging?" in answer.text


def test_changed_payment_methods_count_their_own_orders(
    site: Site, sample: Sample, owner: FlaskClient
) -> None:
    _orders(site, sample)
    changed: dict[str, Any] = {**PAYMENTS, "clearing_account": ["", ""],
                               "fixed_debtor": ["d1", "d1"]}  # fmt: skip
    page = owner.post("/configuratie/1/betaalmethoden", data=changed).text
    assert _lines(page) == [("iDEAL", "2000 iDEAL", "Balieverkoop")]
    assert _counts(page) == (2, 3, 1)
    answer = owner.post("/configuratie/1/betaalmethoden", data=_confirmed(page))
    assert answer.status_code == 303


def test_changed_settings_touch_every_order(
    site: Site, sample: Sample, owner: FlaskClient
) -> None:
    _orders(site, sample)
    changed = SETTINGS | {"duplicate_debtor": "oldest"}
    page = owner.post("/configuratie/1/debiteuren", data=changed).text
    [line] = _lines(page)
    assert line[0] == "Als meer debiteuren hetzelfde e-mailadres hebben"
    assert line[2] == "Gebruik de oudste debiteur"
    assert _counts(page) == (3, 4, 1)
    back = owner.post(
        "/configuratie/1/debiteuren", data={**_confirmed(page), "terug": "1"}
    ).text
    assert re.search(r'<option selected value="oldest"', back)
    answer = owner.post("/configuratie/1/debiteuren", data=_confirmed(page))
    assert answer.status_code == 303
    with site.data() as session:
        assert session.get(Coupling, 1).settings["duplicate_debtor"] == "oldest"


def test_another_first_date_moves_no_order_elsewhere(
    site: Site, sample: Sample, owner: FlaskClient
) -> None:
    _orders(site, sample)
    changed = SETTINGS | {"starts_on": "2026-02-01"}
    page = owner.post("/configuratie/1/bestellingen", data=changed).text
    assert _lines(page) == [
        ("Bestellingen doorzetten vanaf", "1 jan 2026", "1 feb 2026")
    ]
    assert _counts(page) == (0, 0, 0)
    back = owner.post(
        "/configuratie/1/bestellingen", data={**_confirmed(page), "terug": "1"}
    ).text
    assert 'name="starts_on" value="2026-02-01"' in back


def test_an_icp_line_touches_icp_orders_only(
    site: Site, sample: Sample, owner: FlaskClient
) -> None:
    _orders(site, sample)
    changed = _rows(*VAT[:2], ("ICP", "0", "exp", "8030"))
    assert _counts(owner.post(ADDRESS, data=changed).text) == (0, 0, 0)


def test_many_orders_are_counted_up_to_a_limit(
    site: Site, sample: Sample, owner: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    _orders(site, sample)
    monkeypatch.setattr("core.services.linking.impact.MOST", 2)
    page = owner.post(ADDRESS, data=_rows(("NL", "21", "vl", "8000"), *VAT[1:])).text
    assert "alleen de nieuwste zijn bekeken" in page


def test_deleting_the_vat_table_says_what_it_touches(
    site: Site, sample: Sample, owner: FlaskClient
) -> None:
    _orders(site, sample)
    page = owner.get("/configuratie/1/btw-verwijderen").text
    assert _counts(page) == (2, 3, 1)


def test_orders_of_others_do_not_count(
    site: Site, sample: Sample, owner: FlaskClient
) -> None:
    _orders(site, site.sample("Canary", 2))
    changed = SETTINGS | {"duplicate_debtor": "oldest"}
    page = owner.post("/configuratie/1/debiteuren", data=changed).text
    assert _counts(page) == (0, 0, 0)


def test_the_last_orders_are_planned_before_it_is_saved(
    site: Site, sample: Sample, owner: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the stored table and by the posted one, and only the posted one is kept."""
    _orders(site, sample)
    before = _saved(site)
    changed = _rows(("NL", "21", "vh", "8200"), *VAT[1:])
    asked = owner.post(ADDRESS, data=changed).text
    [where] = re.findall(r'formaction="([^"]+)"', asked)
    assert where == "/configuratie/1/wat-verandert/btw"
    monkeypatch.setattr(replanning, "_plans", _by_the_table)
    page = owner.post(where, data=_confirmed(asked)).text
    assert _saved(site) == before
    assert "6 bestellingen zijn bekeken" in page
    assert "5 bestellingen worden anders" in page
    assert "1 bestelling blijft hetzelfde" in page
    for said in ("8000 Omzet", "8200 Omzet", "100,00", "Credit", "nog niet geboekt"):
        assert said in page
    [save] = re.findall(r'action="(/configuratie/1/btw)"', page)
    assert owner.post(save, data=_confirmed(page)).status_code == 303
    assert ("country", "NL", Decimal(21), "vh", "8200") in _saved(site)


def _by_the_table(
    coupling: Coupling, _package: Any, loaded: Sequence[Order]
) -> list[Foreseen]:
    """What the stored table makes of orders, for a package without a ledger."""
    setup = Setup.load(coupling, session().get_one(Tenant, coupling.tenant_id))
    return [_entry(setup.reasoning(order)["lines"][0]) for order in loaded]


def _entry(line: dict[str, str]) -> Foreseen:
    account = line.get("account", "")
    code = line.get("vat_code", "")
    return Foreseen(postings=(Posting(account, "Omzet", "", ZERO, Decimal(100), code),))


@pytest.mark.parametrize(
    ("part", "form"), [("bestellingen", SETTINGS), ("betaalmethoden", PAYMENTS)]
)
def test_each_part_can_be_planned(
    site: Site, sample: Sample, owner: FlaskClient, part: str, form: dict[str, Any]
) -> None:
    _orders(site, sample)
    before = site_settings(site)
    answer = owner.post(f"/configuratie/1/wat-verandert/{part}", data=form)
    assert answer.status_code == 200
    assert "0 bestellingen worden anders" in answer.text
    assert site_settings(site) == before


def site_settings(site: Site) -> tuple[Any, ...]:
    with site.data() as current:
        coupling = current.query(Coupling).one()
        lines = current.query(EAccountingPaymentMapping).all()
        return coupling.version, coupling.settings, [row.method for row in lines]


def test_only_an_owner_plans_what_is_a_part(site: Site, sample: Sample) -> None:
    where = "/configuratie/1/wat-verandert"
    assert site.client(sample.colleague).post(f"{where}/btw").status_code == 403
    assert site.client(sample.owner).post(f"{where}/onzin").status_code == 404
