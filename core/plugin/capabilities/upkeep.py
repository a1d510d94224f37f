"""What a plugin keeps of its own: by law, and due at some moment."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from core.plugin.capabilities.capability import Capability

if TYPE_CHECKING:
    from core.models import Base


def _nothing(_email: str) -> Sequence[tuple[str, date]]:
    return ()


@dataclass(frozen=True)
class Retention(Capability):
    """Tables whose rows the law keeps when a tenant is erased."""

    kept: "tuple[type[Base], ...]"
    """Models of the plugin's own."""
    forget: Callable[[int], None]
    """Take names and keys out of their rows when a tenant (by id) is erased; in that
    transaction, before anything else is deleted."""
    stays: "tuple[type[Base], ...]" = ()
    """Models whose rows stay as they are when a customer of the tenant in scope is
    erased, and go with the tenant: its own administration."""
    of_customer: Callable[[str], Sequence[tuple[str, date]]] = _nothing
    """Of `stays`, what is of a customer (by e-mail address): its number, and until when
    the law keeps it; named on the screen that erases him."""


@dataclass(frozen=True)
class DueWork:
    """A kind of work that stands in the database; the dispatcher wakes its task."""

    task: str
    """The RQ task's name; `<plugin>.<name>` of a plugin's own."""
    queue: str
    due: Callable[[datetime], Iterable[int]]
    """Called with the shared clock's moment, a few times a minute: what the task is
    woken with. A task that finds its work by itself is woken with 0."""


@dataclass(frozen=True)
class OwnWork(Capability):
    """Work of a plugin's own that comes due beside its connections."""

    kinds: Sequence[DueWork]
