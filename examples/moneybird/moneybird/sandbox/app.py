"""The simulated Moneybird: REST v2 in JSON, for every administration of the login.

Accepted writes go to the kit's ledger (`GET /_control/ledger`), each with its
administration.
"""

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

from flask import Blueprint, Flask, Response, request

from core.domain import jsontext
from core.kit.sandbox import create_sandbox
from core.kit.sandbox.app import json_response, sandbox
from moneybird.sandbox import contract, limit, oauth
from moneybird.sandbox.contract import Refused
from moneybird.sandbox.data import ACCOUNTS, ADMINISTRATIONS, TAX_RATES, Body

MOST = 100
"""The most that a page may hold."""
FIRST_ID = 433546260000000000
FILTERS = {"period", "contact_id", "state"}

api = Blueprint("api", __name__, url_prefix="/api/v2")
IDS = {each["id"] for each in ADMINISTRATIONS}


def create_app(database: Path | str) -> Flask:
    """Return the sandbox; its memory is the SQLite file (or `:memory:`)."""
    app = create_sandbox("moneybird", database)
    app.register_blueprint(api)
    app.register_blueprint(oauth.bp)
    return app


@api.errorhandler(Refused)
def _refused(error: Refused) -> Response:
    return json_response({"error": error.error, "symbolic": {}}, error.status)


@api.before_request
def _guard() -> Response | None:
    if not oauth.is_granted(request.headers.get("Authorization", "")):
        return json_response({"error": "The access token is invalid"}, 401)
    refusal = limit.exceeded()
    if refusal is not None:
        return refusal
    administration = (request.view_args or {}).get("administration")
    if administration is not None and administration not in IDS:
        raise Refused(404, "record not found")
    return None


@api.get("/administrations.json")
def administrations() -> Response:
    """Return what the login opens."""
    return json_response(ADMINISTRATIONS)


@api.get("/<administration>/tax_rates.json")
def tax_rates(administration: str) -> Response:
    """Return VAT rates: all, or of a type and in use."""
    wanted = _filter({"tax_rate_type", "active"})
    active = {"true": True, "false": False}.get(wanted.get("active", ""))
    kind = wanted.get("tax_rate_type", "all")
    return _page(
        {**each, "administration_id": administration}
        for each in TAX_RATES
        if kind in ("all", each["tax_rate_type"]) and active in (None, each["active"])
    )


@api.get("/<administration>/ledger_accounts.json")
def ledger_accounts(administration: str) -> Response:
    """Return the ledger accounts."""
    return _page({**each, "administration_id": administration} for each in ACCOUNTS)


@api.get("/<administration>/contacts.json")
def contacts(administration: str) -> Response:
    """Return contacts: all, or those in which the words of `query` stand."""
    words = request.args.get("query", "").lower()
    return _page(
        each
        for each in _kept("contact", administration)
        if words in " ".join(filter(None, map(str, each.values()))).lower()
    )


@api.get("/<administration>/external_sales_invoices.json")
def external_sales_invoices(administration: str) -> Response:
    """Return invoices of a period, which is this year when nothing is asked."""
    wanted = _filter(FILTERS)
    this_year = f"{sandbox().clock.now():%Y}0101..{sandbox().clock.now():%Y}1231"
    begin, _, end = wanted.get("period", this_year).partition("..")
    first, last = _day(begin), _day(end)
    contact = wanted.get("contact_id")
    return _page(
        each
        for each in _kept("external_sales_invoice", administration)
        if first <= date.fromisoformat(each["date"]) <= last
        and contact in (None, each["contact_id"])
    )


@api.post("/<administration>/contacts.json")
def create_contact(administration: str) -> Response:
    """Make a contact; one with the same address may be there already."""
    return _create("contact", administration, contract.contact)


@api.post("/<administration>/external_sales_invoices.json")
def create_external_sales_invoice(administration: str) -> Response:
    """Make an external sales invoice; its reference may be used already."""

    def read(body: Body) -> Body:
        return contract.invoice(administration, body)

    return _create("external_sales_invoice", administration, read)


def _create(kind: str, administration: str, read: Callable[[Body], Body]) -> Response:
    body = jsontext.loads(request.get_data())
    if not isinstance(body, dict) or not body.get(kind):
        raise Refused(400, f"param is missing or the value is empty: {kind}")
    store = sandbox().store
    with store.lock:
        values = read(body[kind])
        made = {
            "id": str(store.next_number("id", FIRST_ID)),
            "administration_id": administration,
            **values,
        }
        store.put(kind, made["id"], made)
        store.record(kind, made["id"], made)
    return json_response(made, 201)


def _kept(kind: str, administration: str) -> Iterable[Body]:
    found = sandbox().store.list(kind)
    return (each for each in found if each["administration_id"] == administration)


def _filter(known: set[str]) -> dict[str, str]:
    """Return what `filter` asks, such as `state:all,period:this_year`."""
    parts = [part for part in request.args.get("filter", "").split(",") if part]
    wanted = dict(part.partition(":")[::2] for part in parts)
    if not wanted.keys() <= known:
        raise Refused(400, "Invalid filter")
    return wanted


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(400, "Invalid period") from None


def _page(found: Iterable[Body]) -> Response:
    """Return a page, with the next one's address in the header Link."""
    page = max(request.args.get("page", 1, type=int), 1)
    size = min(max(request.args.get("per_page", 50, type=int), 1), MOST)
    every = list(found)
    answer = json_response(every[(page - 1) * size : page * size])
    if page * size < len(every):
        answer.headers["Link"] = f'<{request.base_url}?page={page + 1}>; rel="next"'
    return answer
