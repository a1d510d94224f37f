"""Whether there is room to pick up more: what the engine asks before it takes a row."""

from typing import Protocol

from core.plugin.ports import Port


class Room(Protocol):
    """Who knows."""

    def is_short(self) -> bool:
        """Tell whether too little is left on a disk; asked for every row."""


port = Port[Room]()
is_short = port.calls.is_short
