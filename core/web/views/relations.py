"""Relaties: the list, the form, what changed, and the list as a file."""

from collections.abc import Mapping

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from core.domain.errors import AskUser
from core.domain.relations import RelationData
from core.models import Relation, RelationChange, RelationKind, RelationType
from core.plugin.pages import before, get_or_404
from core.rules import relation_fields, relation_rules
from core.rules.relation_fields import Change
from core.runtime.database import session, transaction
from core.services.crm import relation_doubts, relation_lists, relations
from core.services.crm.relation_lists import Filter
from core.services.crm.relations import MANAGER
from core.services.reporting import overview
from core.texts import explain
from core.texts.relations import ACTIONS, ADDRESSES, GENDERS, KINDS, TYPES, label
from core.web.policy import access
from core.web.views.display import country
from core.web.views.downloads import send_list
from core.web.views.relation_columns import columns
from core.web.views.relation_forms import GROUPS, RelationForm, filled

pages = Blueprint("relations", __name__)
YES_NO = {"ja": True, "nee": False}
_VALUES = {"kind": KINDS, "relation_type": TYPES, "gender": GENDERS}


@pages.get("/relaties")
@access("login")
def index() -> str:
    """Show the relations, searched and narrowed."""
    wanted = _filter()
    return render_template(
        "relations/index.html",
        page=relations.page(wanted, before()),
        wanted=wanted,
        args=_args(wanted),
        kinds=KINDS,
        types=TYPES,
        managers=relation_lists.managers(),
        is_first=before() is None,
        counts=overview.counts(),
    )


def _filter() -> Filter:
    """Return what the address narrows the list to; nonsense is left out."""
    kind, wanted_type = request.args.get("soort", ""), request.args.get("type", "")
    manager = request.args.get("beheerder", "")
    return Filter(
        search=request.args.get("zoek", "").strip()[:100],
        kind=kind if kind in set(RelationKind) else "",
        relation_type=wanted_type if wanted_type in set(RelationType) else "",
        has_debtor_number=YES_NO.get(request.args.get("debiteur", "")),
        has_creditor_number=YES_NO.get(request.args.get("crediteur", "")),
        manager_id=int(manager) if manager.isdecimal() and len(manager) < 10 else None,
        is_in_doubt=request.args.get("binnengekomen") == "nakijken",
    )


def _args(wanted: Filter) -> dict[str, object]:
    words = {value: word for word, value in YES_NO.items()}
    found = {
        "zoek": wanted.search,
        "soort": wanted.kind,
        "type": wanted.relation_type,
        "debiteur": words.get(wanted.has_debtor_number or False)
        if wanted.has_debtor_number is not None
        else "",
        "crediteur": words.get(wanted.has_creditor_number or False)
        if wanted.has_creditor_number is not None
        else "",
        "beheerder": wanted.manager_id,
        "binnengekomen": "nakijken" if wanted.is_in_doubt else "",
    }
    return {name: value for name, value in found.items() if value}


@pages.get("/relaties/export.csv", defaults={"kind": "csv"})
@pages.get("/relaties/export.xlsx", defaults={"kind": "xlsx"})
@access("login")
def export(kind: str) -> Response:
    """The list with the filters of the page, every field; the import reads it back."""
    rows = relation_lists.everything(_filter())
    return send_list("relaties", kind, columns(), rows)


@pages.route("/relaties/nieuw", methods=["GET", "POST"])
@access("login")
def new() -> str | Response:
    """Make a relation."""
    if request.method == "GET":
        start = {"kind": "organisation", "relation_type": "to_review"}
        return _form(filled({**start, **_own_country()}, None), None)
    return _save(RelationForm(), None)


def _own_country() -> dict[str, str]:
    return {f"{relation_fields.ADDRESSES[0]}.country": current_user.home_country}


@pages.route("/relaties/<int:relation_id>", methods=["GET", "POST"])
@access("login")
def show(relation_id: int) -> str | Response:
    """Show a relation and let it be changed."""
    row = get_or_404(Relation, relation_id)
    if request.method == "GET":
        return _form(filled(_flat(row), row.version), row)
    return _save(RelationForm(), row)


def _flat(row: Relation) -> dict[str, str]:
    found = relation_fields.flat(relations.data_of(row))
    return {**found, MANAGER: str(row.manager_id or "")}


def _form(
    form: RelationForm,
    row: Relation | None,
    theirs: Mapping[str, Change] | None = None,
    both: frozenset[str] = frozenset(),
) -> str:
    """Render the form; `theirs` is what somebody else changed meanwhile."""
    return render_template(
        "relations/form.html",
        form=form,
        row=row,
        name=relations.data_of(row).full_name if row else "",
        groups=GROUPS,
        addresses=relation_fields.ADDRESSES,
        theirs=theirs or {},
        both=both,
        doubts=_doubts(row) if row else {},
        assumed=[name for name in (row.assumed or ()) if name != "kind"] if row else (),
        history=relation_lists.history(row.id).rows[:5] if row else (),
        counts=overview.counts(),
    )


def _doubts(row: Relation) -> dict[str, tuple[str, str]]:
    """Return by field the value that is in doubt, and the words for why."""
    values = relation_fields.flat(relations.data_of(row))
    return {
        name: (values[name], explain(code).what)
        for name, code in sorted(relation_doubts.codes(row).items())
    }


def _save(form: RelationForm, row: Relation | None) -> str | Response:
    if "voorstel" in request.form:
        return _propose(form, row)
    form.validate()
    posted = form.row()
    data, problems = relation_rules.checked(
        {name: text for name, text in posted.items() if name != MANAGER},
        current_user.home_country,
    )
    form.note(_of_this_edit(problems, posted, row))
    if form.errors:
        flash(_("Nog niet opgeslagen: zie de velden hieronder."), "error")
        return _form(form, row)
    if row is not None and form.version.data != str(row.version):
        return _meanwhile(data, posted, row)
    return _write(form, data, row)


def _of_this_edit(
    problems: Mapping[str, str], posted: Mapping[str, str], row: Relation | None
) -> dict[str, str]:
    """Leave out what was wrong before: a package may have brought it."""
    known = _flat(row) if row else {}
    return {
        name: code
        for name, code in problems.items()
        if row is None or posted.get(name, "") != known.get(name, "")
    }


def _propose(form: RelationForm, row: Relation | None) -> str:
    """Fill in the next number; nothing is saved yet."""
    if request.form["voorstel"] == "debtor_number":
        form.debtor_number.data = relations.next_debtor_number()
    else:
        form.creditor_number.data = relations.next_creditor_number()
    return _form(form, row)


def _meanwhile(data: RelationData, posted: Mapping[str, str], row: Relation) -> str:
    """Show what another one saved since this form was opened, joined with ours."""
    version = request.form.get("version", "")
    since = int(version) if version.isdecimal() and len(version) < 10 else 0
    theirs = relations.changes_since(row, since)
    mine = {**relation_fields.flat(data), MANAGER: posted[MANAGER]}
    joined, both = relation_fields.merged(_flat(row), theirs, mine)
    flash(_("Iemand anders heeft deze relatie intussen gewijzigd."), "warning")
    return _form(filled(joined, row.version), row, theirs, both)


def _write(
    form: RelationForm, data: RelationData, row: Relation | None
) -> str | Response:
    manager = form.manager_id.data or ""
    try:
        with transaction():
            saved = relations.save(
                data,
                row,
                user_id=current_user.id,
                manager_id=int(manager) if manager else None,
            )
    except AskUser as error:
        if row is not None:
            session().refresh(row)
        if error.code == "relation_changed_meanwhile" and row is not None:
            return _meanwhile(data, form.row(), row)
        form.note_error(error)
        return _form(form, row)
    flash(_("De relatie is opgeslagen."), "success")
    return redirect(url_for("relations.show", relation_id=saved.id), 303)


@pages.get("/relaties/<int:relation_id>/geschiedenis")
@access("login")
def history(relation_id: int) -> str:
    """Show who changed what, when and from where."""
    row = get_or_404(Relation, relation_id)
    return render_template(
        "relations/history.html",
        row=row,
        name=relations.data_of(row).full_name,
        page=relation_lists.history(row.id, before()),
        is_first=before() is None,
        counts=overview.counts(),
    )


@pages.post("/relaties/<int:relation_id>/terugzetten/<int:change_id>")
@access("login")
def put_back(relation_id: int, change_id: int) -> Response:
    """*Terugzetten*: undo one change, or one field of it, whatever came after it."""
    change = get_or_404(RelationChange, change_id)
    if change.relation_id != relation_id:
        abort(404)
    try:
        with transaction():
            name = request.form.get("veld", "")
            only = {name} if name else None
            relations.put_back(change, user_id=current_user.id, only=only)
    except AskUser as error:
        _flash(error)
    else:
        flash(_("De oude waarden zijn teruggezet."), "success")
    return redirect(url_for("relations.history", relation_id=relation_id), 303)


@pages.route("/relaties/<int:relation_id>/verwijderen", methods=["GET", "POST"])
@access("owner")
def delete(relation_id: int) -> str | Response:
    """Ask for confirmation, then delete a relation with its history."""
    row = get_or_404(Relation, relation_id)
    name = relations.data_of(row).full_name
    if request.method == "GET":
        return render_template("relations/delete.html", row=row, name=name)
    try:
        with transaction():
            relations.delete(row, user_id=current_user.id)
    except AskUser as error:
        _flash(error)
        return redirect(url_for("relations.show", relation_id=relation_id), 303)
    flash(_("%(name)s is verwijderd.", name=name), "info")
    return redirect(url_for("relations.index"), 303)


def _flash(error: AskUser) -> None:
    words = explain(error.code, error.params)
    parts = (words.what, words.why, words.action)
    flash(" ".join(part for part in parts if part), "error")


@pages.app_template_filter("relation_field")
def field_words(name: str) -> str:
    """Return the words for a relation's field."""
    return label(name)


@pages.app_template_filter("relation_value")
def value_words(value: str, field: str) -> str:
    """Return a field's value as people read it; a dash when it was empty."""
    if field == MANAGER and value:
        known = dict(relation_lists.managers())
        return known.get(int(value), str(_("Oud-gebruiker")))
    if field.endswith(".country") and value:
        return country(value)
    return str(_VALUES.get(field, {}).get(value, value)) or "—"


@pages.app_template_filter("address_words")
def address_words(role: str) -> str:
    """Return the words for one of the six addresses."""
    return str(ADDRESSES[role])


@pages.app_template_filter("relation_action")
def action_words(action: str) -> str:
    """Return the words for how a relation was changed."""
    return str(ACTIONS.get(action, action))
