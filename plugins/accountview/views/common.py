"""What the pages share: who may open them, and refusals in the user's words."""

from typing import Any

from core.plugin import others
from core.plugin.capabilities import DeclaredFor
from core.plugin.own_pages import OwnPages, say, words

PLUGIN = "accountview"
_PAGES = OwnPages(PLUGIN)
guard, to = _PAGES.guard, _PAGES.to


def page(template: str, **values: Any) -> str:
    """Render a page of the plugin, with the way back to the declarations."""
    found = others.brought(DeclaredFor).values()
    declarations = next((each.address() for each in found), "")
    return _PAGES.page(template, declarations=declarations, **values)


__all__ = ["PLUGIN", "guard", "page", "say", "to", "words"]
