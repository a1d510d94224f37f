"""The couplings there are: every shop whose orders can go to every package.

Read from the plugins' declarations and manifests; nothing is listed by hand.
"""

from dataclasses import dataclass

from core.plugin.capabilities import Manifest, Orders, Shop
from core.runtime.extensions import koppelwerk


@dataclass(frozen=True)
class Offer:
    """A coupling that one can sign up for."""

    source: Manifest
    """The webshop software."""
    target: Manifest
    """The accounting package."""

    @property
    def title(self) -> str:
        """Both names, as on an invoice."""
        return f"{self.source.title} → {self.target.title}"


def offers() -> list[Offer]:
    """Return every coupling that can be made with the loaded plugins, by name.

    Shops that have to be programmed for our API come last.
    """
    registry = koppelwerk().registry
    shops = registry.brought(Shop)
    sources = [registry.manifests[name] for name in shops]
    targets = [registry.manifests[name] for name in registry.brought(Orders)]
    found = [Offer(source, target) for source in sources for target in targets]

    def place(offer: Offer) -> tuple[bool, str]:
        return shops[offer.source.name].takes_api_orders, offer.title

    return sorted(found, key=place)


def find(source: str, target: str) -> Offer | None:
    """Return the coupling of two plugins; None when there is no such coupling."""
    pair = (source, target)
    return next(
        (offer for offer in offers() if (offer.source.name, offer.target.name) == pair),
        None,
    )
