"""A page to play shop with: the latest orders, a test order, another status."""

import random
from decimal import Decimal

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from plugins.kmoshops.sandbox.documents import FULFILLMENT_STATUSES, PAYMENT_STATUSES
from plugins.kmoshops.sandbox.parts import parts
from plugins.kmoshops.sandbox.shop import DEMO_STORE
from plugins.kmoshops.sandbox.testorders import EVERY_KIND, random_spec

bp = Blueprint("kmoshops_pages", __name__, template_folder="templates")
SHOWN = 25
_STORE = int(str(DEMO_STORE["storeId"]))
_DICE = random.Random()


@bp.get("/")
def index() -> str:
    """Show the latest orders."""
    found = parts().shop.orders(_STORE)
    return render_template(
        "kmoshops_sandbox/index.html",
        store=parts().shop.store(_STORE),
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
    parts().shop.add(_STORE, make(_DICE))
    return redirect(url_for("kmoshops_pages.index"), 303)


@bp.post("/status/<number>")
def status(number: str) -> Response:
    """Give an order another status."""
    names = ("paymentStatus", "fulfillmentStatus")
    changes = {name: request.form[name] for name in names}
    parts().shop.change(_STORE, number, changes)
    return redirect(url_for("kmoshops_pages.index"), 303)


@bp.post("/refund/<number>")
def refund(number: str) -> Response:
    """Refund a part or all of an order."""
    mistake = ""
    try:
        amount = Decimal(request.form["amount"].replace(",", "."))
        reason = request.form.get("reason", "")
        parts().shop.refund(_STORE, number, amount, reason)
    except (ValueError, ArithmeticError):
        mistake = number
    return redirect(url_for("kmoshops_pages.index", mistake=mistake or None), 303)
