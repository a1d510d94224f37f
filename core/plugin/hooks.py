"""Every hook of the core. A plugin implements one by a function of the same name.

What follows at a hook from what a plugin brings is the core's (`default_hooks`); a
plugin's own `hooks.py` comes on top of that and has only what goes beyond it.

A hook decides and queues, nothing else: it writes transfer rows in the caller's
transaction or asks for a wake-up, which goes out after the commit. It is called only
for tenants that have the plugin switched on, in `depends` order and then by name,
each call by itself: one plugin's exception never reaches the next.
"""

import pluggy

from core.domain.events import InvoiceSent, OrderReady, RelationChanged, ScheduleDue

PROJECT = "koppelwerk"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def on_order_ready(event: OrderReady) -> None:
    """A shop order may be passed on; any shop feeds any package through this."""


@hookspec
def on_relation_changed(event: RelationChanged) -> None:
    """A relation was saved or deleted; carries the changed fields and the origin."""


@hookspec
def on_invoice_sent(event: InvoiceSent) -> None:
    """A sales invoice has a number and became Verstuurd."""


@hookspec
def on_schedule(event: ScheduleDue) -> None:
    """A connection of this plugin is due, or *Koppeling uitvoeren* was pressed."""


HOOKS = ("on_order_ready", "on_relation_changed", "on_invoice_sent", "on_schedule")
