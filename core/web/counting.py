"""Counts every answer by kind, with how long it took (`core.runtime.counters`)."""

import time

from flask import Flask, Response, current_app, g, request

from core.runtime import counters
from core.web.plugin_files import STATIC
from core.web.policy import access_of

_LOGINS = ("session.log_in", "session.check_code")


def register(app: Flask) -> None:
    """Hook into every request; before all else, also what refuses it."""
    app.before_request_funcs.setdefault(None, []).insert(0, _begin)
    app.after_request(_count)


def _begin() -> None:
    g.begun = time.perf_counter()


def _count(response: Response) -> Response:
    endpoint = request.endpoint or ""
    if endpoint in _LOGINS and response.status_code == 401:
        counters.counters().add("logins_failed")
    if endpoint in ("static", STATIC) or endpoint.startswith("health."):
        return response
    access = access_of(current_app, endpoint)
    kind = access if access in counters.KINDS else "page"
    seconds = time.perf_counter() - g.begun
    counters.observe(kind, response.status_code, seconds)
    return response
