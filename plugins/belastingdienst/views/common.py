"""What the pages share: who may open them, and refusals in the user's words."""

from core.plugin.own_pages import OwnPages, say, words

PLUGIN = "belastingdienst"
_PAGES = OwnPages(PLUGIN)
guard, page, to = _PAGES.guard, _PAGES.page, _PAGES.to

__all__ = ["PLUGIN", "guard", "page", "say", "to", "words"]
