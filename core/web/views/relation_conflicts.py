"""Wie is wie: relations and records with one number, what a person chose of them, and
what was overwritten in the package."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from core.models import Connection, Relation
from core.plugin.capabilities import Relations
from core.plugin.pages import before
from core.rules.parties import party_of
from core.rules.sync import Choice
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk
from core.services.crm import relation_lists, relations
from core.services.linking import checking
from core.services.reporting import overview
from core.services.reporting.overview import Page
from core.services.syncing import (
    relation_cards,
    relation_conflicts,
    relation_decisions,
    relation_troubles,
)
from core.texts.relation_conflicts import CARD, CHOICES, MEANINGS
from core.texts.relation_sync import ROLES
from core.web.policy import access
from core.web.routing import row_number
from core.web.views import rights

pages = Blueprint("relation_conflicts", __name__)
SIZE = 50


@dataclass(frozen=True)
class Pair:
    """A relation and a record as the user compares them."""

    id: int
    relation_id: int
    role: str
    number: str
    ours: Mapping[str, str]
    theirs: Mapping[str, str]
    chosen: str = ""
    """What the next run carries out."""

    @property
    def name(self) -> str:
        """The relation's name."""
        return self.ours["names"]


@dataclass(frozen=True)
class Pairs:
    """Some pairs of a connection, and how many there are."""

    page: Page
    count: int
    left_out: int
    is_first: bool


@pages.app_template_global("relation_pairs")
def pairs(connection: Connection) -> Pairs:
    """Return the pairs to decide on, for the part on the relations' page."""
    after = request.args.get("paar", 0, type=row_number)
    rows = relation_troubles.page(
        connection.id, after, SIZE + 1, code=relation_cards.OTHER_PARTY
    )
    cards = _cards(row.relation_id or 0 for row in rows)
    chosen = relation_decisions.chosen(connection.id, rows)
    found = [
        Pair(
            row.id,
            row.relation_id or 0,
            row.role,
            row.number,
            cards.get(row.relation_id or 0, dict.fromkeys(CARD, "")),
            relation_cards.card_of(row.params),
            chosen.get(row.id, ""),
        )
        for row in rows[:SIZE]
    ]
    return Pairs(
        _page(found, more=len(rows) > SIZE),
        relation_troubles.count(connection.id, code=relation_cards.OTHER_PARTY),
        relation_decisions.count_left_out(connection.id),
        not after,
    )


@pages.app_context_processor
def words() -> dict[str, Any]:
    """Return the words of the parts that compare cards."""
    return {"card_words": CARD, "choice_words": CHOICES, "choice_meanings": MEANINGS,
            "role_words": ROLES}  # fmt: skip


@pages.post("/connections/<int:package_id>/relaties/wie-is-wie")
@access("maker")
def choose(package_id: int) -> Response:
    """Store a choice for the pairs that were ticked, or for all."""
    connection = _changed(package_id)
    choice = request.form.get("keuze", "")
    if choice not in relation_decisions.CHOICES:
        abort(400)
    is_all = request.form.get("alle") == "1"
    ids = request.form.getlist("paar", type=row_number)
    if is_all and choice == Choice.SAME:
        flash(_("Dat twee kaarten van één partij zijn, kiest u per paar."), "error")
    elif not (is_all or ids):
        flash(_("Vink eerst een of meer paren aan."), "error")
    else:
        with transaction():
            count = relation_conflicts.choose(
                connection,
                choice,
                trouble_ids=None if is_all else ids,
                user_id=current_user.id,
            )
        flash(_said(choice, count), "success")
    return _back(connection)


def _said(choice: str, count: int) -> str:
    words = ngettext("%(num)s paar: %(choice)s.", "%(num)s paren: %(choice)s.", count,
                     choice=str(CHOICES[choice]).lower())  # fmt: skip
    if choice == Choice.LEFT_OUT:
        return str(words)
    return f"{words} {_('De koppeling wordt nu uitgevoerd.')}"


@pages.get("/connections/<int:package_id>/relaties/buiten-gelaten")
@access("login")
def left_out(package_id: int) -> str:
    """List the pairs that nothing is done with."""
    connection = _seen(package_id)
    after = before() or 0
    rows = relation_decisions.left_out(connection.id, after, SIZE + 1)
    cards = _cards(row.relation_id for row in rows)
    found = [
        Pair(
            row.id,
            row.relation_id,
            row.role,
            row.number,
            cards.get(row.relation_id, dict.fromkeys(CARD, "")),
            relation_cards.card_of(row.params),
        )
        for row in rows[:SIZE]
    ]
    return render_template(
        "relations/left_out.html",
        connection=connection,
        page=_page(found, more=len(rows) > SIZE),
        is_first=not after,
        counts=overview.counts(),
    )


@pages.post("/connections/<int:package_id>/relaties/buiten-gelaten")
@access("maker")
def take_back(package_id: int) -> Response:
    """*Toch meenemen*: ask again about the pairs that were ticked."""
    connection = _changed(package_id)
    with transaction():
        ids = request.form.getlist("paar", type=row_number)
        count = relation_conflicts.take_back(connection, ids)
    if count:
        flash(_("Kies nu bij Wie is wie wat er met het paar gebeurt."), "success")
        return _back(connection)
    flash(_("Vink eerst een of meer paren aan."), "error")
    to = url_for("relation_conflicts.left_out", package_id=connection.id)
    return redirect(to, 303)


@pages.get("/connections/<int:package_id>/relaties/overschreven")
@access("login")
def overwritten(package_id: int) -> str:
    """List what the CRM wrote over in the package, newest first."""
    connection = _seen(package_id)
    return render_template(
        "relations/overwritten.html",
        connection=connection,
        page=relation_lists.overwritten(connection.id, before()),
        is_first=before() is None,
        counts=overview.counts(),
    )


def _cards(ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """Return our side of some pairs, by relation."""
    rows = session().scalars(select(Relation).where(Relation.id.in_(set(ids))))
    found = {}
    for row in rows:
        data = relations.data_of(row)
        party = replace(party_of(data), names=(data.full_name,))
        found[row.id] = relation_cards.shown(party)
    return found


def _page(found: list[Pair], *, more: bool) -> Page:
    return Page(found, found[-1].id if more else None)


def _back(connection: Connection) -> Response:
    to = url_for("relation_sync.show", package_id=connection.id, _anchor="wie-is-wie")
    return redirect(to, 303)


def _changed(connection_id: int) -> Connection:
    return _kept(rights.made_connection(connection_id))


def _seen(connection_id: int) -> Connection:
    """Return a connection that keeps relations in step; else 404."""
    return _kept(rights.seen_connection(connection_id))


def _kept(connection: Connection) -> Connection:
    plugin = koppelwerk().registry.plugins.get(connection.plugin)
    if not (plugin and plugin.find(Relations) and checking.shows_settings(connection)):
        abort(404)
    return connection
