"""Who may use the API: a bearer token with the scope that the operation names.

No cookie counts here, so there is nothing to forge from another site.
"""

from flask import current_app, g, request

from core.domain.clock import utcnow
from core.domain.errors import WaitUntil
from core.net.ratelimit import Limiter, calls_per
from core.runtime.database import session
from core.runtime.extensions import settings
from core.services.api import api_tokens
from core.services.api.api_tokens import Holder
from core.web.api.problems import Problem

ANY = "any"
"""The scope of what every token may ask."""
LIMITER = "koppelwerk_api_limiter"
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="Koppelwerk"'}


def authenticate() -> Holder:
    """Return who asks; raise a Problem (401, 429) when it is nobody, or too often."""
    kind, _sep, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Problem(401, "api_token_missing", headers=_CHALLENGE)
    holder = api_tokens.find(token.strip())
    session().rollback()
    if holder is None:
        raise Problem(401, "api_token_unknown", headers=_CHALLENGE)
    _count(holder)
    g.api_holder = holder
    return holder


def hold_to_scope() -> None:
    """Raise a Problem (403) unless the token may do what is asked; note its use."""
    holder, scope = current(), scope_of(request.endpoint or "")
    if scope != ANY and scope not in holder.scopes:
        challenge = f'{_CHALLENGE["WWW-Authenticate"]}, error="insufficient_scope"'
        raise Problem(
            403,
            "api_scope",
            {"scope": scope},
            headers={"WWW-Authenticate": f'{challenge}, scope="{scope}"'},
        )
    now = utcnow()
    if not holder.is_noted(now):
        api_tokens.used(holder, now)


def scope_of(endpoint: str) -> str:
    """Return what an operation asks for; one that names nothing is closed."""
    return str(getattr(current_app.view_functions.get(endpoint), "scope", ""))


def current() -> Holder:
    """Return whose token this request has."""
    holder: Holder = g.api_holder
    return holder


def _count(holder: Holder) -> None:
    try:
        _limiter().acquire(f"tenant {holder.tenant_id} token {holder.token_id}")
    except WaitUntil as wait:
        seconds = str(max(1, round(wait.seconds)))
        raise Problem(429, "api_too_often", headers={"Retry-After": seconds}) from None


def _limiter() -> Limiter:
    found: Limiter | None = current_app.extensions.get(LIMITER)
    if found is None:
        limit = calls_per("minute", settings().api_calls_per_minute)
        found = Limiter(settings().redis, limit, "koppelwerk-api")
        current_app.extensions[LIMITER] = found
    return found
