"""The sandbox's addresses and what it answers (source: VIES's WSDL and test service).

The test service's numbers work for every country: 100 is valid, 200 is not, and the
others give the fault of their number. Every other number is valid when its form and
check digits are right, unless it was put on the list of invalid ones.

Control:
POST /_control/invalid  {"number": "NL..."}   this number is not registered
POST /_control/down     {"fault": "MS_UNAVAILABLE", "country": "DE"}   country optional
DELETE /_control/down                          everything works again
"""

import re
from pathlib import Path

from flask import Blueprint, Flask, Response, request
from stdnum.eu import vat as eu_vat

from core.kit.sandbox import create_sandbox
from core.kit.sandbox.app import json_response, request_body, sandbox
from plugins.vies.sandbox import soap

FAULTS = {
    "201": "INVALID_INPUT",
    "202": "INVALID_REQUESTER_INFO",
    "300": "SERVICE_UNAVAILABLE",
    "301": "MS_UNAVAILABLE",
    "302": "TIMEOUT",
    "400": "VAT_BLOCKED",
    "401": "IP_BLOCKED",
    "500": "GLOBAL_MAX_CONCURRENT_REQ",
    "501": "GLOBAL_MAX_CONCURRENT_REQ_TIME",
    "600": "MS_MAX_CONCURRENT_REQ",
    "601": "MS_MAX_CONCURRENT_REQ_TIME",
}
SERVICE = "/services/checkVatService"

bp = Blueprint("vies_sandbox", __name__)


def create_app(database: Path | str) -> Flask:
    """Return the sandbox; its memory is the SQLite file (or `:memory:`)."""
    app = create_sandbox("vies", database)
    app.register_blueprint(bp)
    return app


@bp.get("/checkVatService.wsdl")
def wsdl() -> Response:
    """Serve the description, with this sandbox as the endpoint."""
    address = request.host_url.rstrip("/") + SERVICE
    return Response(soap.wsdl(address), mimetype="text/xml")


@bp.post(SERVICE)
def service() -> Response:
    """Answer checkVat and checkVatApprox."""
    try:
        question = soap.parse(request.get_data())
    except soap.NotSoap:
        return _fault("INVALID_INPUT")
    code = _refusal(question)
    if code:
        return _fault(code)
    fields = _answer(question)
    part = sandbox()
    with part.store.lock:
        number = part.store.next_number("consultation")
        part.store.record("consultation", str(number), dict(fields))
    return Response(soap.answer(question.operation, fields), mimetype="text/xml")


def _fault(code: str) -> Response:
    return Response(soap.fault(code), 500, mimetype="text/xml")


def _refusal(question: soap.Question) -> str:
    country = question.fields.get("countryCode", "")
    number = question.fields.get("vatNumber", "")
    down = sandbox().store.get("down", country) or sandbox().store.get("down", "")
    if down:
        return str(down["fault"])
    if country not in _prefixes() or not re.fullmatch(r"[0-9A-Za-z+*.]{2,12}", number):
        return "INVALID_INPUT"
    if _requester(question) and not _is_registered(_requester(question)):
        return "INVALID_REQUESTER_INFO"
    return FAULTS.get(number, "")


def _prefixes() -> set[str]:
    return {code.upper() for code in eu_vat.MEMBER_STATES} - {"GR"} | {"EL"}


def _requester(question: soap.Question) -> str:
    parts = ("requesterCountryCode", "requesterVatNumber")
    return "".join(question.fields.get(part, "") for part in parts)


def _is_registered(number: str) -> bool:
    if number[2:] in ("100", "200"):
        return number[2:] == "100"
    return bool(eu_vat.is_valid(number)) and not sandbox().store.get("invalid", number)


def _answer(question: soap.Question) -> dict[str, str]:
    given = question.fields
    registered = _is_registered(given["countryCode"] + given["vatNumber"])
    fields = {
        "countryCode": given["countryCode"],
        "vatNumber": given["vatNumber"],
        "requestDate": sandbox().clock.today().isoformat(),
        "valid": "true" if registered else "false",
    }
    if question.operation == "checkVat":
        name = f"Onderneming {given['vatNumber']}" if registered else "---"
        address = f"Marktplein 1 {given['countryCode']}" if registered else "---"
        return {**fields, "name": name, "address": address}
    name = f"Onderneming {given['vatNumber']}" if registered else "---"
    return {**fields, "traderName": name, "requestIdentifier": _identifier(question)}


def _identifier(question: soap.Question) -> str:
    # VIES gives a consultation number only to a requester that it knows
    if not _requester(question):
        return ""
    return f"WAPIAAAA{sandbox().store.next_number('identifier'):08d}"


@bp.post("/_control/invalid")
def invalid() -> Response:
    """Put a number on the list of those that are not registered."""
    number = str(request_body()["number"])
    sandbox().store.put("invalid", number, {"number": number})
    return json_response({})


@bp.route("/_control/down", methods=["POST", "DELETE"])
def down() -> Response:
    """Let the service, or one member state's, fail with a fault until it is lifted."""
    store = sandbox().store
    if request.method == "DELETE":
        for entry in store.list("down"):
            store.delete("down", entry["country"])
        return json_response({})
    body = request_body()
    country = str(body.get("country", ""))
    fault = str(body.get("fault", "SERVICE_UNAVAILABLE"))
    store.put("down", country, {"country": country, "fault": fault})
    return json_response({})
