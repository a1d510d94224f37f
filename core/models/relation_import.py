"""Relations that come in by file: the file, its rows and what became of each."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, Leased, TenantOwned, now_column


class ImportState(StrEnum):
    """Where an import stands; those that end in -ing are being worked on."""

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
    UNDOING = "undoing"
    """What it wrote is taken back, as far as nobody changed it since."""
    UNDONE = "undone"
    FAILED = "failed"
    """The file cannot be read; `error` says why."""


class RowVerdict(StrEnum):
    """What a row would do, or has done."""

    MADE = "made"
    CHANGED = "changed"
    SAME = "same"
    CONFLICT = "conflict"
    """Its number or address is another party's: a person chooses."""
    LEFT = "left"
    """A person chose to leave it out."""
    REFUSED = "refused"


class RowChoice(StrEnum):
    """What a person says of a row in conflict."""

    SAME = "same"
    """It is the same party: the relation is changed."""
    OTHER = "other"
    """It is another: a new relation, with the next number where its own is taken."""
    LEAVE = "leave"


class RowUndone(StrEnum):
    """What undoing an import did for a row."""

    WHOLE = "undone"
    PART = "partly"
    """Some fields were changed since; they stay."""
    KEPT = "kept"


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
    """Dropped once rows are written: until then another sheet or header is chosen."""
    format: Mapped[str] = mapped_column(String(60), default="")
    """How it was read: `xlsx`, or encoding and separator."""
    headers: Mapped[list[Any]] = mapped_column(default=list)
    layout: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """As `core.rules.tabular.told` says: sheet and header as read, the first lines, all
    sheets, notes; `error`: what the error speaks of."""
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The field of each column, and what new relations are when the file is silent;
    sheet and header as chosen; `undone_by`: the user who undoes it."""
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
    """Why it is refused: field, code and params; else what each field was and is. Of
    a written row it is the journal that undoing goes by."""
    remarks: Mapped[list[Any]] = mapped_column(default=list)
    """What reading the file found: column, code and params."""
    notes: Mapped[list[Any]] = mapped_column(default=list)
    """What a person should see of it: field, code and params."""
    is_noted: Mapped[bool] = mapped_column(default=False)
    choice: Mapped[str] = mapped_column(String(10), default="")
    relation_id: Mapped[int | None] = mapped_column(
        ForeignKey("relation.id", ondelete="SET NULL"), index=True
    )
    is_written: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int | None]
    """The relation's, as this row left it."""
    undone: Mapped[str] = mapped_column(String(10), default="")
