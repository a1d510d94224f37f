"""Who may open what: every view says so itself, and a view that does not is closed.

`@access("login")` marks a view; `enforce` holds every request to it. Ids of another
tenant are not a matter of this module: the tenant's scope makes them unknown (404).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args

from flask import Flask, abort, current_app, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from core.extensions import htmx
from core.models import Role

Access = Literal["public", "login", "maker", "owner", "operator", "webhook", "callback"]
"""`login`: anybody of a tenant; `maker`: the same, and the view asks for the right on
its plugin (`core.views.rights`); `owner`: who may change it; `operator`: our own
people, across tenants; `webhook`: proves itself by a signature; `callback`: a browser
that comes back from an outside system."""
SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))
_BUILT_IN: dict[str, Access] = {"static": "public"}
_View = TypeVar("_View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Entry:
    """One line of the policy table."""

    endpoint: str
    rule: str
    methods: tuple[str, ...]
    access: str
    """Empty: not declared, so closed."""

    @property
    def needs_csrf(self) -> bool:
        """Tell whether its unsafe methods ask for a CSRF token."""
        return self.access != "webhook" and bool(set(self.methods) - SAFE_METHODS)


def access(kind: Access) -> Callable[[_View], _View]:
    """Declare who may open a view; views of plugins use it too."""
    if kind not in get_args(Access):
        raise ValueError(f"there is no access {kind}")

    def mark(view: _View) -> _View:
        view.access = kind  # type: ignore[attr-defined]  # functions take attributes
        return view

    return mark


def access_of(app: Flask, endpoint: str) -> str:
    """Return an endpoint's access; empty when it was never declared."""
    declared = getattr(app.view_functions.get(endpoint), "access", "")
    return declared or _BUILT_IN.get(endpoint, "")


def table(app: Flask) -> list[Entry]:
    """Return the policy of every route there is."""
    return sorted(
        (
            Entry(
                rule.endpoint,
                rule.rule,
                tuple(sorted(rule.methods or ())),
                access_of(app, rule.endpoint),
            )
            for rule in app.url_map.iter_rules()
        ),
        key=lambda entry: entry.rule,
    )


def is_tenant_user() -> bool:
    """Tell whether somebody of a tenant is logged in."""
    return bool(current_user.is_authenticated and current_user.tenant_id)


def is_operator() -> bool:
    """Tell whether one of our own people is logged in."""
    return bool(current_user.is_authenticated and current_user.role == Role.OPERATOR)


def may_change() -> bool:
    """Tell whether this user may change configuration and connections."""
    return is_tenant_user() and current_user.role == Role.OWNER


def enforce() -> Response | None:
    """Hold the request to its view's access; used before every request."""
    if request.endpoint is None:
        return None
    kind = access_of(current_app, request.endpoint)
    if kind == "webhook":
        return None
    if not kind:
        abort(403)
    if request.method not in SAFE_METHODS and _is_from_elsewhere():
        abort(403)
    if kind in ("public", "callback"):
        return None
    if not current_user.is_authenticated:
        return _to_login()
    if kind == "operator":
        return None if is_operator() else abort(403)
    if not is_tenant_user() or (kind == "owner" and not may_change()):
        abort(403)
    return None


def _is_from_elsewhere() -> bool:
    """Tell whether another site sent this (Fetch metadata; CSRF tokens stay first)."""
    return request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site")


def _to_login() -> Response:
    if htmx:  # a part of a page cannot be a login page: load the whole page again
        return Response(status=401, headers={"HX-Refresh": "true"})
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("session.login", next=wanted), 303)
