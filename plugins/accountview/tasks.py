"""RQ tasks: one function each, by name; each takes the id of what it works on."""

from collections.abc import Callable, Mapping

from plugins.accountview import reference


def read_companies(connection_id: int) -> None:
    """Read which companies AccountView has (on_schedule)."""
    reference.read(connection_id)


TASKS: Mapping[str, Callable[[int], None]] = {"read_companies": read_companies}
