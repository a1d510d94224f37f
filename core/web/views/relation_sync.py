"""Relations kept in step with a package: progress, runs, and what is to be solved.

The settings stand on the plugin's page, as its section `relations`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from core.domain.clock import utcnow
from core.models import Connection, Relation, RelationTrouble, RunKind, RunState
from core.plugin.capabilities import Choice, Choices, Plugin, Relations, Section
from core.rules.sync.settings import SECTION
from core.runtime.database import session, transaction
from core.runtime.extensions import htmx, koppelwerk
from core.services.crm import relations
from core.services.crm.relation_lists import managers
from core.services.linking import checking
from core.services.reporting import overview
from core.services.syncing import (
    relation_previews,
    relation_runs,
    relation_sync,
    relation_troubles,
)
from core.services.syncing.relation_cards import OTHER_PARTY
from core.texts import Explained, explain
from core.texts.relation_sync import (
    COUNTS,
    FORESEEING,
    KINDS,
    PHASES,
    ROLES,
    STATES,
    TITLE,
)
from core.web.policy import access
from core.web.routing import row_number
from core.web.views import rights

pages = Blueprint("relation_sync", __name__)
FIRST = 5
"""So many troubles stand on the plugin's page; all of them on their own page."""
SIZE = 50


@dataclass(frozen=True)
class Shown:
    """A trouble as the user reads it."""

    row: RelationTrouble
    name: str
    words: Explained


def section_of(plugin: Plugin) -> Section | None:
    """Return the section of a package whose debtors and creditors are kept in step."""
    target = plugin.find(Relations)
    if target is None:
        return None
    return Section(
        name=SECTION,
        title=TITLE,
        form=target.form,
        choices=lambda connection: _choices(target, connection),
        template="relations/sync_part.html",
        context=lambda connection: context(target, connection),
        saved=lambda connection, _values: relation_sync.saved(connection),
    )


def _choices(target: Relations, connection: Connection) -> Choices:
    """Return the package's choices, and who may be a relation manager."""
    offered = target.choices(connection) if target.choices else Choices()
    people = [Choice(str(user_id), name) for user_id, name in managers()]
    return replace(offered, managers=people)


def context(target: Relations, connection: Connection) -> Mapping[str, Any]:
    """Return what the part of the page shows."""
    runs = relation_sync.recent_runs(connection.id)
    last = runs[0] if runs else None
    return {
        "heading": "h3",
        "notice": target.notice,
        "is_on": relation_sync.is_on(connection),
        "runs": runs,
        "run": last,
        "is_busy": last is not None and last.state == RunState.RUNNING,
        "is_waiting": last is not None and last.due_at > utcnow(),
        "why": explain(last.code, last.params) if last and last.code else None,
        "troubles": troubles(connection.id, 0, FIRST),
        "trouble_count": relation_troubles.count(connection.id),
        "pair_count": relation_troubles.count(connection.id, code=OTHER_PARTY),
        "phases": PHASES,
        "foreseeing": FORESEEING,
        "states": STATES,
        "count_words": COUNTS,
        "kinds": KINDS,
        "preview": relation_previews.waiting(connection.id),
        "needs_preview": relation_previews.is_needed(connection.id),
        "undone": {run.id for run in runs if relation_runs.is_undone(run.id)},
        "roles": ROLES,
    }


def troubles(connection_id: int, after: int, size: int) -> list[Shown]:
    """Return troubles with the names of their relations, oldest first."""
    rows = relation_troubles.page(connection_id, after, size, but=OTHER_PARTY)
    ids = {row.relation_id for row in rows if row.relation_id}
    found = session().scalars(select(Relation).where(Relation.id.in_(ids)))
    names = {row.id: relations.data_of(row).full_name for row in found}
    return [
        Shown(
            row,
            names.get(row.relation_id or 0, ""),
            explain(row.code, {"number": row.number, **row.params}),
        )
        for row in rows
    ]


@pages.get("/connections/<int:package_id>/relaties")
@access("login")
def show(package_id: int) -> str:
    """Show progress, runs and everything that is to be solved."""
    connection, target = kept(package_id)
    seen = dict(context(target, connection))
    if htmx:
        return render_template(
            "relations/sync_part.html", connection=connection, context=seen
        )
    after = request.args.get("na", 0, type=row_number)
    listed = troubles(connection.id, after, SIZE)
    seen |= {"troubles": listed, "heading": "h2"}
    return render_template(
        "relations/sync.html",
        connection=connection,
        context=seen,
        is_first=not after,
        after=listed[-1].row.id if len(listed) == SIZE else None,
        counts=overview.counts(),
    )


@pages.post("/connections/<int:package_id>/relaties")
@access("login")
def run(package_id: int) -> Response:
    """*Koppeling uitvoeren*, for the relations alone."""
    connection, _target = kept(package_id)
    trust = request.form.get("toch") == "1"
    if trust:
        rights.made_by(connection.plugin)
    with transaction():
        begun = relation_sync.begin(connection, by_user=True, trust_absent=trust)
    if begun is None:
        flash(_("Zet eerst een richting aan en sla dat op."), "error")
    elif begun.kind == RunKind.PREVIEW:
        flash(_("Er wordt een voorbeeld gemaakt; er wordt niets geschreven."), "info")
    else:
        flash(_("Relaties worden nu bijgewerkt."), "info")
    to = url_for("connections.plugin_settings", name=connection.plugin, _anchor=SECTION)
    return redirect(to, 303)


def kept(connection_id: int) -> tuple[Connection, Relations]:
    """Return a connection that keeps relations in step; else 404."""
    connection = rights.seen_connection(connection_id)
    plugin = koppelwerk().registry.plugins.get(connection.plugin)
    target = plugin.find(Relations) if plugin else None
    if target is None or not checking.shows_settings(connection):
        abort(404)
    return connection, target
