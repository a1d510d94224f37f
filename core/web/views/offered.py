"""What the pages of one kind of booking (sales invoices, purchases) have in common."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import abort, redirect, url_for
from werkzeug.wrappers import Response

from core.models import Connection, Coupling
from core.plugin.capabilities import Choice

Target = TypeVar("Target")


@dataclass(frozen=True)
class Offered(Generic[Target]):
    """A connection over which documents of the kind can be booked."""

    connection: Connection
    target: Target
    coupling: Coupling | None

    @property
    def is_on(self) -> bool:
        """Whether booking is switched on."""
        return self.coupling is not None and self.coupling.enabled

    @property
    def running(self) -> Coupling:
        """Its coupling; 404 while booking is off."""
        if self.coupling is None or not self.coupling.enabled:
            abort(404)
        return self.coupling


def or_404(found: Offered[Target] | None) -> Offered[Target]:
    """Return what is offered; 404 where nothing is."""
    if found is None:
        abort(404)
    return found


def to_its_plugin(connection: Connection) -> Response:
    """Open the page of a connection's plugin instead."""
    to = url_for("connections.plugin_settings", name=connection.plugin)
    return redirect(to, 303)


def is_offered(chosen: str, choices: Collection[Choice]) -> bool:
    """Tell whether a choice is (still) one of those that the package has."""
    return any(choice.value == chosen for choice in choices)
