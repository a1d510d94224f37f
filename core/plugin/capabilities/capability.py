"""What every capability is: one whole thing that a plugin does, in one object."""

from collections.abc import Callable, Mapping

Task = Callable[[int], None]
"""An RQ task: gets the id of a connection."""


class Capability:
    """One thing that a plugin brings; a plugin brings each kind at most once."""

    @property
    def tasks(self) -> Mapping[str, Task]:
        """RQ tasks by name that come with it."""
        return {}
