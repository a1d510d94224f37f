"""The form of a relation: every field of manuals 000, 001 and 002, and six addresses.

What the fields must look like is decided in `core.rules.relation_rules`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import Form, FormField, HiddenField, RadioField, SelectField, StringField
from wtforms.fields import EmailField, SelectChoice, TelField
from wtforms.validators import Length

from core.domain import countries
from core.domain.addresses import parts_of
from core.domain.errors import KoppelwerkError
from core.plugin.capabilities import VatCheck
from core.rules.mail_addresses import written_form
from core.rules.relation_fields import ADDRESSES, PARTS, PLAIN, unflat
from core.rules.relation_rules import LONGEST, Problems
from core.services.crm.relation_lists import managers
from core.services.crm.relations import MANAGER
from core.texts import explain
from core.texts.relations import FIELDS, GENDERS, KINDS, TYPES
from core.texts.relations import PARTS as PART_WORDS

GROUPS = (
    ("name", "first_name", "initials", "name_prefix", "gender"),
    ("relation_type", MANAGER),
    ("debtor_number", "creditor_number", "chamber_number", "vat_number", "iban", "bic"),
    ("email", "phone", "mobile", "fax", "website"),
)
"""The fields as they stand together on the page."""
OF_PERSON = ("home_address", "alternative_address")
"""A person's addresses; the other ones are an organisation's (manuals 000 to 002)."""
SOURCES = {
    "visiting_address": ("postal_address",),
    "postal_address": ("visiting_address",),
    "invoice_address": ("postal_address", "visiting_address"),
    "delivery_address": ("postal_address", "visiting_address"),
    "home_address": (),
    "alternative_address": ("home_address",),
}
"""By address: which ones it may be the same as."""


_COUNTRY = {"EL": "GR", "XI": "GB"}
"""By the prefix of a VAT number: the country (ISO), where it is another one."""
_PLACE = re.compile(r"([0-9][0-9A-Z-]{2,6}(?: ?[A-Z]{2})?)\s+(\D.*)")


def _choices(words: Mapping[str, Any]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in words.items()]


def _text(
    name: str, kind: type[StringField] = StringField, filters: Sequence[Any] = ()
) -> Any:
    return kind(FIELDS[name], [Length(max=LONGEST[name])], filters=filters)


def _part(name: str) -> Any:
    return StringField(PART_WORDS[name], [Length(max=LONGEST[name])])


class AddressForm(Form):  # type: ignore[misc]  # the library is untyped
    """One address."""

    street = _part("street")
    house_number = _part("house_number")
    house_number_suffix = _part("house_number_suffix")
    postal_code = _part("postal_code")
    city = _part("city")
    country = SelectField(PART_WORDS["country"], validate_choice=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        locale = get_locale()
        language = str(locale.language) if locale else "nl"
        self.country.choices = _choices({"": "—", **dict(countries.names(language))})


class RelationForm(FlaskForm):  # type: ignore[misc]
    """An organisation or a person; the rules judge what was chosen and filled in."""

    class Meta:
        csrf = False

    version = HiddenField()
    kind = RadioField(FIELDS["kind"], choices=_choices(KINDS), validate_choice=False)
    relation_type = SelectField(
        FIELDS["relation_type"], choices=_choices(TYPES), validate_choice=False
    )
    manager_id = SelectField(FIELDS[MANAGER], default="")
    name = _text("name")
    first_name = _text("first_name")
    initials = _text("initials")
    name_prefix = _text("name_prefix")
    gender = SelectField(
        FIELDS["gender"],
        choices=_choices({"": "—", **GENDERS}),
        default="",
        validate_choice=False,
    )
    debtor_number = _text("debtor_number")
    creditor_number = _text("creditor_number")
    chamber_number = StringField(FIELDS["chamber_number"], [Length(max=40)])
    vat_number = StringField(FIELDS["vat_number"], [Length(max=40)])
    iban = StringField(FIELDS["iban"], [Length(max=42)])
    bic = StringField(FIELDS["bic"], [Length(max=15)])
    email = _text("email", EmailField, [written_form])
    phone = _text("phone", TelField)
    mobile = _text("mobile", TelField)
    fax = _text("fax", TelField)
    website = _text("website")
    visiting_address = FormField(AddressForm)
    postal_address = FormField(AddressForm)
    invoice_address = FormField(AddressForm)
    delivery_address = FormField(AddressForm)
    home_address = FormField(AddressForm)
    alternative_address = FormField(AddressForm)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = {str(user_id): name for user_id, name in managers()}
        self.manager_id.choices = _choices({"": _("Niemand"), **offered})
        self.manager_id.data = self.manager_id.data or ""

    def move_address(self, posted: Mapping[str, str]) -> None:
        """Copy or move one address to another, as the pressed button says.

        *Zelfde als postadres* copies. *Verplaats* takes an address that the kind does
        not use to the first empty one that it does.
        """
        if "kopieer" in posted:
            source, _sep, target = posted["kopieer"].partition(">")
        else:
            source, target = posted["verplaats"], self._free_address()
        if source in ADDRESSES and target in ADDRESSES:
            for part in PARTS:
                self[target].form[part].data = self[source].form[part].data
                if "verplaats" in posted:
                    self[source].form[part].data = ""

    def take_over(self, what: str, found: VatCheck) -> None:
        """Fill in the name or the address that the register of VAT numbers gives."""
        if what == "name" and found.name:
            self.name.data = found.name
        target = self._free_address() if what == "address" else ""
        if target and found.address:
            first, *others = [line.strip() for line in found.address.splitlines()]
            place = _PLACE.fullmatch(others[-1] if others else "")
            street, number, suffix = parts_of(first)
            code, city = (place[1], place[2]) if place else ("", " ".join(others))
            country = _COUNTRY.get(found.number[:2], found.number[:2])
            values = (street, number, suffix, code, city, country)
            for part, text in zip(PARTS, values, strict=False):
                self[target].form[part].data = text

    def _free_address(self) -> str:
        """Return the first empty address of the kind; none: nothing is overwritten."""
        is_person = self.kind.data == "person"
        own = [role for role in ADDRESSES if (role in OF_PERSON) == is_person]
        data = unflat(self.row())
        return next((role for role in own if getattr(data, role).is_empty), "")

    def row(self) -> dict[str, str]:
        """Return the form as a flat row, the manager's id with it."""
        found = {name: str(self[name].data or "") for name in ("kind", *PLAIN, MANAGER)}
        for role in ADDRESSES:
            parts = self[role].form
            found |= {f"{role}.{part}": str(parts[part].data or "") for part in PARTS}
        return found

    def note(self, problems: Problems) -> None:
        """Write what is wrong beside the fields."""
        for name, code in problems.items():
            words = explain(code)
            self.add_error(name, f"{words.what} {words.action}".strip())

    def note_error(self, error: KoppelwerkError) -> bool:
        """Write an error beside the field it is about; False when it has none."""
        words = explain(error.code, error.params)
        for name in ("debtor_number", "creditor_number"):
            if error.code == f"relation_{name}_taken":
                self.add_error(name, words.what)
                return True
        return False

    def add_error(self, name: str, text: str) -> None:
        """Add one message to a flat field."""
        role, _sep, part = name.partition(".")
        field = self[role].form[part] if part else self[role]
        field.errors = [*field.errors, text]


def filled(row: Mapping[str, str], version: int | None) -> RelationForm:
    """Return the form of a flat row, not of what was posted."""
    data: dict[str, Any] = {name: text for name, text in row.items() if "." not in name}
    for role in ADDRESSES:
        data[role] = {part: row.get(f"{role}.{part}", "") for part in PARTS}
    data["version"] = str(version or "")
    return RelationForm(formdata=None, data=data)
