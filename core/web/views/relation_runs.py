"""One run of relations, line by line: what it did or would do; confirm it, undo it."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from core.domain.errors import AskUser
from core.models import Connection, RelationLine, RelationRun, RunKind, RunState
from core.plugin.pages import get_or_404
from core.runtime.database import transaction
from core.runtime.extensions import htmx
from core.services.reporting import overview
from core.services.syncing import (
    relation_lines,
    relation_previews,
    relation_runs,
    relation_undo,
)
from core.texts import Explained, explain
from core.texts.relation_sync import FORESEEING, KINDS, LINES, PHASES, ROLES, STATES
from core.web.policy import access
from core.web.routing import row_number
from core.web.views import relation_sync, rights

pages = Blueprint("relation_runs", __name__)
SIZE = 50


def _of(package_id: int, run_id: int) -> tuple[Connection, RelationRun]:
    connection, _target = relation_sync.kept(package_id)
    run = get_or_404(RelationRun, run_id)
    if run.connection_id != connection.id:
        abort(404)
    return connection, run


@pages.get("/connections/<int:package_id>/relaties/runs/<int:run_id>")
@access("login")
def show(package_id: int, run_id: int) -> str:
    """Show a run: how far it is, its totals, and its lines."""
    connection, run = _of(package_id, run_id)
    kind = request.args.get("soort", "")
    kind = kind if kind in LINES else ""
    after = request.args.get("na", 0, type=row_number)
    lines = relation_lines.page(run.id, kind, after, SIZE)
    totals = relation_lines.totals(run.id)
    waiting = relation_previews.waiting(connection.id)
    values = {
        "connection": connection,
        "run": run,
        "is_busy": run.state == RunState.RUNNING,
        "why": explain(run.code, run.params) if run.code else None,
        "lines": [(line, _why(line)) for line in lines],
        "totals": {name: totals[name] for name in LINES if totals.get(name)},
        "kind": kind,
        "is_first": not after,
        "after": lines[-1].id if len(lines) == SIZE else None,
        "waits": waiting is not None and waiting.id == run.id,
        "may_undo": relation_undo.may_undo(run),
        "undo_waits": _undo_waits(run),
        "kept_until": relation_lines.kept_until(run),
        "is_undone": relation_runs.is_undone(run.id),
        "kinds": KINDS,
        "states": STATES,
        "phases": PHASES,
        "foreseeing": FORESEEING,
        "line_words": LINES,
        "roles": ROLES,
        "may_confirm": rights.may_make(connection.plugin),
    }
    if htmx:
        return render_template("relations/run_part.html", **values)
    return render_template("relations/run.html", **values, counts=overview.counts())


def _why(line: RelationLine) -> Explained | None:
    if not line.code:
        return None
    return explain(line.code, {"number": line.number, **line.params})


def _undo_waits(run: RelationRun) -> bool:
    return (
        run.kind == RunKind.UNDO_PREVIEW
        and run.state == RunState.DONE
        and run.confirmed_at is None
    )


@pages.post("/connections/<int:package_id>/relaties/runs/<int:run_id>/uitvoeren")
@access("maker")
def confirm(package_id: int, run_id: int) -> Response:
    """*Uitvoeren*: let happen what this preview says, or what its list puts back."""
    connection, run = _of(package_id, run_id)
    rights.made_by(connection.plugin)
    try:
        with transaction():
            if run.kind == RunKind.UNDO_PREVIEW:
                begun = relation_undo.confirm(connection, run)
            else:
                begun = relation_previews.confirm(connection, run.id)
            begun_id = begun.id
    except AskUser as error:
        return _told(error, package_id, run_id)
    return _to(package_id, begun_id)


@pages.post("/connections/<int:package_id>/relaties/runs/<int:run_id>/ongedaan")
@access("maker")
def undo(package_id: int, run_id: int) -> Response:
    """*Ongedaan maken*: list first what would be put back, and what cannot be."""
    connection, run = _of(package_id, run_id)
    rights.made_by(connection.plugin)
    try:
        with transaction():
            listed_id = relation_undo.begin(connection, run).id
    except AskUser as error:
        return _told(error, package_id, run_id)
    return _to(package_id, listed_id)


def _told(error: AskUser, package_id: int, run_id: int) -> Response:
    words = explain(error.code, error.params)
    flash(f"{words.what} {words.action}", "error")
    return _to(package_id, run_id)


def _to(package_id: int, run_id: int) -> Response:
    to = url_for("relation_runs.show", package_id=package_id, run_id=run_id)
    return redirect(to, 303)
