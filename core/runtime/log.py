"""The one writer of the log that users read: codes and values, words come when shown.

It is only added to: an entry is never changed, but for what names a person (`forget`),
and never deleted before its time is over (`EXPIRES`: `operations.retention` says when),
but with its whole tenant (`ENDS`).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Text,
    event,
    func,
    insert,
    inspect,
    select,
    type_coerce,
    update,
)
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from core.domain import jsontext
from core.domain.clock import utcnow
from core.models import ActorKind, Base, Connection, LogEntry, LogLevel, Transfer
from core.rules.changes import changes as changes_of
from core.rules.changes import word
from core.rules.log_subjects import parted, subject_of
from core.runtime.database import session

ENDS = "log_ends"
"""Execution option of a delete: the tenant itself goes."""
EXPIRES = "log_expires"
"""Execution option of a delete: their time is over."""
_FORGETS = "log_forgets"


class AppendOnly(RuntimeError):
    """An entry of the log would be changed or deleted: a programming error."""


@dataclass(frozen=True)
class Actor:
    """Who does what happens now."""

    kind: ActorKind = ActorKind.SYSTEM
    user_id: int | None = None
    name: str = ""
    address: str = ""
    """Network address; of IPv6 the network."""


_actor: ContextVar[Actor] = ContextVar("log_actor", default=Actor())  # noqa: B039  it is frozen


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """Let entries say who did it."""
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)


def write(
    tenant_id: int,
    code: str,
    *,
    level: LogLevel = LogLevel.INFO,
    connection_id: int | None = None,
    transfer_id: int | None = None,
    invoice_id: int | None = None,
    user_id: int | None = None,
    of_plugin: str = "",
    changes: Sequence[Sequence[str]] = (),
    params: Mapping[str, Any] | None = None,
    **more: Any,
) -> None:
    """Add an entry in the caller's transaction; values must hold no secrets.

    The text's values are given by name, or as `params` where they are data already;
    `changes` say from which value to which (`core.rules.changes`). `of_plugin`: whose
    it is; empty: as the values or the database say, by connection or transfer.
    """
    values = {**(params or {}), **more}
    of_document = transfer_id is not None or invoice_id is not None
    said, personal = parted(code, values, of_document=of_document)
    actor = _actor.get()
    if actor.kind != ActorKind.SYSTEM:
        personal |= {"by": actor.name, "from": actor.address}
    is_known = user_id is not None and actor.kind in (
        ActorKind.SYSTEM,
        ActorKind.VISITOR,
    )
    plugin = of_plugin or values.get("plugin") or _plugin(connection_id, transfer_id)
    is_asked = not isinstance(plugin, str)
    row = {
        "tenant_id": tenant_id,
        "at": utcnow(),
        "level": level,
        "code": code,
        "subject": subject_of(
            code,
            of_transfer=transfer_id is not None,
            of_invoice=invoice_id is not None,
        ),
        "actor": ActorKind.USER if is_known else actor.kind,
        "params": said,
        "changes": [list(change) for change in changes],
        "personal": personal,
        "connection_id": connection_id,
        "transfer_id": transfer_id,
        "invoice_id": invoice_id,
        "user_id": actor.user_id if user_id is None else user_id,
        **({} if is_asked else {"plugin": plugin}),
    }
    adding = insert(LogEntry).values(plugin=plugin) if is_asked else _ADD
    session().execute(adding, [row])


_ADD = insert(LogEntry)


def changed(row: Base) -> list[list[str]]:
    """Return what was set on a row and not written yet, for `changes`."""
    before, after = {}, {}
    for attribute in inspect(row).attrs:
        history = attribute.history
        if history.has_changes():
            before[attribute.key] = _word(*history.deleted)
            after[attribute.key] = _word(*history.added)
    return changes_of(before, after)


def _word(value: Any = "") -> str:
    if isinstance(value, Mapping):
        return ", ".join(filter(None, map(str, value.values())))
    return word(value)


def _plugin(connection_id: int | None, transfer_id: int | None) -> Any:
    """Return the plugin of a connection, which the database looks up."""
    if connection_id is None and transfer_id is None:
        return ""
    of: Any = connection_id
    if of is None:
        target = select(Transfer.target_id).where(Transfer.id == transfer_id)
        of = target.scalar_subquery()
    plugin = select(Connection.plugin).where(Connection.id == of)
    return func.coalesce(plugin.scalar_subquery(), "")


def forget(
    which: ColumnElement[bool], *, left: Mapping[str, str] | None = None
) -> None:
    """Empty what names a person in some entries, in the caller's transaction.

    `left` is what may stay of it: the number of a document that stays itself.
    """
    session().execute(
        update(LogEntry)
        .where(which)
        .values(personal=dict(left or {}))
        .execution_options(synchronize_session=False, **{_FORGETS: True})
    )


def mentioning(text: str) -> ColumnElement[bool]:
    """Return: entries whose values that name a person hold a text."""
    inside = jsontext.dumps(text)[1:-1]
    return type_coerce(LogEntry.personal, Text).icontains(inside, autoescape=True)


def saying(value: str) -> ColumnElement[bool]:
    """Return: entries one of whose values that name a person is this text."""
    said = type_coerce(LogEntry.personal, Text)
    return said.contains(jsontext.dumps(value), autoescape=True)


@event.listens_for(Session, "do_orm_execute")
def _refuse_changes(state: ORMExecuteState) -> None:
    if not (state.is_update or state.is_delete):
        return
    mapper = state.bind_mapper
    if mapper is None or mapper.class_ is not LogEntry:
        return
    allowed = (_FORGETS,) if state.is_update else (ENDS, EXPIRES)
    if not any(state.execution_options.get(each) for each in allowed):
        raise AppendOnly


@event.listens_for(Session, "before_flush")
def _refuse_rows(current: Session, _context: UOWTransaction, _rows: Any) -> None:
    changed = {row for row in current.dirty if current.is_modified(row)}
    if any(isinstance(row, LogEntry) for row in (*changed, *current.deleted)):
        raise AppendOnly
