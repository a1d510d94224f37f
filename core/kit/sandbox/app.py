"""The Flask application every sandbox starts from: faults, call counts, control."""

import socket
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request

from core.domain import jsontext
from core.kit.sandbox.clock import SandboxClock
from core.kit.sandbox.faults import Fault, Faults
from core.kit.sandbox.store import Store

CONTROL = "/_control"
_BYPASS = "X-Sandbox-Late"
_HTML = "<!doctype html><title>Maintenance</title><h1>We are back soon</h1>"


class Sandbox:
    """What a sandbox's request handlers share; reach it through `sandbox()`."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.faults = Faults()
        self.clock = SandboxClock()
        self.calls: Counter[str] = Counter()


def option(name: str, default: Any) -> Any:
    """Return an option that a sandbox's control address set."""
    return (sandbox().store.get("option", name) or {}).get("value", default)


def json_response(
    body: Any, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Answer with JSON whose Decimals are exact numbers."""
    return Response(
        jsontext.dumps(body), status, headers or {}, mimetype="application/json"
    )


def request_body() -> dict[str, Any]:
    """Return the JSON object of a request; empty when there is none."""
    return dict(jsontext.loads(request.get_data() or b"{}"))


def control_of(vendor: str) -> Blueprint:
    """Return a vendor's own control addresses: what is unknown or missing is a 400."""
    control = Blueprint(f"{vendor}_control", vendor, url_prefix=CONTROL)

    @control.errorhandler(KeyError)
    def _mistake(error: KeyError) -> Response:
        return json_response({"error": f"unknown or missing: {error}"}, 400)

    return control


def take_options(*names: str) -> Response:
    """Set options of these names (`option`) until the next reset."""
    for name, value in request_body().items():
        if name not in names:
            raise KeyError(name)
        sandbox().store.put("option", name, {"value": value})
    return json_response({})


def sandbox() -> Sandbox:
    """Return the running sandbox's shared parts."""
    part: Sandbox = current_app.extensions["sandbox"]
    return part


def create_sandbox(name: str, database: Path | str) -> Flask:
    """Return an application with the kit's parts installed; add the vendor's routes."""
    app = Flask(name)
    app.extensions["sandbox"] = Sandbox(Store(database))
    app.before_request(_before)
    app.after_request(_after)
    app.register_blueprint(_control_blueprint())
    return app


def _before() -> Response | None:
    if request.path.startswith(CONTROL):
        return None
    rule = request.url_rule.rule if request.url_rule else "unknown"
    sandbox().calls[f"{request.method} {rule}"] += 1
    if request.headers.get(_BYPASS):
        return None
    fault = sandbox().faults.strike(request.method, request.path)
    request.environ["sandbox.fault"] = fault
    return _strike(fault) if fault else None


def _strike(fault: Fault) -> Response | None:
    options = fault.options
    if fault.kind == "latency":
        time.sleep(float(options["seconds"]))
    elif fault.kind == "status":
        headers = {}
        if "retry_after" in options:
            headers["Retry-After"] = str(options["retry_after"])
        return json_response(options.get("body", {}), int(options["status"]), headers)
    elif fault.kind == "html":
        return Response(_HTML, int(options.get("status", 200)), mimetype="text/html")
    elif fault.kind == "drop":
        return _hang_up()
    elif fault.kind == "late_commit":
        _replay_later(float(options["seconds"]))
        return _hang_up()
    return None


def _after(response: Response) -> Response:
    fault: Fault | None = request.environ.get("sandbox.fault")
    if fault and fault.kind == "html_after":
        return Response(_HTML, 200, mimetype="text/html")
    if fault and fault.kind == "drop_after":
        return _hang_up()
    return response


def _hang_up() -> Response:
    connection: socket.socket = request.environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
    return Response(status=204)


def _replay_later(seconds: float) -> None:
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    call = {
        "path": request.path,
        "method": request.method,
        "query_string": request.query_string,
        "headers": [*request.headers, (_BYPASS, "1")],
        "data": request.get_data(),
    }

    def replay() -> None:
        app.test_client().open(**call)

    timer = threading.Timer(seconds, replay)
    timer.daemon = True
    timer.start()


def _control_blueprint() -> Blueprint:
    control = Blueprint("control", __name__, url_prefix=CONTROL)

    @control.get("/health")
    def health() -> Response:
        return json_response({"ok": True})

    @control.post("/reset")
    def reset() -> Response:
        sandbox().store.reset()
        sandbox().faults.clear()
        sandbox().faults.struck.clear()
        sandbox().calls.clear()
        return json_response({})

    @control.get("/ledger")
    def ledger() -> Response:
        after = request.args.get("after", 0, type=int)
        return json_response(sandbox().store.ledger(request.args.get("kind"), after))

    @control.get("/objects/<kind>")
    def objects(kind: str) -> Response:
        return json_response(sandbox().store.list(kind))

    @control.get("/calls")
    def calls() -> Response:
        return json_response(dict(sandbox().calls))

    @control.route("/faults", methods=["GET", "POST", "DELETE"])
    def faults() -> Response:
        if request.method == "DELETE":
            sandbox().faults.clear()
        elif request.method == "POST":
            sandbox().faults.add(jsontext.loads(request.get_data()))
        return json_response(dict(sandbox().faults.struck))

    @control.post("/clock")
    def clock() -> Response:
        sandbox().clock.move(float(jsontext.loads(request.get_data())["seconds"]))
        return json_response({"now": sandbox().clock.now().isoformat()})

    return control
