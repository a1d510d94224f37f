"""The services that other plugins bring to file by, found without naming them."""

from core.domain.errors import AskUser
from core.plugin import others
from core.plugin.capabilities import FilingRoute


def all_routes() -> dict[str, tuple[str, FilingRoute]]:
    """Return every route by its name, with the plugin that brings it."""
    found = others.brought(FilingRoute)
    return {route.name: (plugin, route) for plugin, route in found.items()}


def route(name: str) -> FilingRoute:
    """Return a route; AskUser `channel_missing` when its plugin is not there."""
    found = all_routes().get(name)
    if found is None:
        raise AskUser("channel_missing", channel=name)
    return found[1]
