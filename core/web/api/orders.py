"""`/api/v1/orders`: a shop without a plugin of its own sends its orders here."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core.domain.errors import Stop
from core.domain.orders import REASONS, OrderState, Reading
from core.models import Connection, ShopOrder, Transfer
from core.rules import sale_checks as sales
from core.runtime.database import session
from core.services.api import api_lists, api_shops
from core.services.transfer import orders
from core.web.api import paging
from core.web.api.order_schemas import (
    EXAMPLE,
    OrderIn,
    OrderOut,
    OrderPage,
    OrderQuery,
    order_of,
)
from core.web.api.resource import Resource
from core.web.api.rows import own
from core.web.api.transfer_schemas import shown as shown_transfer

resource = Resource("orders", "Webshop orders, and what became of them in the package.")
READ, WRITE = "orders:read", "orders:write"


def shown(row: ShopOrder, transfers: Sequence[Transfer]) -> dict[str, Any]:
    """Return an order as it is answered."""
    plain = (
        "id", "source_id", "number", "ordered_at", "updated_at", "total_incl_vat",
        "vat_amount",
    )  # fmt: skip
    return {
        **{name: getattr(row, name) for name in plain},
        "shop_id": row.connection_id,
        "status": str(row.state),
        "transfers": [shown_transfer(each) for each in transfers],
    }


def _one(row: ShopOrder) -> dict[str, Any]:
    return shown(row, api_lists.transfers(orders.SUBJECT, [row.id]).get(row.id, []))


@resource.operation("GET", "/orders", scope=READ, query=OrderQuery, answer=OrderPage)
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List orders

    Of every shop of the tenant, in the order in which they became known here.
    """
    found = api_lists.orders(
        query["limit"],
        paging.position(query),
        number=query["number"],
        source_id=query["source_id"],
    )
    known = api_lists.transfers(orders.SUBJECT, [row.id for row in found.rows])
    rows = [shown(row, known.get(row.id, [])) for row in found.rows]
    return paging.page(query, rows, found.last)


@resource.operation(
    "GET", "/orders/<int:order_id>", scope=READ, answer=OrderOut, problems=(404,)
)
def show(order_id: int) -> dict[str, Any]:
    """Get an order"""
    return _one(own(ShopOrder, order_id))


@resource.operation(
    "POST", "/orders", scope=WRITE, body=OrderIn, answer=OrderOut, example=EXAMPLE
)
def record(body: dict[str, Any]) -> dict[str, Any]:
    """Send an order, or what changed of it

    The same `source_id` is the same order: send it again whenever it changes. An order
    that is ready goes to the coupled package, once; what changes after that is shown
    to the user and not booked again. What cannot be booked whoever books it (lines and
    total that differ, another currency) is refused at once.
    """
    shop = api_shops.chosen(body.get("shop_id"))
    state = OrderState(body["status"])
    order = order_of(body)
    if state == OrderState.READY:
        # an order of nothing is kept, and skipped
        with suppress(Stop):
            sales.check_order(order)
    _record(shop, Reading(order, state, REASONS.get(state, "")))
    row = session().scalars(
        select(ShopOrder).where(
            ShopOrder.connection_id == shop.id,
            ShopOrder.source_id == order.source_id,
        )
    )
    return _one(row.one())


def _record(shop: Connection, reading: Reading) -> None:
    """Record an order, again when another request made it at the same moment."""
    try:
        with session().begin_nested():
            orders.record(shop, [reading])
    except IntegrityError:
        orders.record(shop, [reading])
