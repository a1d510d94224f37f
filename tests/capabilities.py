"""Plugins that bring something else than they declare."""

from dataclasses import replace

from core.plugin.capabilities import Capability, Plugin


def bringing(plugin: Plugin, capability: Capability) -> Plugin:
    """Return a plugin with this in the place of its own capability of the kind."""
    others = (each for each in plugin.brings if type(each) is not type(capability))
    return replace(plugin, brings=(*others, capability))
