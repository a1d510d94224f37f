"""Shop orders, for the plugins of shops and for senders of orders."""

from collections.abc import Iterable
from typing import Any, Protocol

from core.domain.orders import Order, Reading
from core.models import Connection, InboxEvent, OrderRefund, ShopOrder
from core.plugin.ports import Port


class Orders(Protocol):
    """What plugins do with orders, in the caller's transaction."""

    def record(self, connection: Connection, readings: Iterable[Reading]) -> int:
        """Store readings and their transfers; return how many were new or changed.

        The newest reading wins; one that is older than what we have is ignored.
        """

    def load(self, row: ShopOrder | OrderRefund) -> Order:
        """Return the order as it was last read; of a refund its credit document."""

    def waiting_source_ids(
        self, connection_id: int, after: int, limit: int
    ) -> list[Any]:
        """Return (id, source id) of orders that are not ready, for the nightly look."""


class Inbox(Protocol):
    """Messages of a shop: kept as they come in, handled by a task."""

    def accept(
        self,
        connection: Connection,
        *,
        event_id: str,
        kind: str,
        source_id: str,
        priority: int = 0,
    ) -> bool:
        """Keep a message in the caller's transaction; False when it is a repeat."""

    def pending(self, connection_id: int, limit: int) -> list[InboxEvent]:
        """Return messages that are to be handled, urgent ones first."""

    def handled(self, event_ids: list[int], *, code: str = "") -> None:
        """Mark messages as handled in the caller's transaction."""


port = Port[Orders]()
inbox_port = Port[Inbox]()
record = port.calls.record
load = port.calls.load
waiting_source_ids = port.calls.waiting_source_ids
accept = inbox_port.calls.accept
pending = inbox_port.calls.pending
handled = inbox_port.calls.handled
