"""Who may open what: every view says so itself, and a view that does not is closed.

`@access("login")` marks a view; `enforce` holds every request to it. Ids of another
tenant are not a matter of this module: the tenant's scope makes them unknown (404).
"""

from dataclasses import dataclass

from flask import Flask, abort, current_app, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from core.models import Role
from core.plugin.pages import SAFE_METHODS, WITHOUT_COOKIE, Access, access
from core.runtime.extensions import htmx

_HELD_OPEN = {
    "passwords.own": ("passwords.own", "passwords.change"),
    "two_factor.index": (
        "two_factor.index",
        "two_factor.picture",
        "two_factor.begin",
        "two_factor.confirm",
        "reauth.ask",
        "reauth.check",
    ),
}
"""What stays open while a page holds a visitor (`held_at`)."""
_LOOKING_IN_MAY = ("takeover.end", "session.log_out", "session.language")
_BUILT_IN: dict[str, Access] = {"static": "public"}


__all__ = ["SAFE_METHODS", "WITHOUT_COOKIE", "Access", "access"]


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
        return self.access not in WITHOUT_COOKIE and bool(
            set(self.methods) - SAFE_METHODS
        )


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
    """Tell whether somebody sees a tenant's pages: its own people, or a take-over."""
    return bool(current_user.is_authenticated and current_user.tenant_id)


def is_operator() -> bool:
    """Tell whether one of our own people is logged in."""
    return bool(current_user.is_authenticated and current_user.role == Role.OPERATOR)


def is_looking_in() -> bool:
    """Tell whether an operator is looking at a tenant's pages: nothing may change."""
    return is_tenant_user() and is_operator()


def may_change() -> bool:
    """Tell whether this user may change configuration and connections."""
    return is_tenant_user() and current_user.role == Role.OWNER


def enforce() -> Response | None:
    """Hold the request to its view's access; used before every request."""
    if request.endpoint is None:
        return None
    kind = access_of(current_app, request.endpoint)
    if kind in WITHOUT_COOKIE:
        return None
    if not kind or _is_from_elsewhere() or _would_change(kind):
        abort(403)
    if kind in ("public", "callback"):
        return None
    if not current_user.is_authenticated:
        return _to_login()
    held = held_at()
    if held and request.endpoint not in (*_HELD_OPEN[held], "session.log_out"):
        return _send_to(held)
    return None if _may_open(kind) else _refuse()


def held_at() -> str:
    """Return the page that must be dealt with before any other opens; else empty.

    A first password from a mail must be replaced; operators need two-factor login.
    """
    if current_user.must_change_password:
        return "passwords.own"
    if is_operator() and not current_user.has_two_factor:
        return "two_factor.index"
    return ""


def may_open(endpoint: str) -> bool:
    """Tell whether who asks may open a page, for what links to it."""
    return _may_open(access_of(current_app, endpoint))


def _may_open(kind: str) -> bool:
    if kind == "user":
        return True
    if kind == "operator":
        return is_operator()
    if kind == "owner":
        return may_change() or is_looking_in()
    return is_tenant_user()


def _would_change(kind: str) -> bool:
    """Tell whether an operator who looks at a tenant's pages would change something."""
    only_looks = request.method in SAFE_METHODS and kind != "callback"
    if only_looks or request.endpoint in _LOOKING_IN_MAY:
        return False
    return is_looking_in()


def _refuse() -> Response:
    """Say no; an operator's own home is the desk."""
    if request.endpoint != "pages.home" or "desk.index" not in (
        current_app.view_functions
    ):
        abort(403)
    return redirect(url_for("desk.index"), 303)


def _send_to(endpoint: str) -> Response:
    if htmx:  # a part that refreshes itself must not take the form away
        return Response(status=403)
    return redirect(url_for(endpoint, next=_wanted()), 303)


def _is_from_elsewhere() -> bool:
    """Tell whether another site sent this form (Fetch metadata; CSRF stays first)."""
    if request.method in SAFE_METHODS:
        return False
    return request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site")


def _to_login() -> Response:
    if htmx:  # a part of a page cannot be a login page: load the whole page again
        return Response(status=401, headers={"HX-Refresh": "true"})
    return redirect(url_for("session.login", next=_wanted()), 303)


def _wanted() -> str | None:
    return request.full_path.rstrip("?") if request.method == "GET" else None
