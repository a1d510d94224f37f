"""Every hook of the core. A plugin implements one by a function of the same name.

What follows at a hook from what a plugin brings is the core's (`default_hooks`); a
plugin's own `hooks.py` comes on top of that and has only what goes beyond it.

A hook decides and queues, nothing else: it writes transfer rows in the caller's
transaction or asks for a wake-up, which goes out after the commit. It is called only
for tenants that have the plugin switched on, in `depends` order and then by name,
each call by itself: one plugin's exception never reaches the next.
"""

import sys
from typing import Any

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


class Hooks(pluggy.PluginManager):
    """The hooks of the loaded plugins.

    Stricter than pluggy in two ways, since both are slips of the pen: an
    implementation takes all of a hook's arguments, and is marked as one.
    """

    def __init__(self) -> None:
        super().__init__(PROJECT)
        self.add_hookspecs(sys.modules[__name__])

    def add(self, implementations: Any, name: str) -> None:
        """Register a plugin's hooks; PluginValidationError says what is wrong."""
        self.register(implementations, name)
        try:
            self.check_pending()
            for caller in self.get_hookcallers(implementations) or ():
                _check_arguments(caller, implementations)
        except pluggy.PluginValidationError:
            self.unregister(implementations)
            raise

    def parse_hookimpl_opts(self, plugin: Any, name: str) -> Any:
        """Refuse what is named as a hook and not marked as one."""
        found = super().parse_hookimpl_opts(plugin, name)
        if found is None and name.startswith("on_"):
            is_one = name in HOOKS
            what = f"{name} lacks @hookimpl" if is_one else f"there is no hook {name}"
            raise pluggy.PluginValidationError(plugin, what)
        return found

    def add_default(self, implementations: Any, name: str) -> None:
        """Register what follows at the hooks from what a plugin brings.

        After the plugin's own: pluggy calls the last registered first.
        """
        self.register(implementations, _default(name))

    def remove(self, name: str) -> None:
        """Forget the hooks of a plugin."""
        for each in (name, _default(name)):
            if self.has_plugin(each):
                self.unregister(name=each)

    def implementers(self, hook: str) -> set[str]:
        """Return the names of the plugins that implement a hook."""
        caller: pluggy.HookCaller = getattr(self.hook, hook)
        return {each.plugin_name for each in caller.get_hookimpls()}

    def call(self, hook: str, name: str, event: Any) -> None:
        """Call what follows from what a plugin brings, then its own implementation."""
        called = (name, _default(name))
        others = [
            each for each in self.get_plugins() if self.get_name(each) not in called
        ]
        self.subset_hook_caller(hook, others)(event=event)


def _default(name: str) -> str:
    return f"{name}, by what it brings"


def _check_arguments(caller: pluggy.HookCaller, implementations: Any) -> None:
    wanted = caller.spec.argnames if caller.spec else ()
    for each in caller.get_hookimpls():
        if each.plugin is implementations and set(each.argnames) != set(wanted):
            what = f"{caller.name} takes {', '.join(wanted)}"
            raise pluggy.PluginValidationError(implementations, what)
