"""Importing relations: upload, columns, what would happen, progress and outcome."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from core.domain.errors import AskUser
from core.models import (
    ImportState,
    RelationImport,
    RelationImportRow,
    RelationKind,
    RelationType,
    RowChoice,
    RowUndone,
    RowVerdict,
)
from core.plugin.pages import before, get_or_404
from core.rules.relation_headers import TARGETS
from core.runtime.database import session, transaction
from core.runtime.extensions import htmx
from core.services.crm import relation_import as imports
from core.services.crm import relation_import_rows as rows
from core.services.crm.relation_matching import Defaults
from core.services.reporting import overview
from core.texts import explain
from core.texts.relations import KINDS, TYPES, UNDONE, VERDICTS, label
from core.web.policy import access
from core.web.routing import row_number
from core.web.views.downloads import send_list
from core.web.views.relation_columns import refused_columns

pages = Blueprint("relation_import", __name__)
SAMPLE = 3


@dataclass(frozen=True)
class RefusedRow:
    """A line of the report of refused rows."""

    number: int
    cells: list[str]
    words: list[str]


@pages.get("/relaties/importeren")
@access("login")
def index() -> str:
    """Let a file be chosen, and show the last ones."""
    return _index()


def _index(error: str = "") -> str:
    return render_template(
        "relations/import.html",
        error=error,
        imports=imports.recent(),
        largest=imports.LARGEST // 1_000_000,
        counts=overview.counts(),
    )


@pages.post("/relaties/importeren")
@access("login")
def upload() -> str | Response:
    """Take a file in."""
    file = request.files.get("bestand")
    content = file.read(imports.LARGEST + 1) if file else b""
    if not content or file is None:
        return _index(_("Kies een bestand."))
    if len(content) > imports.LARGEST:
        return _index(_("Dit bestand is te groot; verdeel het over meer bestanden."))
    name = PurePath(file.filename or "bestand").name
    try:
        with transaction():
            row = imports.receive(name, content, user_id=current_user.id)
    except AskUser as error:
        words = explain(error.code, error.params)
        return _index(f"{words.what} {words.action}".strip())
    return _to(row)


def _to(row: RelationImport) -> Response:
    return redirect(url_for("relation_import.show", import_id=row.id), 303)


@pages.get("/relaties/importeren/<int:import_id>")
@access("login")
def show(import_id: int) -> str:
    """Show an import where it stands; the part that moves refreshes itself."""
    row = get_or_404(RelationImport, import_id)
    verdict = request.args.get("wat", "")
    known = {*RowVerdict, *RowUndone, imports.NOTED}
    verdict = verdict if verdict in known else ""
    template = "relations/import_part.html" if htmx else "relations/import_show.html"
    return render_template(
        template,
        row=row,
        is_busy=row.state in imports.WORKING,
        is_open=row.state in imports.OPEN,
        columns=rows.columns_of(row),
        defaults=rows.defaults_of(row),
        targets=[(field, label(field)) for field in TARGETS],
        sample=imports.lines(row, "", size=SAMPLE).rows,
        page=imports.lines(row, verdict, before()),
        verdict=verdict,
        verdicts=VERDICTS,
        noted=imports.noted(row),
        undone=imports.undone(row),
        undone_words=UNDONE,
        notes=[explain(code, params) for code, params in row.layout.get("notes", [])],
        kinds=KINDS,
        types=TYPES,
        error=explain(row.error, row.layout.get("error")) if row.error else None,
        is_first=before() is None,
        counts=overview.counts(),
    )


@pages.post("/relaties/importeren/<int:import_id>/kolommen")
@access("login")
def choose(import_id: int) -> Response:
    """Store what the columns are and check every row."""
    row = get_or_404(RelationImport, import_id)
    if row.state not in (ImportState.READ, ImportState.CHECKED):
        return _to(row)
    columns = request.form.getlist("kolom")
    if len(columns) != len(row.headers) or not set(columns) <= {"", *TARGETS}:
        return _refuse(row, _("Het formulier kwam niet volledig aan."))
    chosen = [column for column in columns if column]
    if len(set(chosen)) < len(chosen):
        return _refuse(row, _("Kies elk veld hoogstens één keer."))
    if "name" not in chosen:
        return _refuse(row, _("Kies de kolom met de naam."))
    with transaction():
        imports.choose(row, columns, _defaults())
    return _to(row)


def _refuse(row: RelationImport, text: str) -> Response:
    flash(text, "error")
    return _to(row)


def _defaults() -> Defaults:
    kind, relation_type = request.form.get("soort"), request.form.get("type")
    if kind not in set(RelationKind) or relation_type not in set(RelationType):
        abort(400)
    return Defaults(str(kind), str(relation_type))


@pages.post("/relaties/importeren/<int:import_id>/blad")
@access("login")
def reread(import_id: int) -> Response:
    """Read the file with another sheet or another line as its header."""
    row = get_or_404(RelationImport, import_id)
    if row.state not in imports.OPEN:
        return _to(row)
    sheet = request.form.get("blad", "")
    header = request.form.get("kopregel", type=row_number)
    if sheet not in (row.layout.get("sheets") or [""]):
        return _refuse(row, _("Het formulier kwam niet volledig aan."))
    if sheet != row.layout.get("sheet"):
        header = None  # the line of another sheet says nothing of this one
    with transaction():
        imports.reread(row, sheet, header)
    return _to(row)


@pages.post("/relaties/importeren/<int:import_id>/keuze")
@access("login")
def decide(import_id: int) -> Response:
    """Say of one row in conflict, or of all, whether it is the same party."""
    row = get_or_404(RelationImport, import_id)
    choice, number = (
        request.form.get("keuze"),
        request.form.get("regel", type=row_number),
    )
    if choice not in set(RowChoice):
        return _refuse(row, _("Het formulier kwam niet volledig aan."))
    if row.state == ImportState.CHECKED:
        with transaction():
            if number is None:
                imports.decide_all(row, RowChoice(choice))
            else:
                rows.decide_one(row, number, RowChoice(choice))
    where = request.form.get("wat") or None
    return redirect(
        url_for("relation_import.show", import_id=row.id, wat=where, _anchor="list"),
        303,
    )


@pages.post("/relaties/importeren/<int:import_id>/terug")
@access("login")
def back(import_id: int) -> Response:
    """*Kolommen aanpassen*."""
    row = get_or_404(RelationImport, import_id)
    if row.state == ImportState.CHECKED:
        with transaction():
            imports.back(row)
    return _to(row)


@pages.post("/relaties/importeren/<int:import_id>/uitvoeren")
@access("login")
def run(import_id: int) -> Response:
    """*Importeren*: write what was shown."""
    row = get_or_404(RelationImport, import_id)
    if row.state == ImportState.CHECKED:
        with transaction():
            imports.start(row)
    return _to(row)


@pages.post("/relaties/importeren/<int:import_id>/ongedaan")
@access("owner")
def undo(import_id: int) -> Response:
    """*Ongedaan maken*: take back what the import wrote and nobody changed since."""
    row = get_or_404(RelationImport, import_id)
    if row.state == ImportState.DONE:
        with transaction():
            imports.undo(row, user_id=current_user.id)
    return _to(row)


@pages.post("/relaties/importeren/<int:import_id>/vergeten")
@access("login")
def forget(import_id: int) -> Response:
    """Forget a file and its rows; what was imported stays."""
    row = get_or_404(RelationImport, import_id)
    with transaction() as current:
        current.delete(row)
    flash(_("Het bestand is vergeten; geïmporteerde relaties blijven staan."), "info")
    return redirect(url_for("relation_import.index"), 303)


@pages.get("/relaties/importeren/<int:import_id>/geweigerd.csv")
@access("login")
def refused(import_id: int) -> Response:
    """The refused rows as they came in, with the reasons, to mend and import again."""
    row = get_or_404(RelationImport, import_id)
    columns = refused_columns(row.headers)
    return send_list(f"geweigerd-{row.id}", "csv", columns, _refused(row))


def _refused(row: RelationImport) -> Iterator[RefusedRow]:
    for verdict in (RowVerdict.REFUSED, RowVerdict.CONFLICT, RowVerdict.LEFT):
        after: int | None = None
        while True:
            page = imports.lines(row, verdict, after, size=500)
            last = page.rows[-1].number if page.rows else None
            for line in page.rows:
                words = [*reason_words(line), *note_words(line)]
                yield RefusedRow(line.number, line.cells, words)
                session().expunge(line)
            if page.after is None:
                break
            after = last


@pages.app_template_filter("reason_words")
def reason_words(line: RelationImportRow) -> list[str]:
    """Return why a row is refused, in the user's words."""
    if line.verdict != RowVerdict.REFUSED:
        return []
    return [_words(*reason) for reason in line.reasons]


@pages.app_template_filter("note_words")
def note_words(line: RelationImportRow) -> list[str]:
    """Return what a person should see of a row, in the user's words."""
    return [_words(*note) for note in line.notes]


def _words(name: str, code: str, params: Mapping[str, Any] | None = None) -> str:
    words = explain(code, params)
    field = f"{label(name)}: " if name else ""
    parts = (words.what, words.why, words.action)
    said = field + " ".join(str(part) for part in parts if part)
    if params and params.get("left_out"):
        left = _("Niet overgenomen: %(text)s", text=params.get("text", ""))
        return f"{said} {left}"
    return said
