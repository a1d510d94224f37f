"""What the sandbox's request handlers share, beside the kit's own parts."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request

from core.domain import jsontext
from core.kit.sandbox.app import Sandbox
from plugins.kmoshops.sandbox.background import Background
from plugins.kmoshops.sandbox.shop import Shop
from plugins.kmoshops.sandbox.webhooks import Webhooks


@dataclass(frozen=True)
class Parts:
    """The shops, their webhooks and the background thread."""

    shop: Shop
    webhooks: Webhooks
    background: Background


def install(app: Flask) -> Parts:
    """Make the parts for an application; what waited in its file goes on."""
    kit: Sandbox = app.extensions["sandbox"]
    webhooks = Webhooks(kit)
    shop = Shop(kit, webhooks)
    parts = Parts(shop, webhooks, Background(shop, webhooks))
    app.extensions["kmoshops_sandbox"] = parts
    shop.ensure_demo_stores()
    if webhooks.pending():
        parts.background.wake()
    return parts


def parts() -> Parts:
    """Return the running application's parts."""
    found: Parts = current_app.extensions["kmoshops_sandbox"]
    return found


def body() -> dict[str, Any]:
    """Return the request's JSON object; an empty body is an empty object."""
    data = request.get_data()
    return dict(jsontext.loads(data)) if data else {}
