"""The SOAP address: its WSDL, and the operations (contract 2 and 3)."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, request

from core.kit.sandbox.app import sandbox
from plugins.eboekhouden.sandbox import books, envelopes, rules
from plugins.eboekhouden.sandbox.books import Body, Refusal
from plugins.eboekhouden.sandbox.wsdl import OPERATIONS, wsdl

ADDRESS = "/soap.asmx"
_NEWEST = 500
_SESSION_ERRORS = {
    "unknown": ("E002.2", "De sessie is niet gevonden."),
    "expired": ("E002.3", "De sessie is verlopen."),
    "closed": ("E002.4", "De sessie is gesloten."),
}

service = Blueprint("eboekhouden_soap", __name__)


@service.get(ADDRESS)
def description() -> Response:
    """Serve the WSDL; its address is plain http, as in the vendor's own."""
    host = request.host_url.rstrip("/").replace("https://", "http://")
    return Response(wsdl(host + ADDRESS), mimetype="text/xml")


@service.post(f"{ADDRESS}/<operation>")
def call(operation: str) -> Response:
    """Do one operation; refusals are answers with an error code, status 200."""
    if request.mimetype != "text/xml":
        return Response("Unsupported Media Type", 415, mimetype="text/plain")
    try:
        name, arguments = envelopes.parse(request.get_data())
        if name != operation:
            raise envelopes.NotSoap(f"SOAPAction {operation} and body {name} differ")
    except envelopes.NotSoap as error:
        return Response(envelopes.fault("Client", str(error)), 500, mimetype="text/xml")
    with sandbox().store.lock:
        result = _answer(name, arguments)
    content = envelopes.answer(name, result)
    fault = sandbox().faults.take("replace", request.method, request.path)
    if fault is not None:
        options = fault.options
        new = bytes.fromhex(options["hex"]) if "hex" in options else b""
        new = new or str(options["new"]).encode()
        content = content.replace(str(options["old"]).encode(), new)
    return Response(content, mimetype="text/xml")


@service.post(ADDRESS)
def without_action() -> Response:
    """Refuse a call without SOAPAction, as .NET does."""
    text = "Server did not recognize the value of HTTP Header SOAPAction: ."
    return Response(envelopes.fault("Client", text), 500, mimetype="text/xml")


def _answer(name: str, arguments: Body) -> Body:
    empty: Body = {"LastErrorCode": "", "LastErrorDescription": ""}
    try:
        if name in ("OpenSession", "OpenSessionSub"):
            done = _open(arguments, sub=name.endswith("Sub"))
        elif name == "CloseSession":
            done = _close(arguments)
        else:
            done = _HANDLERS[name](_in_session(arguments), arguments)
    except Refusal as refusal:
        empty = {"LastErrorCode": refusal.code, "LastErrorDescription": refusal.text}
        done = {"Rel_ID": 0, "Mutatienummer": 0, "Saldo": Decimal(0)}
    if OPERATIONS[name][1] == "cError":
        return empty
    return {"ErrorMsg": empty, **done}


def _open(given: Body, *, sub: bool) -> Body:
    for name, limit in (("Username", 55), ("SecurityCode1", 50), ("SecurityCode2", 50)):
        if not given.get(name) or len(given[name]) > limit:
            raise Refusal("E001.1", f"{name} ontbreekt of is te lang.")
    if len(given.get("Source", "")) > 15:
        raise Refusal("E001.7", "Source is te lang.")
    users = {row["username"]: row for row in books.all_administrations()}
    user = users.get(given["Username"])
    if user is None:
        raise Refusal("E001.1", "Gebruikersnaam is onjuist.")
    if given["SecurityCode1"] != user["code1"]:
        raise Refusal("E001.2", "Beveiligingscode 1 is onjuist.")
    if given["SecurityCode2"] != user["Guid"]:
        raise Refusal("E001.3", "Beveiligingscode 2 is onjuist.")
    if user["blocked"]:
        raise Refusal("E001.5", "De gebruiker is geblokkeerd.")
    books.count_call(user["key"])
    if sub:
        raise Refusal("E002.5", "U bent geen accountant.")
    return {"SessionID": books.open_session(user["key"], "soap")}


def _close(given: Body) -> Body:
    key, _ = books.session_state(given.get("SessionID", ""), "soap")
    if key:
        books.count_call(key)
        books.close_session(given["SessionID"])
    return {}


def _in_session(given: Body) -> str:
    """Return the administration of a good session; raise Refusal otherwise."""
    session = given.get("SessionID", "")
    if not session or len(session) > 50:
        raise Refusal("E002.1", "De sessie is ongeldig.")
    key, wrong = books.session_state(session, "soap")
    if key:
        books.count_call(key)
    if wrong:
        raise Refusal(*_SESSION_ERRORS[wrong])
    if given.get("SecurityCode2") != books.administration(key)["Guid"]:
        raise Refusal("E001.3", "Beveiligingscode 2 is onjuist.")
    return key


def _administrations(key: str, _: Body) -> Body:
    own = books.administration(key)
    names = ("Bedrijf", "Plaats", "Guid", "StartBoekjaar")
    return {"Administraties": [{name: own[name] for name in names}]}


def _relations(key: str, given: Body) -> Body:
    query = given.get("cFilter") or {}
    found = books.relations(key)
    if query.get("ID"):
        found = [row for row in found if row["ID"] == query["ID"]]
    if query.get("Code"):
        found = [row for row in found if row["Code"] == query["Code"]]
    word = query.get("Trefwoord", "").lower()
    searched = ("Code", "Bedrijf", "Plaats", "Contactpersoon", "Email")
    if word:
        found = [
            row
            for row in found
            if any(word in str(row.get(name) or "").lower() for name in searched)
        ]
    return {"Relaties": found}


def _relation_of(given: Body) -> Body:
    body = dict(given.get("oRel") or {})
    if not body:
        raise Refusal("CREL901", "De relatie ontbreekt.")
    body["AddDatum"] = body["AddDatum"].isoformat()
    return body


def _add_relation(key: str, given: Body) -> Body:
    body = _relation_of(given)
    rules.check_relation(key, body, is_new=True)
    return {"Rel_ID": books.save_relation(key, body)["ID"]}


def _update_relation(key: str, given: Body) -> Body:
    """Replace the whole record: what is left out or empty is wiped (contract 10)."""
    body = _relation_of(given)
    rules.check_relation(key, body, is_new=False)
    books.save_relation(key, body)
    return {}


def _add_entry(key: str, given: Body) -> Body:
    body = dict(given.get("oMut") or {})
    if not body:
        raise Refusal("CMUT006", "De mutatie ontbreekt.")
    rules.check_entry(key, body)
    made = books.save_entry(key, {**body, "Datum": body["Datum"].isoformat()})
    return {"Mutatienummer": made["MutatieNr"]}


def _entries(key: str, given: Body) -> Body:
    """Answer the newest 500 of what fits, without the payment reference."""
    query = given.get("cFilter") or {}
    found = [row for row in books.entries(key) if _fits(row, query)]
    return {"Mutaties": found[-_NEWEST:]}


def _fits(row: Body, query: Body) -> bool:
    number = row["MutatieNr"]
    day = date.fromisoformat(row["Datum"])
    return (
        query.get("MutatieNr", 0) in (0, number)
        and number >= (query.get("MutatieNrVan") or 0)
        and number <= (query.get("MutatieNrTm") or number)
        and query.get("Factuurnummer", "") in ("", row.get("Factuurnummer"))
        and query.get("DatumVan", day) <= day <= query.get("DatumTm", day)
    )


def _open_items(key: str, given: Body) -> Body:
    if given["OpSoort"] == "Crediteuren":
        return {"Openposten": []}
    return {
        "Openposten": [
            {
                "MutDatum": item["entry"]["Datum"],
                "MutFactuur": item["entry"]["Factuurnummer"],
                "RelCode": item["entry"]["RelatieCode"],
                "RelBedrijf": item["debtor"].get("Bedrijf", ""),
                "Bedrag": item["amount"],
                "Voldaan": item["settled"],
                "Openstaand": item["amount"] - item["settled"],
            }
            for item in books.open_items(key)
        ]
    }


def _balance(key: str, given: Body) -> Body:
    query = given.get("cFilter") or {}
    return {"Saldo": books.balance(key, query.get("GbCode", ""))}


def _accounts(key: str, given: Body) -> Body:
    query = given.get("cFilter") or {}
    return {
        "Rekeningen": [
            row
            for row in books.accounts(key)
            if query.get("ID", 0) in (0, row["ID"])
            and query.get("Code", "") in ("", row["Code"])
            and query.get("Categorie", "") in ("", row["Categorie"])
        ]
    }


_HANDLERS: dict[str, Callable[[str, Body], Any]] = {
    "GetAdministraties": _administrations,
    "GetRelaties": _relations,
    "AddRelatie": _add_relation,
    "UpdateRelatie": _update_relation,
    "AddMutatie": _add_entry,
    "GetMutaties": _entries,
    "GetOpenPosten": _open_items,
    "GetSaldo": _balance,
    "GetGrootboekrekeningen": _accounts,
}
