"""A page to play shop with: the latest orders, a test order, another status."""

import random
from decimal import Decimal
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from plugins.kmoshops.sandbox.documents import FULFILLMENT_STATUSES, PAYMENT_STATUSES
from plugins.kmoshops.sandbox.parts import parts
from plugins.kmoshops.sandbox.shop import DEMO_STORE
from plugins.kmoshops.sandbox.testorders import EVERY_KIND, random_spec

bp = Blueprint("kmoshops_pages", __name__, template_folder="templates")
SHOWN = 25
_DICE = random.Random()


@bp.get("/")
def index() -> str:
    """Show the latest orders of a store."""
    store = _store()
    found = parts().shop.orders(store["storeId"])
    return render_template(
        "kmoshops_sandbox/index.html",
        store=store,
        stores=parts().shop.stores(),
        orders=found[:SHOWN],
        count=len(found),
        payment_statuses=sorted(PAYMENT_STATUSES),
        fulfillment_statuses=sorted(FULFILLMENT_STATUSES),
        kinds=list(EVERY_KIND),
        mistake=request.args.get("mistake", ""),
    )


@bp.post("/test-order")
def test_order() -> Response:
    """Place a made-up order, of the chosen kind."""
    make = EVERY_KIND.get(request.form.get("kind", ""), random_spec)
    parts().shop.add(_store()["storeId"], make(_DICE))
    return _back()


@bp.post("/status/<number>")
def status(number: str) -> Response:
    """Give an order another status."""
    names = ("paymentStatus", "fulfillmentStatus")
    changes = {name: request.form[name] for name in names}
    parts().shop.change(_store()["storeId"], number, changes)
    return _back()


@bp.post("/refund/<number>")
def refund(number: str) -> Response:
    """Refund a part or all of an order."""
    mistake = ""
    try:
        amount = Decimal(request.form["amount"].replace(",", "."))
        reason = request.form.get("reason", "")
        parts().shop.refund(_store()["storeId"], number, amount, reason)
    except (ValueError, ArithmeticError):
        mistake = number
    return _back(mistake=mistake or None)


def _store() -> dict[str, Any]:
    """Return the store that the address names, else the demo's."""
    wanted = request.args.get("store", DEMO_STORE["storeId"], type=int)
    return parts().shop.store(wanted) or abort(404)


def _back(**more: Any) -> Response:
    here = url_for("kmoshops_pages.index", store=_store()["storeId"], **more)
    return redirect(here, 303)
