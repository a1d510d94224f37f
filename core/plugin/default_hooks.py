"""What follows at each hook from what a plugin brings, so that no plugin repeats it.

| Hook | A plugin that brings | does |
| --- | --- | --- |
| `on_order_ready` | Orders | queues the order's transfers to its connections |
| `on_invoice_sent` | Invoices | queues the invoice's booking, where that is on |
| `on_relation_changed` | Relations that follow changes | begins a run soon |
| `on_schedule` | ReferenceData, Shop, Relations | reads, polls, begins a run |

A plugin's own `hooks.py` comes on top: its functions are called after these.
"""

from collections.abc import Mapping
from typing import Protocol

from core.domain.events import InvoiceSent, OrderReady, RelationChanged, ScheduleDue
from core.plugin import wakeups
from core.plugin.capabilities import (
    Capability,
    Invoices,
    Orders,
    Plugin,
    ReferenceData,
    Relations,
    Shop,
)
from core.plugin.hooks import hookimpl
from core.plugin.ports import Port
from core.plugin.reference_reading import LOAD_REFERENCE


class Traffic(Protocol):
    """What the core does with a plugin's traffic, in the caller's transaction."""

    def order_ready(self, event: OrderReady, plugin: str) -> None:
        """Queue an order's transfers to a plugin's connections."""

    def invoice_sent(self, event: InvoiceSent, plugin: str) -> None:
        """Queue a sent invoice for a plugin's connections."""

    def relation_changed(self, event: RelationChanged, plugin: str) -> None:
        """Note that a relation changed: runs of a plugin's connections begin soon."""

    def relations_due(self, event: ScheduleDue) -> None:
        """Begin the run that keeps a connection's relations in step."""


port = Port[Traffic]()
_FOLLOWS: Mapping[str, tuple[type[Capability], ...]] = {
    "on_order_ready": (Orders,),
    "on_invoice_sent": (Invoices,),
    "on_relation_changed": (Relations,),
    "on_schedule": (ReferenceData, Shop, Relations),
}


def first_reading(plugin: Plugin, connection_id: int) -> None:
    """Wake what reads a connection: after a (re)connect and on schedule."""
    if plugin.find(ReferenceData):
        wakeups.wake_after_commit(LOAD_REFERENCE, connection_id, queue="bulk")
    if plugin.find(Shop):
        wakeups.wake_after_commit("poll", connection_id, queue="reading")


def follows(plugin: Plugin, hook: str, event: object) -> bool:
    """Tell whether anything follows at a hook from what a plugin brings."""
    if isinstance(event, OrderReady) and not event.concerns(plugin.name):
        return False
    return any(plugin.find(kind) for kind in _FOLLOWS[hook])


class DefaultHooks:
    """The hooks of one plugin as they follow from what it brings."""

    def __init__(self, plugins: Mapping[str, Plugin], name: str) -> None:
        self._plugins = plugins
        self._name = name

    @property
    def _plugin(self) -> Plugin:
        return self._plugins[self._name]

    @hookimpl
    def on_order_ready(self, event: OrderReady) -> None:
        """Queue the order's transfers to the plugin's connections."""
        if self._plugin.find(Orders):
            port.calls.order_ready(event, self._plugin.name)

    @hookimpl
    def on_invoice_sent(self, event: InvoiceSent) -> None:
        """Queue the invoice's booking, where that is switched on."""
        if self._plugin.find(Invoices):
            port.calls.invoice_sent(event, self._plugin.name)

    @hookimpl
    def on_relation_changed(self, event: RelationChanged) -> None:
        """Bring the relation in step soon, with others that change."""
        relations = self._plugin.find(Relations)
        if relations and relations.follows_changes:
            port.calls.relation_changed(event, self._plugin.name)

    @hookimpl
    def on_schedule(self, event: ScheduleDue) -> None:
        """Read what the plugin keeps an index of, and bring relations in step."""
        first_reading(self._plugin, event.connection_id)
        if self._plugin.find(Relations):
            port.calls.relations_due(event)
