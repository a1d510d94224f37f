"""The shops' orders: adding, changing, removing; each tells the webhooks."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from core.kit.sandbox.app import Sandbox
from plugins.kmoshops.sandbox.documents import (
    FULFILLMENT_STATUSES,
    PAYMENT_STATUSES,
    Document,
    Spec,
    appear,
    build,
    moment_text,
    touch,
)
from plugins.kmoshops.sandbox.refunds import give_back
from plugins.kmoshops.sandbox.webhooks import Webhooks

DEMO_STORE: dict[str, Any] = {
    "storeId": 1003,
    "name": "Demo Webwinkel",
    "currency": "EUR",
    "country": "NL",
    "email": "winkel@example.com",
    "password": "demo",
    "api": True,
}
SECOND_STORE: dict[str, Any] = {
    **DEMO_STORE,
    "storeId": 1004,
    "name": "Nieuwe Webwinkel",
    "email": "nieuw@example.com",
}
"""A shop that does not know the product yet, to sign up with."""
DEMO_STORES = (DEMO_STORE, SECOND_STORE)
ORDERS, BACKLOG, STORES = "order", "backlog", "store"


class OrderExists(ValueError):
    """The store already has an order with this id."""


class Shop:
    """All stores of the sandbox and their orders."""

    def __init__(self, part: Sandbox, webhooks: Webhooks) -> None:
        self._store = part.store
        self._clock = part.clock
        self._webhooks = webhooks

    def ensure_demo_stores(self) -> None:
        """Make the demonstration stores that are not there yet."""
        for store in DEMO_STORES:
            key = str(store["storeId"])
            if self._store.get(STORES, key) is None:
                self._store.put(STORES, key, dict(store))

    def stores(self) -> list[dict[str, Any]]:
        """Return all stores."""
        self.ensure_demo_stores()
        return self._store.list(STORES)

    def store(self, store_id: int) -> dict[str, Any] | None:
        """Return one store, or None."""
        self.ensure_demo_stores()
        return self._store.get(STORES, str(store_id))

    def save_store(self, store_id: int, changes: dict[str, Any]) -> dict[str, Any]:
        """Add a store, or change one."""
        known = self.store(store_id) or {**DEMO_STORE, "storeId": store_id}
        saved = {**known, **changes, "storeId": store_id}
        self._store.put(STORES, str(store_id), saved)
        return saved

    def orders(self, store_id: int) -> list[Document]:
        """Return a store's orders, newest first."""
        prefix = f"{store_id}/"
        found = [o for o in self._store.list(ORDERS) if o["_key"].startswith(prefix)]
        return sorted(
            found,
            key=lambda order: (order["createTimestamp"], order["internalId"]),
            reverse=True,
        )

    def order(self, store_id: int, number: str) -> Document | None:
        """Return an order by its id, or by the internal id that webhooks carry."""
        found = self._store.get(ORDERS, f"{store_id}/{number}")
        if found or not number.isdigit():
            return found
        for order in self.orders(store_id):
            if order["internalId"] == int(number):
                return order
        return None

    def add(
        self, store_id: int, spec: Spec, *, hidden: bool = False, tell: bool = True
    ) -> Document:
        """Make an order; raise `OrderExists`. A hidden one waits in the backlog."""
        with self._store.lock:
            internal_id = self._store.next_number("internal", 300_000_001)
            number = self._store.next_number("order", 1001)
            order = build(spec, internal_id, number, self._clock.now())
            # An order of long ago that is put in now is news to those who poll.
            updated = spec.get("updated")
            now = self._clock.now()
            touch(order, datetime.fromisoformat(updated) if updated else now)
            key = order["_key"] = f"{store_id}/{order['id']}"
            if self._store.get(ORDERS, key) or self._store.get(BACKLOG, key):
                raise OrderExists(order["id"])
            self._store.put(BACKLOG if hidden else ORDERS, key, order)
        if not hidden:
            self._appeared(store_id, order, tell)
        return order

    def _appeared(self, store_id: int, order: Document, tell: bool) -> None:
        self._store.record("order", order["_key"], {"total": order["total"]})
        if tell:
            self._webhooks.tell_order(store_id, "order.created", order, _new(order))

    def change(
        self,
        store_id: int,
        number: str,
        changes: dict[str, Any],
        *,
        tell: bool = True,
        at: datetime | None = None,
    ) -> Document | None:
        """Change fields of an order; its update moment moves. None: no such order."""
        _check_statuses(changes)
        with self._store.lock:
            before = self.order(store_id, number)
            if before is None:
                return None
            kept = {"_key": before["_key"], "internalId": before["internalId"]}
            order = {**before, **changes, **kept}
            touch(order, at or self._clock.now())
            _refund_when_refunded(before, order, changes)
            self._store.put(ORDERS, before["_key"], order)
        if tell:
            data = {**_old(before), **_new(order)}
            self._webhooks.tell_order(store_id, "order.updated", order, data)
        return order

    def refund(
        self,
        store_id: int,
        number: str,
        amount: Decimal,
        reason: str = "",
        *,
        tell: bool = True,
        at: datetime | None = None,
    ) -> Document | None:
        """Refund a part or all of a paid order (ValueError); None: no such order."""
        with self._store.lock:
            before = self.order(store_id, number)
            if before is None:
                return None
            moment = at or self._clock.now()
            order = dict(before)
            give_back(order, amount, reason, moment_text(moment.astimezone(UTC)))
            # A refund of long ago that is put in now is news to those who poll.
            touch(order, self._clock.now())
            self._store.put(ORDERS, before["_key"], order)
        if tell:
            data = {**_old(before), **_new(order)}
            self._webhooks.tell_order(store_id, "order.updated", order, data)
        return order

    def remove(self, store_id: int, number: str, *, tell: bool = True) -> bool:
        """Delete an order; tell whether there was one."""
        order = self.order(store_id, number)
        if order is None:
            return False
        self._store.delete(ORDERS, order["_key"])
        if tell:
            self._webhooks.tell_order(store_id, "order.deleted", order, {})
        return True

    def release(self, count: int) -> int:
        """Let so many orders of the backlog appear now; return how many did."""
        with self._store.lock:
            waiting = self._store.list(BACKLOG)[:count]
            for order in waiting:
                appear(order, self._clock.now())
                self._store.delete(BACKLOG, order["_key"])
                self._store.put(ORDERS, order["_key"], order)
        for order in waiting:
            self._appeared(int(order["_key"].split("/")[0]), order, tell=True)
        return len(waiting)


def visible(order: Document) -> Document:
    """Return an order as the API shows it, without the sandbox's own key."""
    return {name: value for name, value in order.items() if name != "_key"}


def _old(order: Document) -> dict[str, Any]:
    return {
        "oldPaymentStatus": order["paymentStatus"],
        "oldFulfillmentStatus": order["fulfillmentStatus"],
    }


def _new(order: Document) -> dict[str, Any]:
    return {
        "newPaymentStatus": order["paymentStatus"],
        "newFulfillmentStatus": order["fulfillmentStatus"],
    }


def _check_statuses(changes: dict[str, Any]) -> None:
    if changes.get("paymentStatus", "PAID") not in PAYMENT_STATUSES:
        raise ValueError("no such paymentStatus")
    if changes.get("fulfillmentStatus", "SHIPPED") not in FULFILLMENT_STATUSES:
        raise ValueError("no such fulfillmentStatus")


def _refund_when_refunded(
    before: Document, order: Document, changes: dict[str, Any]
) -> None:
    if order["paymentStatus"] != "REFUNDED" or "refundedAmount" in changes:
        return
    rest = order["total"] - before["refundedAmount"]
    if rest:
        order["refundedAmount"] = order["total"]
        refund = {"date": order["updateDate"], "source": "CP", "reason": ""}
        order["refunds"] = [*before["refunds"], {**refund, "amount": rest}]
