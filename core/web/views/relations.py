"""Relaties: the list, the form, what changed, and the list as a file."""

from collections.abc import Mapping

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from core.domain.errors import AskUser
from core.domain.relations import PostalAddress, RelationData
from core.models import (
    Relation,
    RelationChange,
    RelationKind,
    RelationMerge,
    RelationType,
)
from core.plugin.capabilities import VatCheck
from core.plugin.pages import before, get_or_404, today
from core.rules import relation_fields, relation_rules
from core.rules.relation_fields import Change
from core.runtime.database import session, transaction
from core.services.crm import (
    contacts,
    duplicates,
    merged,
    merging,
    relation_doubts,
    relation_history,
    relation_lists,
    relations,
)
from core.services.crm.relation_lists import Filter
from core.services.crm.relations import MANAGER
from core.services.invoicing import invoice_lists, vat_register
from core.services.invoicing.invoice_lists import Filter as InvoiceFilter
from core.services.reporting import overview
from core.services.syncing import relation_standing
from core.texts import explain
from core.texts.relation_cards import REASONS, STANDINGS
from core.texts.relation_sync import ROLES
from core.texts.relations import KINDS, TYPES
from core.web.policy import access
from core.web.views.display import title_of
from core.web.views.downloads import send_list
from core.web.views.relation_columns import columns
from core.web.views.relation_forms import (
    GROUPS,
    OF_PERSON,
    SOURCES,
    RelationForm,
    filled,
)

pages = Blueprint("relations", __name__)
YES_NO = {"ja": True, "nee": False}
FEW = 5
"""Invoices and changes on the page of a relation."""


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


@pages.get("/relaties/<int:relation_id>")
@access("login")
def show(relation_id: int) -> str | Response:
    """Show a relation: who it is, what is open, and where it stands."""
    row = get_or_404(Relation, relation_id)
    if row.merged_into_id is not None:
        flash(_("%(name)s is samengevoegd met deze relatie.", name=_name(row)), "info")
        kept = merged.current(row)
        return redirect(url_for("relations.show", relation_id=kept.id), 303)
    data = relations.data_of(row)
    return render_template(
        "relations/show.html",
        row=row,
        data=data,
        addresses=_addresses(data),
        manager=dict(relation_lists.managers()).get(row.manager_id or 0, ""),
        title_of=title_of,
        totals=invoice_lists.totals(InvoiceFilter(relation_id=row.id), today()),
        invoices=invoice_lists.page(
            InvoiceFilter(relation_id=row.id), today(), size=FEW
        ),
        contacts=contacts.of_relation(row.id),
        history=relation_lists.history(row.id).rows[:FEW],
        standings=relation_standing.of_relation(row),
        leftovers=relation_standing.leftovers(row),
        merges=[(one, gone, merging.can_undo(one)) for one, gone in _merges(row)],
        doubles=duplicates.of_relation(row),
        doubts=_doubts(row),
        assumed=_assumed(row),
        states=STANDINGS,
        reasons=REASONS,
        roles=ROLES,
        counts=overview.counts(),
    )


def _merges(row: Relation) -> list[tuple[RelationMerge, Relation]]:
    return merging.merges_into(row.id)


def _name(row: Relation) -> str:
    return relations.data_of(row).full_name


def _addresses(data: RelationData) -> list[tuple[str, PostalAddress]]:
    """Return what is filled in; the first is where the relation is."""
    home = relation_fields.home_of(data)
    found = [(role, getattr(data, role)) for role in relation_fields.ADDRESSES]
    some = [(role, each) for role, each in found if not each.is_empty]
    return sorted(some, key=lambda pair: pair[1] is not home)


@pages.route("/relaties/<int:relation_id>/wijzigen", methods=["GET", "POST"])
@access("login")
def edit(relation_id: int) -> str | Response:
    """Show the form of a relation, and save it."""
    row = get_or_404(Relation, relation_id)
    if row.merged_into_id is not None:
        return redirect(url_for("relations.show", relation_id=row.id), 303)
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
    found: VatCheck | None = None,
) -> str:
    """Render the form; `theirs` is what somebody else changed meanwhile, `found` what
    the register says of its VAT number."""
    return render_template(
        "relations/form.html",
        form=form,
        row=row,
        name=relations.data_of(row).full_name if row else "",
        groups=GROUPS,
        addresses=relation_fields.ADDRESSES,
        of_person=OF_PERSON,
        sources=SOURCES,
        theirs=theirs or {},
        both=both,
        doubts=_doubts(row) if row else {},
        assumed=_assumed(row) if row else (),
        found=found,
        counts=overview.counts(),
    )


def _assumed(row: Relation) -> list[str]:
    """Return the fields whose country nobody told; of the kind, the doubts tell."""
    return [name for name in (row.assumed or ()) if name != "kind"]


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
    if "kopieer" in request.form or "verplaats" in request.form:
        form.move_address(request.form)
        return _form(form, row)
    if "opzoeken" in request.form:
        return _form(form, row, found=_look_up(form))
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


def _look_up(form: RelationForm) -> VatCheck | None:
    """Ask the register of VAT numbers; only a further press fills in what it says."""
    country = relation_fields.home_of(relation_fields.unflat(form.row())).country
    found = vat_register.check(
        current_user.tenant_id,
        form.vat_number.data or "",
        country or current_user.home_country,
    )
    if found is not None and found.is_valid:
        form.take_over(request.form["opzoeken"], found)
    return found


def _meanwhile(data: RelationData, posted: Mapping[str, str], row: Relation) -> str:
    """Show what another one saved since this form was opened, joined with ours."""
    version = request.form.get("version", "")
    since = int(version) if version.isdecimal() and len(version) < 10 else 0
    theirs = relation_history.changes_since(row, since)
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
        kept=merged.current(row) if row.merged_into_id else None,
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
            if contacts.is_of_contact(change):
                contacts.put_back(change, user_id=current_user.id)
            else:
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
        gone = [other for _merge, other in merging.merges_into(row.id)]
        return render_template("relations/delete.html", row=row, name=name, gone=gone)
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
