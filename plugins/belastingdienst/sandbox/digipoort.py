"""Digipoort: deliveries, statuses, faults (contract section 4).

Whatever breaks the interface is answered ALS100 or STS100, as in the stored messages;
what the other codes stand for is not known, they come only when asked for: add the
fault `{"kind": "soap_fault", "path": "aanleverservice", "code": "ALS170"}`. The same
delivery twice is two deliveries: nothing says that Digipoort recognises one.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, current_app, request

from core.kit.sandbox.app import option, sandbox
from core.kit.sandbox.declarations import Findings, findings
from plugins.belastingdienst.sandbox import bodies, envelope
from plugins.belastingdienst.sandbox.authority import Authority
from plugins.belastingdienst.sandbox.envelope import NotAccepted, Request

digipoort = Blueprint("digipoort", __name__, url_prefix="/wus/2.0")
_BASE = "http://logius.nl/digipoort/wus/2.0"
DELIVERY = f"{_BASE}/aanleverservice/1.2/AanleverService/"
STATUS = f"{_BASE}/statusinformatieservice/1.2/StatusinformatieService/"
KINDS = ("Omzetbelasting", "ICP", "OBSUP")
ROLES = ("Bedrijf", "Intermediair")
IDENTITY_TYPES = ("Fi", "BTW")
AUTHORISATION = "http://geenausp.nl"
_XML = "text/xml;charset=UTF-8"

TEXTS = {
    "105": "Aanleverproces gestart.",
    "100": "Aanleveren gelukt.",
    "110": "Aanleverproces wordt aangeboden.",
    "200": "Authenticatie gelukt.",
    "210": "Authenticatie mislukt.",
    "301": "Validatie gelukt.",
    "311": "Validatie mislukt.",
    "405": "Afleveren naar uitvragende partij bezig...",
    "400": "Afleveren uitvragende partij gelukt.",
    "410": "Afleveren uitvragende partij mislukt.",
    "420": "Afleveren uitvragende partij niet mogelijk.",
    "500": "Validatie bij de uitvragende partij gelukt.",
    "510": "Validatie bij de uitvragende partij mislukt.",
}
_TAKEN = ("105", "100", "110", "200", "301", "301", "405")
SCENARIOS = {
    "accepted": (*_TAKEN, "400", "500"),
    "unauthorised": ("105", "100", "110", "210"),
    "invalid": ("105", "100", "110", "200", "311"),
    "undeliverable": (*_TAKEN, "410"),
    "technical": (*_TAKEN, "420", "400", "500"),
    "rejected": (*_TAKEN, "400", "510"),
}
_ERRORS = {
    "210": ("AUS100", "De aanleveraar is niet gemachtigd."),
    "311": ("VAS500", "Het bericht voldoet niet aan de taxonomie."),
    "410": ("AFS400", "De uitvragende partij neemt het bericht niet aan."),
    "420": ("AFS600", "De uitvragende partij is niet bereikbaar."),
    "510": ("BDS100", "De Belastingdienst keurt het bericht af."),
}
_DETAILS = """<Responsemessage version="2006.1">
<Identification>
<MessageId>{message}</MessageId>
<RefersToMessageId>{process}</RefersToMessageId>
<ResponseType>{kind}</ResponseType>
</Identification>
<Specification>
<Class>{letter}</Class>
<Code>{code}</Code>
<Description>{text}</Description>
</Specification>
</Responsemessage>"""


def authority() -> Authority:
    """Return the sandbox's authority, made or read at its first use."""
    store = sandbox().store
    with store.lock:
        found: Authority | None = current_app.extensions.get("authority")
        if found is None:
            found = Authority(store.get("authority", "root"))
            current_app.extensions["authority"] = found
        if store.get("authority", "root") is None:
            store.put("authority", "root", found.stored())
        return found


Handler = Callable[[Request], tuple[str, dict[str, Any]]]


def _serve(operations: dict[str, Handler], base: str, fault_name: str) -> Response:
    """Answer a call: signed when it did what was asked, else an unsigned fault."""
    action = request.headers.get("SOAPAction", "").strip('"')
    operation = action.removeprefix(base).removesuffix("Request")
    relates_to = ""
    try:
        _raise_fault()
        if not action.startswith(base) or operation not in operations:
            raise NotAccepted("SOAPAction is no operation of this service")
        if request.mimetype != "text/xml":
            raise NotAccepted("SOAP 1.1 goes as text/xml")
        asked = envelope.read(
            request.get_data(),
            authority(),
            endpoint=request.base_url,
            action=action,
            now=sandbox().clock.now(),
        )
        relates_to = asked.message_id
        name, fields = operations[operation](asked)
    except (NotAccepted, SoapFault) as refusal:
        return _fault(refusal, f"{base}{operation}/Fault/", relates_to, fault_name)
    content = envelope.answer(
        bodies.make(name, fields),
        action=f"{base}{operation}Response",
        relates_to=relates_to,
        service=authority().service,
        now=sandbox().clock.now(),
        hash_name=option("hash", "sha1"),
    )
    return Response(_tampered(content), 200, content_type=_XML)


class SoapFault(Exception):
    """A fault that a test asked for."""

    def __init__(self, code: str) -> None:
        super().__init__(f"Storing {code}")
        self.code = code


def _raise_fault() -> None:
    asked = sandbox().faults.take("soap_fault", request.method, request.path)
    if asked is not None:
        raise SoapFault(str(asked.options["code"]))


def _tampered(content: bytes) -> bytes:
    """Change the answer after signing when a test asked for it."""
    if sandbox().faults.take("tamper", request.method, request.path) is None:
        return content
    return content.replace(b"kenmerk>", b"kenmerk>0", 1)


def _fault(refusal: Exception, action: str, relates_to: str, name: str) -> Response:
    prefix = "ALS" if name == "aanleverFault" else "STS"
    code = refusal.code if isinstance(refusal, SoapFault) else f"{prefix}100"
    text = (
        "Het verzoek voldoet niet aan de koppelvlakspecificaties en kan hierdoor niet"
        f" door Digipoort worden verwerkt. De volgende fout is opgetreden: {refusal}"
    )
    detail = bodies.make(name, {"foutcode": code, "foutbeschrijving": text})
    content = envelope.fault(detail, action=action, relates_to=relates_to)
    return Response(content, 500, content_type=_XML)


@digipoort.post("/aanleverservice/1.2")
def delivery_service() -> Response:
    """Take deliveries."""
    return _serve({"aanleveren": _deliver}, DELIVERY, "aanleverFault")


@digipoort.post("/statusinformatieservice/1.2")
def status_service() -> Response:
    """Tell what happened to them."""
    operations: dict[str, Handler] = {
        "getProcessen": _processes,
        "getStatussenProces": _statuses,
        "getNieuweStatussenProces": _new_statuses,
    }
    return _serve(operations, STATUS, "statusinformatieFault")


def _deliver(asked: Request) -> tuple[str, dict[str, Any]]:
    fields = bodies.read(asked.content, "aanleverRequest")
    if "kenmerk" in fields:
        raise NotAccepted("kenmerk is given by Digipoort for this berichtsoort")
    if fields["berichtsoort"] not in KINDS:
        raise NotAccepted(f"berichtsoort {fields['berichtsoort']} is not known")
    if fields["rolBelanghebbende"] not in ROLES:
        raise NotAccepted(f"rol {fields['rolBelanghebbende']} is not known")
    if fields["identiteitBelanghebbende"]["type"] not in IDENTITY_TYPES:
        raise NotAccepted("the type of identity is not known")
    if fields["berichtInhoud"]["mimeType"] not in ("application/xml", "text/xml"):
        raise NotAccepted("the mimeType is not allowed")
    return "aanleverResponse", _accept(asked, fields)


def _accept(asked: Request, fields: dict[str, Any]) -> dict[str, Any]:
    """Start a process, and write in the ledger what came in."""
    part, now = sandbox(), sandbox().clock.now()
    number = fields["identiteitBelanghebbende"]["nummer"]
    content = fields["berichtInhoud"]["inhoud"]
    found = findings(content, fields["berichtsoort"], number)
    process = {
        "kenmerk": str(uuid4()),
        "berichtsoort": fields["berichtsoort"],
        "aanleverkenmerk": fields.get("aanleverkenmerk"),
        "identiteit": fields["identiteitBelanghebbende"],
        "message_id": asked.message_id,
        "begun": now.isoformat(),
        "findings": [*found.validation, *found.content],
        "scenario": _scenario(found),
        "pace": option("pace", 2),
        "seen": 0,
    }
    with part.store.lock:
        part.store.put("process", process["kenmerk"], process)
        part.store.record("delivery", process["kenmerk"], {
            "aanleverkenmerk": process["aanleverkenmerk"],
            "berichtsoort": process["berichtsoort"],
            "nummer": number,
            "sha256": hashlib.sha256(content).hexdigest(),
            "inhoud": content.decode("utf-8", "replace"),
        })  # fmt: skip
    return {
        "kenmerk": process["kenmerk"],
        "berichtsoort": process["berichtsoort"],
        "aanleverkenmerk": process["aanleverkenmerk"],
        "eerderAanleverkenmerk": fields.get("eerderAanleverkenmerk"),
        "tijdstempelAangeleverd": envelope.moment(now),
        "identiteitBelanghebbende": process["identiteit"],
        "rolBelanghebbende": fields["rolBelanghebbende"],
        "autorisatieAdres": fields.get("autorisatieAdres"),
    }


def _scenario(found: Findings) -> str:
    if found.validation:
        return "invalid"
    asked = sandbox().faults.take("scenario", request.method, request.path)
    if asked is not None:
        return str(asked.options["scenario"])
    return "rejected" if found.content else "accepted"


def _check_authorisation(fields: dict[str, Any], asked: Request, number: str) -> None:
    """It is obligatory where who asks is not who it is about (schema's own words)."""
    holder = asked.certificate.subject.rfc4514_string()
    if fields.get("autorisatieAdres") != AUTHORISATION and number not in holder:
        raise NotAccepted("autorisatieAdres is missing or not registered")


def _processes(asked: Request) -> tuple[str, dict[str, Any]]:
    fields = bodies.read(asked.content, "getProcessenRequest")
    identity = fields["identiteitBelanghebbende"]
    _check_authorisation(fields, asked, identity["nummer"])
    rows = [
        {
            "kenmerk": process["kenmerk"],
            "berichtsoort": process["berichtsoort"],
            "identiteitBelanghebbende": process["identiteit"],
        }
        for process in sandbox().store.list("process")
        if process["berichtsoort"] == fields["berichtsoort"]
        and process["identiteit"] == identity
    ]
    return "getProcessenResponse", {"getProcessenReturn": {"ProcesResultaat": rows}}


def _statuses(asked: Request) -> tuple[str, dict[str, Any]]:
    _, rows = _rows(asked, "getStatussenProcesRequest")
    inner = {"StatusResultaat": rows}
    return "getStatussenProcesResponse", {"getStatussenProcesReturn": inner}


def _new_statuses(asked: Request) -> tuple[str, dict[str, Any]]:
    """Return each status once."""
    with sandbox().store.lock:
        process, rows = _rows(asked, "getNieuweStatussenProcesRequest")
        fresh = rows[process["seen"] :]
        seen = {**process, "seen": len(rows)}
        sandbox().store.put("process", process["kenmerk"], seen)
    inner = {"StatusResultaat": fresh}
    return "getNieuweStatussenProcesResponse", {"getNieuweStatussenProcesReturn": inner}


def _rows(asked: Request, name: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    fields = bodies.read(asked.content, name)
    process = sandbox().store.get("process", fields["kenmerk"])
    if process is None:
        raise NotAccepted(f"kenmerk {fields['kenmerk']} is not known")
    _check_authorisation(fields, asked, process["identiteit"]["nummer"])
    return process, reached(process, sandbox().clock.now())


def reached(process: dict[str, Any], now: datetime) -> list[dict[str, Any]]:
    """Return the statuses that a process has come to by a moment."""
    begun = datetime.fromisoformat(process["begun"])
    pace = timedelta(seconds=float(process["pace"]))
    steps = enumerate(SCENARIOS[process["scenario"]])
    return [
        _row(process, code, begun + pace * number)
        for number, code in steps
        if begun + pace * number <= now
    ]


def _row(process: dict[str, Any], code: str, at: datetime) -> dict[str, Any]:
    error = _ERRORS.get(code)
    texts = process["findings"] if code in ("311", "510") else []
    return {
        "kenmerk": process["kenmerk"],
        "identiteitBelanghebbende": process["identiteit"],
        "statuscode": code,
        "tijdstempelStatus": envelope.moment(at),
        "statusomschrijving": TEXTS[code],
        "statusFoutcode": None if error is None else {
            "foutcode": error[0],
            "foutbeschrijving": " ".join([error[1], *texts]),
        },
        "statusdetails": _details(process, code),
    }  # fmt: skip


def _details(process: dict[str, Any], code: str) -> str | None:
    if code not in ("500", "510"):
        return None
    good = code == "500"
    return _DETAILS.format(
        message=process["message_id"],
        process=process["kenmerk"],
        kind="acknowledgement" if good else "error",
        letter="A" if good else "E",
        code="0001" if good else "0002",
        text="Status: Verwerkbaar" if good else "Status: Niet verwerkbaar",
    )
