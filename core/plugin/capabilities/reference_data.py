"""Reference data: what a plugin keeps of a package in a local index."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.plugin.capabilities.capability import Capability, Task
from core.plugin.reference_reading import LOAD_REFERENCE, read

if TYPE_CHECKING:
    from core.models import Connection


@dataclass(frozen=True)
class ReferenceData(Capability):
    """VAT codes, accounts, debtors and the like, read on connecting and on schedule."""

    load: "Callable[[Connection], None]"
    """Read all of it, now (on connecting, and *Wijzigen* offers it)."""
    refresh: "Callable[[Connection], None] | None" = None
    """Read what a scheduled run is to read; None: all of it."""

    @property
    def tasks(self) -> Mapping[str, Task]:
        """`load_reference`: the scheduled reading, with its states."""

        def load_reference(connection_id: int) -> None:
            read(connection_id, self.refresh or self.load)

        return {LOAD_REFERENCE: load_reference}
