"""The contact persons of an organisation."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.fields import EmailField, TelField
from wtforms.validators import Length

from core.domain.errors import AskUser
from core.models import Relation, RelationContact
from core.plugin.pages import get_or_404
from core.rules import contact_rules
from core.rules.contact_rules import FIELDS, FLAGS, MOST, NO, YES, ContactData
from core.rules.mail_addresses import written_form
from core.runtime.database import session, transaction
from core.services.crm import contacts, relations
from core.services.reporting import overview
from core.texts import explain, in_one
from core.texts.relation_cards import CONTACT
from core.web.policy import access

pages = Blueprint("relation_contacts", __name__)


class ContactForm(FlaskForm):  # type: ignore[misc]  # the library is untyped
    """One contact person; the rules judge what was filled in."""

    class Meta:
        csrf = False

    first_name = StringField(CONTACT["first_name"], [Length(max=MOST["first_name"])])
    initials = StringField(CONTACT["initials"], [Length(max=MOST["initials"])])
    name_prefix = StringField(CONTACT["name_prefix"], [Length(max=MOST["name_prefix"])])
    name = StringField(CONTACT["name"], [Length(max=MOST["name"])])
    function = StringField(CONTACT["function"], [Length(max=MOST["function"])])
    email = EmailField(
        CONTACT["email"], [Length(max=MOST["email"])], filters=[written_form]
    )
    phone = TelField(CONTACT["phone"], [Length(max=MOST["phone"])])
    mobile = TelField(CONTACT["mobile"], [Length(max=MOST["mobile"])])
    gets_invoices = BooleanField(CONTACT["gets_invoices"])
    gets_copies = BooleanField(CONTACT["gets_copies"])
    note = TextAreaField(CONTACT["note"], [Length(max=MOST["note"])])

    def checked(self) -> ContactData | None:
        """Return the contact; None when something is wrong, which stands beside it."""
        self.validate()
        given = {name: self[name].data or "" for name in MOST}
        given |= {name: YES if self[name].data else NO for name in FLAGS}
        data, problems = contact_rules.checked(
            contact_rules.unflat(given), current_user.home_country
        )
        for name, code in problems.items():
            words = explain(code)
            text = f"{words.what} {words.action}".strip()
            self[name].errors = [*self[name].errors, text]
        return None if self.errors else data


@pages.route("/relaties/<int:relation_id>/contactpersonen/nieuw",
             methods=["GET", "POST"])  # fmt: skip
@access("login")
def new(relation_id: int) -> str | Response:
    """Add a contact person."""
    return _edit(get_or_404(Relation, relation_id), None)


@pages.route("/relaties/<int:relation_id>/contactpersonen/<int:contact_id>",
             methods=["GET", "POST"])  # fmt: skip
@access("login")
def edit(relation_id: int, contact_id: int) -> str | Response:
    """Change a contact person."""
    return _edit(get_or_404(Relation, relation_id), _contact(relation_id, contact_id))


def _contact(relation_id: int, contact_id: int) -> RelationContact:
    row = get_or_404(RelationContact, contact_id)
    if row.relation_id != relation_id:
        abort(404)
    return row


def _edit(relation: Relation, row: RelationContact | None) -> str | Response:
    form = ContactForm()
    if not form.is_submitted():
        known = {name: getattr(row, name) for name in FIELDS} if row else {}
        return _form(relation, row, ContactForm(formdata=None, data=known))
    data = form.checked()
    if data is None:
        return _form(relation, row, form)
    try:
        with transaction():
            contacts.save(relation, data, row, user_id=current_user.id)
    except AskUser as error:
        session().refresh(relation)
        flash(in_one(error), "error")
        return _form(relation, row, form)
    flash(_("De contactpersoon is opgeslagen."), "success")
    return _back(relation.id)


def _form(relation: Relation, row: RelationContact | None, form: ContactForm) -> str:
    return render_template(
        "relations/contact.html",
        relation=relation,
        name=relations.data_of(relation).full_name,
        row=row,
        form=form,
        fields=[name for name in form.data if name not in (*FLAGS, "note")],
        flags=FLAGS,
        counts=overview.counts(),
    )


@pages.post("/relaties/<int:relation_id>/contactpersonen/<int:contact_id>/weg")
@access("login")
def delete(relation_id: int, contact_id: int) -> Response:
    """Delete a contact person; *Terugzetten* in the history makes it anew."""
    relation = get_or_404(Relation, relation_id)
    row = _contact(relation_id, contact_id)
    try:
        with transaction():
            contacts.delete(relation, row, user_id=current_user.id)
    except AskUser as error:
        flash(in_one(error), "error")
    else:
        flash(_("De contactpersoon is verwijderd. In de geschiedenis kunt u dat"
                " terugzetten."), "info")  # fmt: skip
    return _back(relation_id)


def _back(relation_id: int) -> Response:
    return redirect(url_for("relations.show", relation_id=relation_id), 303)
