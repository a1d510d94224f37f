"""What the other plugins bring: how one that builds on them finds them, unnamed."""

from typing import Protocol, TypeVar

from core.plugin.capabilities import Capability
from core.plugin.ports import Port

C = TypeVar("C", bound=Capability)


class Others(Protocol):
    """What the registry tells a plugin of the others."""

    def brought(self, kind: type[C]) -> dict[str, C]:
        """Return a capability of every loaded plugin that brings it, by plugin."""


port = Port[Others]()
brought = port.calls.brought
