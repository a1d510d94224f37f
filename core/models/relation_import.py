"""Relations that come in by file: the file, its rows and what became of each."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, Leased, TenantOwned, now_column


class ImportState(StrEnum):
    """Where an import stands; the three that end in -ing are being worked on."""

    READING = "reading"
    """Its rows are taken out of the file."""
    READ = "read"
    """The user says what the columns are."""
    CHECKING = "checking"
    """Every row is judged; nothing is written yet."""
    CHECKED = "checked"
    """The user sees what would happen."""
    WRITING = "writing"
    DONE = "done"
    FAILED = "failed"
    """The file cannot be read; `error` says why."""


class RowVerdict(StrEnum):
    """What a row would do, or has done."""

    MADE = "made"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


class RelationImport(Base, TenantOwned, Leased):
    """One file that was uploaded."""

    __tablename__ = "relation_import"
    __table_args__ = (Index("ix_relation_import_work", "state", "lease_until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL")
    )
    filename: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    """Dropped once its rows are read."""
    format: Mapped[str] = mapped_column(String(60), default="")
    """How it was read: `xlsx`, or encoding and separator."""
    headers: Mapped[list[Any]] = mapped_column(default=list)
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The field of each column, and what new relations are when the file is silent."""
    state: Mapped[ImportState] = mapped_column(String(20), default=ImportState.READING)
    error: Mapped[str] = mapped_column(String(60), default="")
    rows: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)
    """The last row that was judged or written: where a run goes on."""
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Rows by verdict, of the check and then of the writing."""
    tries: Mapped[int] = mapped_column(default=0)
    """Since it last got on; counted before each, so that a fatal one counts as well."""
    created_at: Mapped[datetime] = now_column()
    ended_at: Mapped[datetime | None]


class RelationImportRow(Base, TenantOwned):
    """One row of the file."""

    __tablename__ = "relation_import_row"
    __table_args__ = (
        Index("ix_relation_import_row_key", "import_id", "key"),
        Index("ix_relation_import_row_list", "import_id", "verdict", "number"),
    )

    import_id: Mapped[int] = mapped_column(
        ForeignKey("relation_import.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    """The line in the file, as a spreadsheet counts."""
    cells: Mapped[list[Any]] = mapped_column(default=list)
    key: Mapped[str] = mapped_column(String(300), default="")
    """The number or address it is matched by: a second row with it is refused."""
    verdict: Mapped[str] = mapped_column(String(10), default="")
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    """Why it is refused: pairs of field and code; else the fields that change."""
    relation_id: Mapped[int | None] = mapped_column(
        ForeignKey("relation.id", ondelete="SET NULL"), index=True
    )
    is_written: Mapped[bool] = mapped_column(default=False)
