"""The addresses: /api/{account}/{code}/{action}&{arguments}, and the control ones.

Reads and removals are GET with arguments behind the action and `&`; writes are POST
with form field `xml` (contract notes 1.1).

Control, beside the kit's:
POST /_control/account   {"account": "4711", "code": "...", "name": "..."}   add one
POST /_control/revoke    {"account": "4711"}     its code no longer works
POST /_control/settings  {"page_size": 50, "answers": "words"|"id"|"xml"}
POST /_control/customer  {"naam": ..., ...}      a customer typed in by the user
Faults, beside the kit's: {"kind": "code", "code": "500", "text": "Storing"} answers a
code in the body, and {"kind": "code_after", ...} does so after the work was done.
"""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

from flask import Blueprint, Flask, Response, request

from core.kit.sandbox import create_sandbox
from core.kit.sandbox.app import control_of, json_response, request_body, sandbox
from plugins.digitalefactuur.sandbox import customers, invoices, products
from plugins.digitalefactuur.sandbox.documents import Record, listing
from plugins.digitalefactuur.sandbox.errors import (
    FAULT,
    NO_ACCESS,
    NOT_FOUND,
    Refusal,
)

ACCOUNT, CODE = "4711", "sandbox-toegangscode"
"""The account that is always there."""
DEFAULTS: Record = {"page_size": invoices.PAGE, "answers": "words"}

WRITES: dict[str, Callable[[str | None], Record]] = {
    "klant_aanmaken": customers.create,
    "klant_updaten": customers.update,
    "factuur_aanmaken": invoices.create,
    "factuur_updaten": invoices.update,
    "factuur_versturen": invoices.send,
    "factuur_betaling_verwerken": invoices.pay,
    "factuur_betaling_ongedaan_maken": invoices.undo_payment,
    "product_aanmaken": products.create,
    "product_updaten": products.update,
}
REMOVALS: dict[str, tuple[str, Callable[[str], None]]] = {
    "klant_verwijderen": ("klanten_id", customers.delete),
    "factuur_verwijderen": ("facturen_id", invoices.delete),
    "product_verwijderen": ("products_id", products.delete),
}
LISTS: dict[str, Callable[[dict[str, str]], list[Record]]] = {
    "klanten": lambda arguments: customers.every(),
    "facturen": lambda arguments: invoices.listed(arguments, _settings()["page_size"]),
    "producten": lambda arguments: products.every(),
}

api = Blueprint("digitalefactuur_sandbox", __name__)
control = control_of("digitalefactuur")


def create_app(database: Path | str) -> Flask:
    """Return the sandbox; its memory is the SQLite file (or `:memory:`)."""
    app = create_sandbox("digitalefactuur", database)
    app.register_blueprint(api)
    app.register_blueprint(control)
    return app


@api.errorhandler(Refusal)
def _refused(refusal: Refusal) -> Response:
    return _text(refusal.body)


@api.route("/api/<account>/<code>/<call>", methods=["GET", "POST"])
def call(account: str, code: str, call: str) -> Response:
    """Answer one call: access first, then the action; always with status 200."""
    _check_access(account, code)
    fault = sandbox().faults.take("code", request.method, request.path)
    if fault:
        return _coded(fault.options)
    action, arguments = _split(call)
    with sandbox().store.lock:
        answer = _post(action) if request.method == "POST" else _get(action, arguments)
    fault = sandbox().faults.take("code_after", request.method, request.path)
    return _coded(fault.options) if fault else answer


def _coded(options: Record) -> Response:
    return _text(f"{options.get('code', FAULT)} {options.get('text', 'Storing')}")


def _check_access(account: str, code: str) -> None:
    """Refuse an unknown account or a wrong code; the words repeat both, as some do."""
    known = sandbox().store.get("account", account)
    wanted = CODE if known is None and account == ACCOUNT else (known or {}).get("code")
    if not wanted:
        raise Refusal(NO_ACCESS, f"Account {account} is onbekend")
    if wanted != code:
        raise Refusal(NO_ACCESS, f"Toegangscode {code} van {account} is onjuist")


def _split(call: str) -> tuple[str, dict[str, str]]:
    action, *rest = call.split("&")
    pairs = (part.partition("=") for part in rest)
    return action, {name: unquote(value) for name, _, value in pairs}


def _get(action: str, arguments: dict[str, str]) -> Response:
    if action in LISTS:
        body = listing(action, LISTS[action](arguments))
        return Response(body, mimetype="text/xml")
    if action in REMOVALS:
        name, remove = REMOVALS[action]
        remove(arguments.get(name, ""))
        return _text("Verwijderd")
    raise Refusal(NOT_FOUND, f"Onbekende actie {action}")


def _post(action: str) -> Response:
    if action not in WRITES:
        raise Refusal(NOT_FOUND, f"Onbekende actie {action}")
    record = WRITES[action](request.form.get("xml"))
    answers = _settings()["answers"]
    if answers == "id":
        return _text(record["id"])
    if answers == "xml":
        body = f"<digitalefactuur><id>{record['id']}</id></digitalefactuur>"
        return Response(body, mimetype="text/xml")
    return _text("Verwerkt")


def _text(body: str) -> Response:
    return Response(body, mimetype="text/html")


def _settings() -> Record:
    return {**DEFAULTS, **(sandbox().store.get("settings", "") or {})}


@control.post("/account")
def account() -> Response:
    """Add an account, or give one another code."""
    body = request_body()
    sandbox().store.put("account", str(body["account"]), body)
    return json_response({})


@control.post("/revoke")
def revoke() -> Response:
    """Take back an account's code."""
    name = str(request_body().get("account", ACCOUNT))
    sandbox().store.put("account", name, {"account": name, "code": ""})
    return json_response({})


@control.post("/settings")
def settings() -> Response:
    """Change how the sandbox answers; answers all settings."""
    sandbox().store.put("settings", "", {**_settings(), **request_body()})
    return json_response(_settings())


@control.post("/customer")
def customer() -> Response:
    """Add or change a customer as the vendor's user would, without any check."""
    body = request_body()
    with sandbox().store.lock:
        key = body.get("id") or str(
            sandbox().store.next_number("klant", customers.FIRST_ID)
        )
        known = sandbox().store.get("klant", key) or dict.fromkeys(customers.TAGS, "")
        sandbox().store.put("klant", key, {**known, **body, "id": key})
    return json_response({"id": key})
