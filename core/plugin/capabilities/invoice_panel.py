"""A part of the page of a sales invoice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.plugin.capabilities.capability import Capability


def _never(_invoice_id: int) -> bool:
    return False


@dataclass(frozen=True)
class InvoicePanel(Capability):
    """What a plugin says of, or does with, a sent sales invoice of a tenant that has
    it switched on."""

    template: str
    """Shown on the invoice's page, with what `context` returns as `panel`."""
    context: Callable[[int], Mapping[str, Any]]
    """Called with the invoice's id, in its tenant's scope; asks nothing outside."""
    may_send: Callable[[int], bool] = _never
    """Whether a draft (by id) may be sent this way: a button on its page. Once it has
    its number, `on_invoice_sent` comes with the plugin's name in `sent_as`."""
