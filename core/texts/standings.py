"""What a state says: its words and those of its cause, in one order everywhere."""

from core.rules.standing import Status, Way
from core.texts import Explained, explain

_CAUSE_FIRST = ("status_licence_over", "status_removed")
"""Of these the cause is the news, and the state what follows from it."""


def say(status: Status, plugin: str = "") -> Explained:
    """Return what is so, why, and what who reads it can do.

    `plugin`: name of the plugin that the state is found at.
    """
    names = {"plugin": plugin, "service": plugin}
    own = explain(status.code, names)
    cause = explain(status.cause, names) if status.cause else None
    parts = [own.what, cause.what if cause else ""]
    if status.code in _CAUSE_FIRST:
        parts.reverse()
    return Explained(
        what=" ".join(filter(None, parts)),
        why="",
        action=_action(status, own, cause),
        field=cause.field if cause else own.field,
    )


def _action(status: Status, own: Explained, cause: Explained | None) -> str:
    if status.is_for_others:
        return explain("status_for_others").action
    if status.way == Way.PAY:
        return explain("status_invoice_open").action
    return own.action or (cause.action if cause else "")
