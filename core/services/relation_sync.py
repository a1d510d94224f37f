"""Relations kept in step with a package: when a run begins, goes on and ends.

One run per connection at a time, in turns of about a minute; what a turn does stands
in `core.services.relation_turn`. Everything a run needs to go on is in the database.
"""

from datetime import timedelta

from core.domain import RelationChanged
from core.models import Connection, RelationRun

SECTION = "relations"
"""Of the plugin's page, and the key of the settings of `RelationTarget.form`."""
SOON = timedelta(minutes=2)
"""After a change here a run begins this much later, so that it takes others along."""


def begin(connection: Connection, *, by_user: bool = False) -> RelationRun | None:
    """Make or continue the connection's run and wake its task, in the caller's
    transaction; None: the section was never saved, or nothing is switched on.

    For `on_schedule` hooks and the button; `by_user`: what was refused is tried again.
    """
    raise NotImplementedError


def advance(connection_id: int) -> None:
    """Go on with the connection's run for one turn; commits by itself (task body)."""
    raise NotImplementedError


def changed(event: RelationChanged, plugin: str, *, delay: timedelta = SOON) -> None:
    """Note that a relation changed, for `on_relation_changed` hooks: a run begins
    after `delay`. Cheap; in the caller's transaction. A package that counts calls
    leaves it out, or gives a longer delay."""
    raise NotImplementedError
