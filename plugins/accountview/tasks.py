"""RQ tasks, by name; jobs carry ids only."""

from collections.abc import Callable, Mapping

from plugins.accountview import filing_run


def file(filing_id: int) -> None:
    """Take one declaration a step on."""
    filing_run.run(filing_id)


TASKS: Mapping[str, Callable[[int], None]] = {"file": file}
