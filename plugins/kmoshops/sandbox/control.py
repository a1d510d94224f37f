"""The control address, for tests, the loader and the demonstration.

Beside the kit's own (reset, ledger, faults, clock):

POST   /_control/grant       {"store_id", "scope"}     a token without the pages
POST   /_control/uninstall   {"store_id"}              the owner removes the app
POST   /_control/clients     {"client_id", "client_secret", "name", "redirect_uris"}
POST   /_control/stores/<id> {"name", "currency", "country", "email", "password", "api"}
POST   /_control/ratelimit   {"per_minute"}            0 switches it off
POST   /_control/orders      one specification or a list (see `documents`);
                             ?store_id= &hidden=1 (backlog) &silent=1 (no webhook)
PATCH  /_control/orders/<id> {"paymentStatus", ...}    ?store_id= &silent=1
POST   /_control/orders/<id>/refunds {"amount", "reason", "at"}  a part or all of it;
                                                       ?store_id= &silent=1
DELETE /_control/orders/<id>                           ?store_id= &silent=1
GET    /_control/order-kinds                           names for the next one
POST   /_control/order-kinds/<name> {"seed"}           a made-up order of that kind
POST   /_control/demo-orders {"count"}                 made-up orders into the backlog
POST   /_control/past-orders {"days"}                  a store's made-up past, unless it
                                                       has orders; ?store_id=
POST   /_control/test-orders {"count", "seed"}         made-up orders, visible at once
POST   /_control/trickle     {"per_minute", "total"}   the backlog becomes visible
POST   /_control/webhook     {"url", "client_secret", "hold", "shuffle", ...}
POST   /_control/deliver                               all that waits is sent now
"""

import random
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, request

from core.domain import jsontext
from core.kit.sandbox.app import json_response, sandbox
from plugins.kmoshops.sandbox import tokens
from plugins.kmoshops.sandbox.api import rate_limit
from plugins.kmoshops.sandbox.parts import body, parts
from plugins.kmoshops.sandbox.past import past
from plugins.kmoshops.sandbox.shop import BACKLOG, DEMO_STORE, OrderExists, visible
from plugins.kmoshops.sandbox.testorders import EVERY_KIND, random_spec

bp = Blueprint("kmoshops_control", __name__, url_prefix="/_control")


@bp.errorhandler(ValueError)
@bp.errorhandler(KeyError)
def _mistake(error: Exception) -> Response:
    return json_response({"errorMessage": f"{type(error).__name__}: {error}"}, 400)


@bp.errorhandler(OrderExists)
def _exists(error: OrderExists) -> Response:
    return json_response({"errorMessage": f"order {error} exists"}, 409)


def _store_id() -> int:
    return request.args.get("store_id", int(str(DEMO_STORE["storeId"])), type=int)


def _flag(name: str) -> bool:
    return request.args.get(name) in ("1", "true")


@bp.post("/grant")
def grant() -> Response:
    """Give a token without HTML."""
    wanted = body()
    store_id = int(wanted.get("store_id", DEMO_STORE["storeId"]))
    scope = str(wanted.get("scope", "read_orders read_store_profile"))
    return json_response(tokens.grant_token(store_id, scope))


@bp.post("/uninstall")
def uninstall() -> Response:
    """Remove the app from a store."""
    store_id = int(body().get("store_id", DEMO_STORE["storeId"]))
    return json_response({"killed": tokens.uninstall(store_id)})


@bp.post("/clients")
def clients() -> Response:
    """Register an app, or change the default one."""
    client = {**tokens.DEFAULT_CLIENT, **body()}
    sandbox().store.put(tokens.CLIENTS, str(client["client_id"]), client)
    return json_response(client)


@bp.post("/stores/<int:store_id>")
def stores(store_id: int) -> Response:
    """Add or change a store."""
    return json_response(parts().shop.save_store(store_id, body()))


@bp.post("/ratelimit")
def ratelimit() -> Response:
    """Set the calls a minute."""
    rate_limit().per_minute = int(body()["per_minute"])
    return json_response({"per_minute": rate_limit().per_minute})


@bp.post("/orders")
def add_orders() -> Response:
    """Make orders."""
    given = jsontext.loads(request.get_data())
    specs: list[dict[str, Any]] = given if isinstance(given, list) else [given]
    hidden, tell = _flag("hidden"), not _flag("silent")
    made = [
        parts().shop.add(_store_id(), spec, hidden=hidden, tell=tell) for spec in specs
    ]
    shown = ("id", "internalId", "total", "tax")
    answers = [{name: order[name] for name in shown} for order in made]
    return json_response(answers if isinstance(given, list) else answers[0], 201)


@bp.patch("/orders/<number>")
def change_order(number: str) -> Response:
    """Change an order's fields."""
    order = parts().shop.change(_store_id(), number, body(), tell=not _flag("silent"))
    if order is None:
        return json_response({"errorMessage": "no such order"}, 404)
    return json_response(visible(order))


@bp.post("/orders/<number>/refunds")
def refund_order(number: str) -> Response:
    """Refund an amount of an order."""
    wanted = body()
    at = wanted.get("at")
    order = parts().shop.refund(
        _store_id(),
        number,
        Decimal(wanted["amount"]),
        str(wanted.get("reason", "")),
        tell=not _flag("silent"),
        at=datetime.fromisoformat(at) if at else None,
    )
    if order is None:
        return json_response({"errorMessage": "no such order"}, 404)
    return json_response(visible(order))


@bp.get("/order-kinds")
def order_kinds() -> Response:
    """List the kinds of made-up orders."""
    return json_response(sorted(EVERY_KIND))


@bp.post("/order-kinds/<name>")
def order_of_kind(name: str) -> Response:
    """Make an order of a kind."""
    spec = EVERY_KIND[name](random.Random(int(body().get("seed", 1))))
    order = parts().shop.add(_store_id(), spec, tell=not _flag("silent"))
    return json_response(visible(order), 201)


@bp.delete("/orders/<number>")
def remove_order(number: str) -> Response:
    """Delete an order."""
    found = parts().shop.remove(_store_id(), number, tell=not _flag("silent"))
    return json_response({"deleted": found}, 200 if found else 404)


@bp.post("/demo-orders")
def demo_orders() -> Response:
    """Fill the backlog with made-up orders."""
    dice = random.Random()
    for _ in range(int(body()["count"])):
        parts().shop.add(_store_id(), random_spec(dice), hidden=True)
    return json_response({"waiting": len(sandbox().store.list(BACKLOG))})


@bp.post("/past-orders")
def past_orders() -> Response:
    """Give a store without orders a past."""
    shop, store_id = parts().shop, _store_id()
    days = int(body()["days"])
    specs = [] if shop.orders(store_id) else past(sandbox().clock.now(), days)
    for spec in specs:
        shop.add(store_id, spec)
    return json_response({"made": len(specs)})


@bp.post("/test-orders")
def test_orders() -> Response:
    """Make orders that are visible at once, the same ones for the same seed."""
    wanted = body()
    dice = random.Random(int(wanted.get("seed", 1)))
    for _ in range(int(wanted["count"])):
        parts().shop.add(_store_id(), random_spec(dice))
    return json_response({"made": int(wanted["count"])})


@bp.post("/trickle")
def trickle() -> Response:
    """Let the backlog become visible, so many orders a minute."""
    wanted = body()
    waiting = len(sandbox().store.list(BACKLOG))
    count = min(int(wanted.get("total", waiting)), waiting)
    parts().background.trickle(float(wanted["per_minute"]), count)
    return json_response({"waiting": waiting, "total": count})


@bp.post("/webhook")
def webhook() -> Response:
    """Set where webhooks go and what goes wrong with them."""
    return json_response(parts().webhooks.configure(body()))


@bp.post("/deliver")
def deliver() -> Response:
    """Send all that waits, whatever its retry moment."""
    return json_response(parts().webhooks.deliver(everything=True))
