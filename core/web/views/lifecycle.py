"""What surrounds every request: who it is, whose data it may see, what it may do."""

from contextlib import ExitStack
from dataclasses import dataclass

from flask import Flask, current_app, g, request, session
from flask_login import UserMixin, current_user

from core.domain.clock import utcnow
from core.models import ActorKind, Role, User
from core.runtime import disk, log
from core.runtime.extensions import login, reading_only
from core.runtime.log import Actor
from core.runtime.tenancy import tenant_scope
from core.services.people import accounts, takeovers, two_factor
from core.services.people.takeovers import Looking
from core.web import policy, visitors
from core.web.api import gate
from core.web.plugin_files import STATIC

IDLE_SECONDS = 2 * 3600
LONGEST_SECONDS = 12 * 3600


@dataclass(frozen=True)
class Visitor(UserMixin):  # type: ignore[misc]  # the library is untyped
    """The logged-in user as pages see it; a copy, so that no page changes the row."""

    id: int
    tenant_id: int | None
    tenant_name: str
    timezone: str
    home_country: str
    email: str
    name: str
    role: Role
    language: str
    session_key: str
    must_change_password: bool
    has_two_factor: bool
    tour_closed: bool = False
    looking: Looking | None = None
    """Set while an operator looks at this tenant's pages."""

    def get_id(self) -> str:
        """Return what the session remembers: the user and the key of the moment."""
        return f"{self.id}:{self.session_key}"


def visitor(user: User) -> Visitor:
    """Return a user's row as a visitor; an operator may be looking at a tenant."""
    looking = takeovers.running(user.id) if user.role == Role.OPERATOR else None
    tenant = looking.tenant if looking else user.tenant
    return Visitor(
        id=user.id,
        tenant_id=tenant.id if tenant else None,
        tenant_name=tenant.name if tenant else "",
        timezone=tenant.timezone if tenant else "Europe/Amsterdam",
        home_country=tenant.home_country if tenant else "NL",
        email=user.email,
        name=user.name or user.email,
        role=Role(user.role),
        language=user.language,
        session_key=user.session_key,
        must_change_password=user.must_change_password,
        has_two_factor=two_factor.is_on(user),
        tour_closed=user.tour_closed,
        looking=looking,
    )


def register(app: Flask) -> None:
    """Hook into every request."""
    login.user_loader(_load)
    app.before_request(visitors.warn_of_unknown_proxy)
    app.before_request(_begin)
    app.before_request(policy.enforce)
    app.before_request(_make_sure_of_room)
    app.teardown_request(_end)


def _load(session_id: str) -> Visitor | None:
    """Return the session's visitor, unless it is over."""
    now = int(utcnow().timestamp())
    if now - session.get("begun", 0) > LONGEST_SECONDS:
        return None
    if now - session.get("seen", 0) > IDLE_SECONDS:
        return None
    user_id, _, key = session_id.partition(":")
    user = accounts.find(int(user_id), key) if user_id.isdigit() else None
    return visitor(user) if user else None


def _begin() -> None:
    """Enter the tenant's scope; requests that only read take no writer's lock."""
    g.scopes = ExitStack()
    kind = policy.access_of(current_app, request.endpoint or "")
    reads = request.method in policy.SAFE_METHODS and kind != "callback"
    token = reading_only.set(reads)
    g.scopes.callback(reading_only.reset, token)
    if kind == "webhook" or request.endpoint in (None, "static", STATIC):
        return
    if kind == "api":
        holder = gate.authenticate()
        g.scopes.enter_context(tenant_scope(holder.tenant_id))
        g.scopes.enter_context(log.acting(_token(holder.name)))
        gate.hold_to_scope()
        return
    if policy.is_tenant_user():
        g.scopes.enter_context(tenant_scope(current_user.tenant_id))
    g.scopes.enter_context(log.acting(_actor()))
    if current_user.is_authenticated:
        _note_activity()


def _make_sure_of_room() -> None:
    """Take in no messages, no calls of the API and no files while the disk is short.

    People's own pages go on for as long as they can be stored.
    """
    if request.method in policy.SAFE_METHODS:
        return
    kind = policy.access_of(current_app, request.endpoint or "")
    if kind in policy.WITHOUT_COOKIE or request.mimetype == "multipart/form-data":
        disk.make_sure()


def _actor() -> Actor:
    """Return who the log says did what this request does."""
    here = visitors.address()
    if not current_user.is_authenticated:
        return Actor(ActorKind.VISITOR, address=here)
    kind = ActorKind.OPERATOR if policy.is_operator() else ActorKind.USER
    return Actor(kind, current_user.id, current_user.name, here)


def _token(name: str) -> Actor:
    return Actor(ActorKind.TOKEN, name=name, address=visitors.address())


def _note_activity() -> None:
    """Remember that somebody is there; a page that refreshes itself does not count."""
    polls = "HX-Request" in request.headers and request.method == "GET"
    if not polls and utcnow().timestamp() - session.get("seen", 0) > 60:
        session["seen"] = int(utcnow().timestamp())


def _end(_error: BaseException | None) -> None:
    scopes: ExitStack | None = g.pop("scopes", None)
    if scopes is not None:
        scopes.close()
