"""The log: what happened, in codes that are put into the user's words when shown.

It is only ever added to, and entries go when their time is over
(`core.services.operations.retention`). What names a person stands apart in `personal`,
the one part that may be emptied (`core.runtime.log.forget`).
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DDL, ForeignKey, Index, String, event
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, TenantOwned, now_column


class LogLevel(StrEnum):
    """How much attention an entry wants."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class ActorKind(StrEnum):
    """Who did what an entry tells."""

    SYSTEM = "system"
    USER = "user"
    OPERATOR = "operator"
    """One of our people, looking at a tenant's pages."""
    TOKEN = "token"  # noqa: S105  whoever uses a key of the API
    VISITOR = "visitor"
    """Nobody who is logged in."""


class LogEntry(Base, TenantOwned):
    """One thing that happened, or that somebody did."""

    __tablename__ = "log_entry"
    __table_args__ = (
        Index("ix_log_entry_list", "tenant_id", "at", "id"),
        Index("ix_log_entry_plugin", "tenant_id", "plugin", "at", "id"),
        Index("ix_log_entry_transfer", "transfer_id", "tenant_id", "id"),
        Index("ix_log_entry_invoice", "invoice_id", "tenant_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"))
    """Without an index of its own: the ones above begin with it, and a planner
    without statistics would take it for lists it has to read whole."""
    at: Mapped[datetime] = now_column()
    level: Mapped[LogLevel] = mapped_column(String(10), default=LogLevel.INFO)
    code: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(20), default="")
    """What it is about: one of `core.rules.log_subjects.Subject`."""
    plugin: Mapped[str] = mapped_column(String(30), default="")
    """The plugin it is about; empty: none."""
    actor: Mapped[ActorKind] = mapped_column(String(10), default=ActorKind.SYSTEM)
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Values of its text that name nobody."""
    changes: Mapped[list[Any]] = mapped_column(default=list)
    """Field, old and new value of what was changed (`core.rules.changes`)."""
    personal: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Values that may name a person, with `by` and `from` of who did it: his name and
    network address. Emptied when he, or the customer it is about, is erased."""
    connection_id: Mapped[int | None] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE"), index=True
    )
    transfer_id: Mapped[int | None] = mapped_column(
        ForeignKey("transfer.id", ondelete="SET NULL")
    )
    invoice_id: Mapped[int | None] = mapped_column(
        ForeignKey("sales_invoice.id", ondelete="SET NULL")
    )
    """The sales invoice it is about."""
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL")
    )

    @property
    def values(self) -> dict[str, Any]:
        """All values of its text."""
        return {**self.params, **self.personal}


_wants_attention = LogEntry.level != LogLevel.INFO
Index(
    "ix_log_entry_level",
    LogEntry.tenant_id,
    LogEntry.level,
    LogEntry.at,
    LogEntry.id,
    sqlite_where=_wants_attention,
    postgresql_where=_wants_attention,
)
_is_no_order = LogEntry.subject != "order"
Index(
    "ix_log_entry_subject",
    LogEntry.tenant_id,
    LogEntry.subject,
    LogEntry.at,
    LogEntry.id,
    sqlite_where=_is_no_order,
    postgresql_where=_is_no_order,
)

_FIXED = "tenant_id, at, level, code, subject, plugin, actor, params, changes"
APPEND_ONLY = {
    "sqlite": (
        f"CREATE TRIGGER log_entry_stays BEFORE UPDATE OF {_FIXED} ON log_entry"
        " BEGIN SELECT RAISE(ABORT, 'the log is only added to'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION log_entry_stays() RETURNS trigger AS"
        " $$ BEGIN RAISE EXCEPTION 'the log is only added to'; END $$"
        " LANGUAGE plpgsql",
        f"CREATE TRIGGER log_entry_stays BEFORE UPDATE OF {_FIXED} ON log_entry"
        " FOR EACH ROW EXECUTE FUNCTION log_entry_stays()",
    ),
}
"""By database: what it refuses by itself, whoever asks. A migration that makes the
table anew on SQLite has to make the trigger anew too (`tests/meta/test_migrations`)."""
for _dialect, _statements in APPEND_ONLY.items():
    for _statement in _statements:
        _made: Any = DDL(_statement)  # type: ignore[no-untyped-call]
        event.listen(
            LogEntry.metadata.tables[LogEntry.__tablename__],
            "after_create",
            _made.execute_if(dialect=_dialect),
        )
