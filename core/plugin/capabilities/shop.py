"""A shop: where orders come from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.domain.orders import Reading
from core.plugin.capabilities.capability import Capability, Task

if TYPE_CHECKING:
    from flask_wtf import FlaskForm


@dataclass(frozen=True)
class HistoryPage:
    """A page of a shop's past orders, and where the next one starts."""

    readings: Sequence[Reading]
    cursor: dict[str, Any]
    """The plugin's own; handed back for the next page."""
    found: int
    """How many orders the shop says there are in the period."""
    is_end: bool
    unreadable: Sequence[str] = ()
    """Numbers of orders whose document cannot be read."""


History = Callable[[int, datetime, datetime, dict[str, Any]], HistoryPage | None]
"""Reads orders made from one moment until (not including) another, a page a call.

Gets a connection id; the first cursor is empty. Returns None when the shop cannot be
asked now (paused, rate limit, outage): what is wrong is noted on the connection.
"""


@dataclass(frozen=True)
class Shop(Capability):
    """Webshop software whose orders come to us."""

    inbox: Task
    """Deal with the messages that came in for a connection."""
    poll: Task
    """Read what changed since the last time: on connecting and on schedule."""
    recheck: Task
    """Look again, at night, at orders that were not ready."""
    takes_api_orders: bool = False
    """Orders are sent to our own `/api/v1/orders` instead of read."""
    history: History | None = None
    """Past orders of a period, for a migration run and the closing count."""
    history_page: int = 100
    """How many orders an answer of `history` holds at most."""
    form: "type[FlaskForm] | None" = None
    """Settings of a connection, such as which orders are ready."""

    @property
    def tasks(self) -> Mapping[str, Task]:
        """`inbox`, `poll` and `recheck`."""
        return {"inbox": self.inbox, "poll": self.poll, "recheck": self.recheck}
