"""A strict simulator of e-Boekhouden.nl: the SOAP interface and REST API v1.

What it takes and refuses follows SOAP manual 5.5 and the REST description; where those
are silent it is stricter than may be needed. Both interfaces look at the same books.

One SOAP address serves every operation, so a middleware puts the operation behind the
path: call counts and injected faults (`path`: `AddMutatie`) can tell them apart.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask

from core.kit.sandbox import create_sandbox
from plugins.eboekhouden.sandbox.control import control
from plugins.eboekhouden.sandbox.rest import rest
from plugins.eboekhouden.sandbox.service import ADDRESS, service

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class _ByOperation:
    """Puts the SOAP operation behind the path."""

    def __init__(self, inner: "WSGIApplication") -> None:
        self._inner = inner

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        action = str(environ.get("HTTP_SOAPACTION", "")).strip('"')
        if environ.get("PATH_INFO") == ADDRESS and action:
            environ["PATH_INFO"] = f"{ADDRESS}/{action.rpartition('/')[2]}"
        return self._inner(environ, start_response)


def create_app(database: Path | str) -> Flask:
    """Return the sandbox, with its state in this SQLite file."""
    app = create_sandbox("eboekhouden", database)
    for blueprint in (service, rest, control):
        app.register_blueprint(blueprint)
    # Flask's documented way to put a middleware in front; its types know a method only
    app.wsgi_app = _ByOperation(app.wsgi_app)  # type: ignore[method-assign]
    return app
