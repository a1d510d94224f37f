"""Devices on which somebody logged in before: strangers' failures are not theirs.

A signed cookie, as OWASP's "Slow Down Online Guessing Attacks with Device Cookies" has
it. It opens nothing: it gives its browser tries of its own at one account's password.
"""

from secrets import token_urlsafe
from typing import cast

from flask import Response, after_this_request, current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from core.models import User
from core.services.people import accounts
from core.web.signing import signing_keys

LIFETIME = 365 * 24 * 3600
MOST = 5
"""Accounts that one browser keeps; a bookkeeper may have several."""


def name_for(email: str) -> str:
    """Return this device's name at the account of an address; empty: not known."""
    names = _names()
    user = accounts.find_by_email(email) if names else None
    return names.get(str(user.id), "") if user else ""


def name_at(user: User) -> str:
    """Return this device's name at an account; empty: not known there."""
    return _names().get(str(user.id), "")


def remember(user: User) -> None:
    """Give this device a new name at an account, and with it new tries."""
    names = {key: name for key, name in _names().items() if key != str(user.id)}
    names[str(user.id)] = token_urlsafe(12)
    value = _signer().dumps(dict(list(names.items())[-MOST:]))

    @after_this_request
    def _set(response: Response) -> Response:
        response.set_cookie(
            _cookie(),
            value,
            max_age=LIFETIME,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
        return response


def _names() -> dict[str, str]:
    """Return the names of this device by the accounts' ids."""
    try:
        found = _signer().loads(request.cookies.get(_cookie(), ""), max_age=LIFETIME)
    except BadSignature:
        return {}
    return cast("dict[str, str]", found)


def _cookie() -> str:
    return "__Host-device" if current_app.config["SESSION_COOKIE_SECURE"] else "device"


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(signing_keys(), salt="device")
