"""Who may call what: bearer token, scope, company state, licence, rate limit.

The order of the checks is the vendor's as far as it is known: token (401), quota
(429), scope (403, 4006), company (403, 4003 and 4004), licence (403, 4002).
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, NamedTuple

from flask import Blueprint, Response, request

from core.kit.sandbox.app import sandbox
from plugins.eaccounting.sandbox import errors, tokens
from plugins.eaccounting.sandbox.companies import (
    BOOKKEEPING,
    INVOICING,
    PRO,
    SOLO,
    STANDARD,
)
from plugins.eaccounting.sandbox.errors import ApiError
from plugins.eaccounting.sandbox.world import Company, now, world

api = Blueprint("v2", __name__, url_prefix="/v2")
_MINUTE = timedelta(minutes=1)


class Rule(NamedTuple):
    """What a resource asks: one of these scopes, one of these product variants."""

    scopes: tuple[str, ...]
    variants: frozenset[int]


_ALL = frozenset((STANDARD, INVOICING, BOOKKEEPING, SOLO, PRO))
_SALES = Rule(("ea:sales",), _ALL - {BOOKKEEPING})
_LEDGER = Rule(("ea:accounting",), _ALL)
_SALES_LISTS = Rule(("ea:sales",), _ALL)

RULES: dict[str, Rule] = {
    "customers": _SALES,
    "articles": _SALES,
    "units": _SALES,
    "articleaccountcodings": _SALES,
    "customerinvoicedrafts": _SALES,
    "customerledgeritems": _SALES,
    "orders": Rule(("ea:sales",), frozenset((PRO, STANDARD, INVOICING))),
    "suppliers": Rule(("ea:purchase",), _ALL - {INVOICING}),
    "supplierinvoicedrafts": Rule(("ea:purchase",), _ALL - {INVOICING}),
    "supplierinvoices": Rule(("ea:purchase",), _ALL - {INVOICING}),
    "accounts": _LEDGER,
    "vatcodes": _LEDGER,
    "vouchers": _LEDGER,
    "paymentvoucher": Rule(("ea:accounting",), _ALL - {INVOICING}),
    "attachments": Rule(("ea:accounting", "ea:purchase"), _ALL),
    "termsofpayments": Rule(("ea:sales", "ea:purchase"), _ALL),
    "companysettings": _SALES_LISTS,
    "countries": _SALES_LISTS,
    "currencies": _SALES_LISTS,
    "fiscalyears": Rule(("ea:sales", "ea:accounting"), _ALL),
}


def _grant() -> dict[str, Any]:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    entry = sandbox().store.get("access", token.strip())
    grant = tokens.grant_of(entry)
    if scheme.lower() != "bearer" or not entry or not grant or tokens.expired(entry):
        raise ApiError(
            errors.NOT_AUTHORIZED, "The access token is missing, expired or revoked",
            status=401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
        )  # fmt: skip
    return grant


def _count(client: str) -> None:
    limit = world().settings["calls_per_minute"]
    if not limit:
        return
    key = (client, str(request.url_rule))
    calls, moment = world().calls, now()
    start, count = calls.get(key, (moment, 0))
    if not timedelta() <= moment - start < _MINUTE:
        start, count = moment, 0
    if count >= limit:
        seconds = int((start + _MINUTE - moment).total_seconds()) + 1
        raise ApiError(
            errors.QUOTA, f"Quota exceeded. Try again in {seconds} seconds.", status=429
        )
    calls[key] = (start, count + 1)


def _check_scope(rule: Rule, granted: list[str]) -> None:
    wanted = set(rule.scopes)
    if request.method == "GET":
        wanted |= {f"{scope}_readonly" for scope in rule.scopes}
    if "ea:api" not in granted or not wanted & set(granted):
        raise ApiError(
            errors.NO_SCOPE, f"No access to scopes: {' or '.join(rule.scopes)}",
            status=403,
        )  # fmt: skip


def _check_company(rule: Rule, resource: str, company: Company) -> None:
    settings = company.settings
    status = settings["CompanyStatus"]
    if status == 0 or (status == 2 and request.method != "GET"):
        raise ApiError(errors.COMPANY_INACTIVE, "Company is not active", status=403)
    if not company.startup_done:
        raise ApiError(errors.STARTUP_GUIDE, "Startup guide not completed", status=403)
    module = "api_standard"
    allowed = module in settings["ActivatedModules"]
    if allowed and settings["ProductVariant"] not in rule.variants:
        allowed, module = False, resource
    if not allowed:
        raise ApiError(errors.NO_MODULE, f"No access to module: {module}", status=403)


View = Callable[..., Response]


def endpoint(path: str, resource: str, method: str = "GET") -> Callable[[View], View]:
    """Register a view of `/v2/...`; it gets the token's company, then path parts.

    Requests of one sandbox are handled one at a time, so that a check and the write
    that follows it belong together.
    """
    rule = RULES[resource]

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(**parts: str) -> Response:
            with sandbox().store.lock:
                grant = _grant()
                _count(grant["client"])
                _check_scope(rule, grant["scope"].split())
                company = world().companies[grant["company"]]
                _check_company(rule, resource, company)
                return view(company, **parts)

        api.add_url_rule(
            path, f"{method} {path}", guarded, methods=[method], strict_slashes=False
        )
        return view

    return decorate
