"""The REST API: orders and the store's profile (source: Ecwid REST API v3)."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, current_app, request

from core.kit.sandbox.app import json_response, sandbox
from plugins.kmoshops.sandbox import tokens
from plugins.kmoshops.sandbox.documents import (
    FULFILLMENT_STATUSES,
    PAYMENT_STATUSES,
    Document,
)
from plugins.kmoshops.sandbox.parts import parts
from plugins.kmoshops.sandbox.ratelimit import RateLimit
from plugins.kmoshops.sandbox.shop import visible

bp = Blueprint("kmoshops_api", __name__, url_prefix="/api/v3/<int:store_id>")
MAX_LIMIT = 100


class BadParameter(ValueError):
    """A query parameter that the API does not take."""


def refusal(status: int, message: str, wait: int = 0) -> Response:
    """Answer an error as the API does; `wait` seconds go in Retry-After."""
    headers = {"Retry-After": str(wait)} if wait else {}
    return json_response({"errorMessage": message}, status, headers)


def rate_limit() -> RateLimit:
    """Return the application's rate limit."""
    found: RateLimit = current_app.extensions["kmoshops_ratelimit"]
    return found


@bp.before_request
def _admit() -> Response | None:
    store_id = int((request.view_args or {})["store_id"])
    text = request.headers.get("Authorization", "").removeprefix("Bearer ")
    grant = tokens.token(text)
    if grant is None:
        return refusal(401, "The token is missing or invalid")
    wait = rate_limit().wait(text, sandbox().clock.now().timestamp())
    if wait:
        return refusal(429, "Too many requests", wait)
    if grant["store_id"] != store_id:
        return refusal(403, "The token does not belong to this store")
    if _needs_orders() and "read_orders" not in grant["scope"].split():
        return refusal(403, "The token has no scope read_orders")
    if not (parts().shop.store(store_id) or {}).get("api"):
        return refusal(402, "The store's plan does not include the API")
    return _nonsense()


def _needs_orders() -> bool:
    return str(request.endpoint).startswith("kmoshops_api.order")


def _nonsense() -> Response | None:
    if sandbox().faults.take("nonsense", request.method, request.path):
        return json_response({"items": {"unexpected": ["shape"]}, "id": None})
    return None


@bp.get("/orders")
def orders(store_id: int) -> Response:
    """Search orders, newest first; `responseFields` is accepted and gives all."""
    try:
        offset = _number("offset", 0, None)
        limit = _number("limit", MAX_LIMIT, MAX_LIMIT)
        found = list(_search(parts().shop.orders(store_id)))
    except BadParameter as mistake:
        return refusal(400, str(mistake))
    page = [visible(order) for order in found[offset : offset + limit]]
    return json_response(
        {
            "total": len(found),
            "count": len(page),
            "offset": offset,
            "limit": limit,
            "items": page,
        }
    )


@bp.get("/orders/<number>")
def order(store_id: int, number: str) -> Response:
    """Return one order."""
    found = parts().shop.order(store_id, number)
    if found is None:
        return refusal(404, f"Order {number} is not found")
    return json_response(visible(found))


@bp.get("/profile")
def profile(store_id: int) -> Response:
    """Return the store's profile.

    Its shape is from general knowledge of Ecwid's profile, not from a page we keep:
    unverified, and only the part that a coupling needs. Any live token may read it.
    """
    store = parts().shop.store(store_id) or {}
    return json_response(
        {
            "generalInfo": {"storeId": store_id, "storeUrl": "http://localhost/"},
            "account": {"accountEmail": store["email"], "accountName": store["name"]},
            "settings": {"storeName": store["name"], "closed": False},
            "company": {
                "companyName": store["name"],
                "countryCode": store["country"],
                "email": store["email"],
            },
            "formatsAndUnits": {
                "currency": store["currency"],
                "timezone": "Europe/Amsterdam",
            },
            "languages": {"enabledLanguages": ["nl", "en"], "defaultLanguage": "nl"},
            "taxSettings": {"pricesIncludeTax": True},
        }
    )


def _number(name: str, default: int, most: int | None) -> int:
    text = request.args.get(name, "")
    if not text:
        return default
    if not text.isdigit() or (most is not None and not 1 <= int(text) <= most):
        raise BadParameter(f"Wrong value of {name}")
    return int(text)


def _moment(name: str) -> float | None:
    """Read a date parameter: unix seconds, or ISO with or without a zone (UTC)."""
    text = request.args.get(name, "").strip()
    if not text:
        return None
    if text.isdigit():
        return float(text)
    try:
        # `2018-05-31 15:08:36 +0000`, as the API itself writes it
        moment = datetime.fromisoformat(re.sub(r" (?=[+-]\d{2}:?\d{2}$)", "", text))
    except ValueError as error:
        raise BadParameter(f"Wrong value of {name}") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


_Test = Callable[[Document], bool]


def _search(found: list[Document]) -> Iterator[Document]:
    tests = [*_period_tests(), *_word_tests(), *_status_tests()]
    return (order for order in found if all(test(order) for test in tests))


def _period_tests() -> Iterator[_Test]:
    for name, field in (("created", "createTimestamp"), ("updated", "updateTimestamp")):
        yield _between(field, _moment(f"{name}From"), _moment(f"{name}To"))


def _between(field: str, start: float | None, end: float | None) -> _Test:
    def test(order: Document) -> bool:
        at = order[field]
        return (start is None or at >= start) and (end is None or at <= end)

    return test


def _one_of(field: str, wanted: set[str]) -> _Test:
    return lambda order: str(order.get(field, "")) in wanted


def _word_tests() -> Iterator[_Test]:
    args = request.args
    if args.get("ids"):
        yield _one_of("id", {text.strip() for text in args["ids"].split(",")})
    for field in ("customerId", "paymentMethod"):
        if args.get(field):
            yield _one_of(field, {args[field]})
    if args.get("email"):
        email = args["email"].lower()
        yield lambda order: str(order.get("email", "")).lower() == email
    if args.get("shippingMethod"):
        method = args["shippingMethod"]
        yield lambda order: _shipping_method(order) == method
    if args.get("keywords"):
        words = args["keywords"].lower()
        yield lambda order: words in _searchable(order)


def _shipping_method(order: Document) -> str:
    return str(order.get("shippingOption", {}).get("shippingMethodName", ""))


def _searchable(order: Document) -> str:
    person = order["billingPerson"]
    texts: list[Any] = [order["id"], order.get("email", ""), *person.values()]
    texts += [item["name"] for item in order["items"]]
    return " ".join(map(str, texts)).lower()


def _status_tests() -> Iterator[_Test]:
    known = {
        "paymentStatus": PAYMENT_STATUSES,
        "fulfillmentStatus": FULFILLMENT_STATUSES,
    }
    for name, values in known.items():
        wanted = set(filter(None, request.args.get(name, "").split(",")))
        if wanted - values:
            raise BadParameter(f"Wrong value of {name}")
        if wanted:
            yield _one_of(name, wanted)
