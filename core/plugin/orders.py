"""Shop orders, for the plugins of shops and for senders of orders."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

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

    def waiting_source_ids(self, connection_id: int) -> list[str]:
        """Return the source ids of orders that are not ready, for the nightly look;
        what was read longest ago comes first."""


class Unreadable(Protocol):
    """Orders that cannot be read, in the caller's transaction."""

    def record_unreadable(
        self,
        connection: Connection,
        source_id: str,
        field: str,
        *,
        number: str = "",
        ordered_at: datetime | None = None,
    ) -> None:
        """Show an order under Fouten with the field that could not be read.

        `number` is what the user knows it by, where that is not the source id.
        `ordered_at` (UTC) is its moment, where that much could be read: nothing is
        shown for a coupling that begins later. Safe to repeat.
        """

    def readable_again(
        self, connection: Connection, readings: Iterable[Reading]
    ) -> None:
        """Let go on what can be read after all; before `record`."""


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
unreadable_port = Port[Unreadable]()
record = port.calls.record
load = port.calls.load
waiting_source_ids = port.calls.waiting_source_ids
record_unreadable = unreadable_port.calls.record_unreadable
readable_again = unreadable_port.calls.readable_again
accept = inbox_port.calls.accept
pending = inbox_port.calls.pending
handled = inbox_port.calls.handled
