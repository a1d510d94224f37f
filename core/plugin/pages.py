"""A plugin's own pages: who may open them, and what core's pages share with them.

A plugin's blueprint marks each view with `@access(...)`; one that does not is closed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import wraps
from typing import Any, Literal, Protocol, TypeVar, get_args

from babel import numbers
from flask import abort, request
from flask_babel import get_locale
from flask_login import current_user
from werkzeug.wrappers import Response

from core.domain.clock import local_date, utcnow
from core.models import Base
from core.plugin.database import session
from core.plugin.ports import Port

Access = Literal[
    "public",
    "user",
    "login",
    "maker",
    "owner",
    "operator",
    "webhook",
    "callback",
    "api",
]
"""`user`: anybody who is logged in, ours too; `login`: anybody of a tenant; `maker`:
the same, and the view asks for the right on its plugin (`made_by`);
`owner`: who may change it; `operator`: our own people, across tenants; `webhook`:
proves itself by a signature; `callback`: a browser that comes back from an outside
system; `api`: a program with a token, whose scope the view names
(`core.web.api.gate`); no cookie counts."""
WITHOUT_COOKIE = ("webhook", "api")
"""What is sent by programs, so that no other site can make a browser send it."""
SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))
_View = TypeVar("_View", bound=Callable[..., Any])
_Row = TypeVar("_Row", bound=Base)


@dataclass(frozen=True)
class WebhookLimits:
    """What a webhook that comes in may be."""

    max_bytes: int
    window_seconds: int
    """How old a signed one may be."""


class Pages(Protocol):
    """What core's pages tell those of plugins about this request."""

    def is_open(self, plugin: str) -> bool:
        """Tell whether a plugin's own pages are there for who asks."""

    def may_make(self, plugin: str) -> bool:
        """Tell whether who asks may make connections of a plugin."""

    def made_by(self, plugin: str) -> None:
        """Answer 404 or 403 when who asks may not make a plugin's connections."""

    def counts(self) -> dict[str, int]:
        """Return how many documents stand under Fouten and under Open."""

    def is_part(self) -> bool:
        """Tell whether only a part of the page is asked for (HTMX)."""

    def prove_first(self) -> Response | None:
        """Return the way to the password, or None when it was just given."""

    def webhook_limits(self) -> WebhookLimits:
        """Return what a webhook that comes in may be."""


port = Port[Pages]()
is_open = port.calls.is_open
may_make = port.calls.may_make
made_by = port.calls.made_by
counts = port.calls.counts
is_part = port.calls.is_part
webhook_limits = port.calls.webhook_limits


def access(kind: Access) -> Callable[[_View], _View]:
    """Declare who may open a view; views of plugins use it too."""
    if kind not in get_args(Access):
        raise ValueError(f"there is no access {kind}")

    def mark(view: _View) -> _View:
        view.access = kind  # type: ignore[attr-defined]  # functions take attributes
        return view

    return mark


def proved(view: _View) -> _View:
    """Let a view run only when the password was given in the last ten minutes.

    Otherwise the visitor gives it first and comes back to the page of the form.
    """

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        return port.calls.prove_first() or view(*args, **kwargs)

    return guarded  # type: ignore[return-value]  # wraps keeps the signature


def get_or_404(model: type[_Row], key: int) -> _Row:
    """Return a row of the tenant in scope; 404 for everybody else's.

    A relation whose customer was erased is kept for its invoices alone: it has no page.
    """
    row = session().get(model, key)
    if row is None or getattr(row, "blocked_at", None) is not None:
        abort(404)
    return row


def today() -> date:
    """Return the date where the tenant is."""
    return local_date(utcnow(), current_user.timezone)


def before() -> int | None:
    """Return the key that a list goes on from."""
    key = request.args.get("na", "")
    return int(key) if key.isdecimal() and len(key) < 19 else None


def number(value: Decimal | int) -> str:
    """Write a number with the locale's separators."""
    return str(numbers.format_decimal(value, locale=get_locale()))
