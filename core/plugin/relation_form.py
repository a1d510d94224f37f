"""The settings that keep relations in step, shared by the packages' own forms.

A plugin's form inherits `RelationSyncForm` (and `PersonNameForm` where its manual
lets the user choose how a person's name is shown) and may add fields of its own.
Source: manuals 000 to 002, chapter B. What the values mean is in
`core.rules.sync.settings`.
"""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import AnyOf

from core.rules.sync.settings import Incoming, incoming, manager_of, ways_of
from core.texts.relations import KINDS, TYPES

__all__ = [
    "Incoming",
    "PersonNameForm",
    "RelationSyncForm",
    "again",
    "incoming",
    "manager_of",
    "ways_of",
]

LAST, FULL = "last", "full"
"""Values of `person_name`."""


def _of(words: Mapping[str, Any]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in words.items()]


def _kind(label: Any) -> SelectField:
    return SelectField(label, choices=_of(KINDS), default="organisation")


def _type(label: Any, advised: str, hint: Any = "") -> SelectField:
    return SelectField(label, choices=_of(TYPES), default=advised, description=hint)


def again(field: Any) -> Any:
    """Declare an inherited field anew: it then stands where the subclass names it,
    behind those that the subclass replaces."""
    return field.field_class(*field.args, **field.kwargs)


class RelationSyncForm(FlaskForm):  # type: ignore[misc]  # the library is untyped
    """What goes which way, and as what (manual 000, B1 to B3)."""

    debtors_in = BooleanField(
        _l("Debiteuren uit het pakket hier aanmaken en bijwerken"),
        description=_l(
            "Zinvol om eenmalig alle debiteuren van het pakket hier te laden."
        ),
    )
    debtors_as = _kind(_l("Een nieuwe debiteur wordt een"))
    debtors_type = _type(
        _l("Relatietype van een nieuwe debiteur"),
        "client",
        _l(
            "Wij adviseren klant of particuliere klant. Wilt u het later kiezen, kies"
            " dan Te beoordelen."
        ),
    )
    creditors_in = BooleanField(
        _l("Crediteuren uit het pakket hier aanmaken en bijwerken")
    )
    creditors_as = _kind(_l("Een nieuwe crediteur wordt een"))
    creditors_type = _type(_l("Relatietype van een nieuwe crediteur"), "vendor")
    manager = SelectField(
        _l("Relatiebeheerder van wat nieuw binnenkomt"),
        description=_l("Blijft leeg als u niemand kiest."),
    )
    out = BooleanField(
        _l("Relaties van hier in het pakket aanmaken en bijwerken"),
        default=True,
        description=_l(
            "Wij adviseren dit. Alle relaties met een debiteur- of crediteurnummer"
            " gaan mee. Staan beide richtingen aan, dan wint wat hier staat."
        ),
    )


class PersonNameForm:
    """How a person's name is shown in the package (manual 000, B3; 001, B)."""

    person_name: Field = SelectField(
        _l("Naam van een persoon in het pakket"),
        choices=[
            SelectChoice(LAST, _l("Achternaam")),
            SelectChoice(FULL, _l("Volledige naam")),
        ],
        default=LAST,
        validators=[AnyOf((LAST, FULL))],
    )
