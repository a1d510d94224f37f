"""Relations that may be double: the list, merging two, and undoing it."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from core.domain.errors import AskUser, KoppelwerkError
from core.models import Connection, Relation, RelationLink, RelationMerge
from core.plugin.pages import get_or_404
from core.rules import doubles as double_rules
from core.rules.merging import UNITS
from core.runtime.database import session, transaction
from core.services.crm import duplicates, merging, relations
from core.services.crm.relation_lists import Filter, managers
from core.services.crm.relations import MANAGER
from core.services.reporting import overview
from core.services.syncing import relation_standing
from core.texts import in_one
from core.texts.relation_cards import REASONS
from core.texts.relation_sync import ROLES
from core.web.policy import access
from core.web.views import rights

pages = Blueprint("relation_merging", __name__)
FOUND = 20


@pages.get("/relaties/dubbelen")
@access("login")
def index() -> str:
    """Show the pairs that look like one relation."""
    after = request.args.get("na", "")
    if not after.startswith(double_rules.MARK) or len(after) > double_rules.LONGEST:
        after = ""
    return render_template(
        "relations/doubles.html",
        page=duplicates.page(after),
        is_first=not after,
        reasons=REASONS,
        counts=overview.counts(),
    )


@pages.post("/relaties/<int:relation_id>/geen-dubbele/<int:other_id>")
@access("login")
def not_double(relation_id: int, other_id: int) -> Response:
    """*Geen dubbele*: do not offer these two again."""
    one, other = _pair(relation_id, other_id)
    with transaction():
        duplicates.not_double(one, other, user_id=current_user.id)
    flash(_("Deze twee worden niet meer als dubbel aangeboden."), "info")
    return redirect(url_for("relation_merging.index"), 303)


def _pair(relation_id: int, other_id: int) -> tuple[Relation, Relation]:
    if relation_id == other_id:
        abort(404)
    return get_or_404(Relation, relation_id), get_or_404(Relation, other_id)


@pages.get("/relaties/<int:relation_id>/samenvoegen")
@access("login")
def choose(relation_id: int) -> str:
    """Search the relation to merge with."""
    row = get_or_404(Relation, relation_id)
    search = request.args.get("zoek", "").strip()[:100]
    found = relations.page(Filter(search=search), size=FOUND).rows if search else []
    return render_template(
        "relations/merge_choose.html",
        row=row,
        search=search,
        found=[each for each in found if each.id != row.id],
        counts=overview.counts(),
    )


@pages.route("/relaties/<int:relation_id>/samenvoegen/<int:other_id>",
             methods=["GET", "POST"])  # fmt: skip
@access("login")
def show(relation_id: int, other_id: int) -> str | Response:
    """Show two relations side by side with what would become of them; merge them."""
    kept, other = _pair(relation_id, other_id)
    try:
        preview = merging.preview(kept, other)
    except AskUser as error:
        flash(in_one(error), "error")
        return _back(kept.id)
    is_seen = request.form.get("versies") == _versions(kept, other)
    if request.method == "POST" and is_seen:
        return _merge(kept, other)
    if request.method == "POST":
        flash(_("Een van beide is intussen gewijzigd. Kijk het opnieuw na."), "warning")
    return render_template(
        "relations/merge.html",
        kept=kept,
        other=other,
        preview=preview,
        versions=_versions(kept, other),
        managers=dict(managers()),
        roles=ROLES,
        plugins=_plugins([*preview.moves, *preview.rests]),
        counts=overview.counts(),
    )


def _versions(kept: Relation, other: Relation) -> str:
    return f"{kept.version}-{other.version}"


def _plugins(links: list[RelationLink]) -> dict[int, str]:
    ids = {link.connection_id for link in links}
    return {each: session().get_one(Connection, each).plugin for each in ids}


def _merge(kept: Relation, other: Relation) -> Response:
    chosen = {name for name in (*UNITS, MANAGER) if request.form.get(name) == "other"}
    try:
        with transaction():
            merging.merge(
                kept,
                other,
                chosen - {MANAGER},
                takes_manager=MANAGER in chosen,
                user_id=current_user.id,
            )
    except AskUser as error:
        flash(in_one(error), "error")
        return _back(kept.id)
    flash(_("De relaties zijn samengevoegd. Zolang u deze relatie niet wijzigt, kunt u"
            " het ongedaan maken."), "success")  # fmt: skip
    return _back(kept.id)


@pages.post("/relaties/samengevoegd/<int:merge_id>/ongedaan")
@access("login")
def undo(merge_id: int) -> Response:
    """Give both relations back as they were."""
    row = get_or_404(RelationMerge, merge_id)
    to = row.kept_id
    try:
        with transaction():
            merging.undo(row, user_id=current_user.id)
    except AskUser as error:
        flash(in_one(error), "error")
    else:
        flash(_("Het samenvoegen is ongedaan gemaakt: er zijn weer twee relaties. Wat"
                " er daarna bij kwam, staat nog bij deze."), "success")  # fmt: skip
    return _back(to)


@pages.post("/relaties/<int:relation_id>/pakket/<int:link_id>/inactief")
@access("maker")
def retire(relation_id: int, link_id: int) -> Response:
    """Set what is left of a merged relation inactive in its package."""
    row = get_or_404(Relation, relation_id)
    found = [
        each for each in relation_standing.leftovers(row) if each.link.id == link_id
    ]
    if not found:
        abort(404)
    rights.made_by(found[0].connection.plugin)
    try:
        relation_standing.retire(found[0], user_id=current_user.id)
    except KoppelwerkError as error:
        session().rollback()
        flash(in_one(error), "error")
    else:
        flash(_("Het record staat in het pakket op inactief."), "success")
    return _back(relation_id)


def _back(relation_id: int) -> Response:
    return redirect(url_for("relations.show", relation_id=relation_id), 303)
