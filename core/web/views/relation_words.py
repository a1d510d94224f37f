"""How relations look in templates: words for fields, values, addresses and changes."""

from flask import Blueprint
from flask_babel import gettext as _

from core.domain.relations import RelationData
from core.models import (
    Relation,
    RelationChange,
    RelationKind,
    RelationTrouble,
    SalesInvoice,
)
from core.services.crm import contacts, relation_history, relation_lists, relations
from core.services.crm.relations import MANAGER
from core.texts import explain
from core.texts.relations import ACTIONS, ADDRESSES, GENDERS, KINDS, TYPES, label
from core.web.views.display import country

pages = Blueprint("relation_words", __name__)
_VALUES = {"kind": KINDS, "relation_type": TYPES, "gender": GENDERS}


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
    if field.endswith((".gets_invoices", ".gets_copies")):
        return str(_("Ja") if value else _("Nee"))
    if field.endswith(".country") and value:
        return country(value)
    return str(_VALUES.get(field, {}).get(value, value)) or "—"


@pages.app_template_filter("relation_name")
def name_words(row: Relation) -> str:
    """Return a relation's name as people read it."""
    return relations.data_of(row).full_name


@pages.app_template_filter("name_in_list")
def name_in_list(row: Relation) -> str:
    """Return the same for a line of a list, without reading the addresses."""
    return RelationData(
        row.kind == RelationKind.PERSON,
        row.name,
        first_name=row.first_name,
        initials=row.initials,
        name_prefix=row.name_prefix,
    ).full_name


@pages.app_template_filter("trouble_words")
def trouble_words(row: RelationTrouble) -> str:
    """Return what is wrong between a relation and a package."""
    return explain(row.code, {"number": row.number, **row.params}).what


@pages.app_template_filter("invoice_copies")
def copies(row: SalesInvoice) -> list[str]:
    """Return who else gets the mail that brings an invoice."""
    own = relations.data_of(row.relation).email
    return contacts.recipients(row.relation_id, own)[1]


@pages.app_template_filter("address_words")
def address_words(role: str) -> str:
    """Return the words for one of the six addresses."""
    return str(ADDRESSES[role])


@pages.app_template_filter("relation_action")
def action_words(action: str) -> str:
    """Return the words for how a relation was changed."""
    return str(ACTIONS.get(action, action))


@pages.app_template_test("making")
def is_making(change: RelationChange) -> bool:
    """Tell whether a change made its relation or contact person: not to be put back."""
    return relation_history.is_making(change) or contacts.is_making(change)
