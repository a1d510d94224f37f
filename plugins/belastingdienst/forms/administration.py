"""Administraties: made here, and the settings of any."""

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    IntegerField,
    SelectField,
    StringField,
    TelField,
    ValidationError,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, NumberRange

from core.domain.declarations import PeriodKind
from core.plugin.form_fields import REQUIRED, PlainForm, longest, stripped
from core.plugin.texts import explain
from plugins.belastingdienst import checks
from plugins.belastingdienst.forms.own_sales import sales_field

PERIODS = {
    PeriodKind.MONTH: _l("Maand"),
    PeriodKind.QUARTER: _l("Kwartaal"),
    PeriodKind.YEAR: _l("Jaar"),
}
_NONE = 0
_PHONE = re.compile(r"\+?[0-9 ()/-]{6,14}")


class OwnAdministrationForm(PlainForm):
    """One whose figures come from the sales kept here."""

    code = StringField(_l("Code"), [REQUIRED, longest(20)], filters=[stripped])
    description = StringField(
        _l("Omschrijving"), [REQUIRED, longest(100)], filters=[stripped]
    )
    sales = sales_field()


def _number(value: str | None) -> str:
    """Write a tax number as a declaration has it: capitals, no dots, no NL."""
    return re.sub(r"[\s.]", "", value or "").upper().removeprefix("NL")


class AdministrationForm(PlainForm):
    """Options > Instellingen > Administratie > Algemeen > Elektr aangifte."""

    description = StringField(
        _l("Omschrijving"), [REQUIRED, longest(100)], filters=[stripped]
    )
    enabled = BooleanField(_l("Aangifte doen voor deze administratie"))
    undertaking_id = SelectField(_l("Onderneming"), coerce=int, default=_NONE)
    profile_id = SelectField(_l("Aangifteprofiel"), coerce=int, default=_NONE)
    tax_number = StringField(
        _l("Omzetbelastingnummer"),
        [longest(14)],
        filters=[_number],
        description=_l(
            "Negen cijfers, de letter B en twee cijfers, van een brief van de"
            " Belastingdienst. Bij een eenmanszaak is dit niet het btw-id."
        ),
    )
    period_kind = SelectField(
        _l("Aangifte per"),
        choices=[SelectChoice(kind.value, words) for kind, words in PERIODS.items()],
    )
    contact_initials = StringField(
        _l("Voorletters van de contactpersoon"), [longest(10)], filters=[stripped]
    )
    contact_prefix = StringField(_l("Tussenvoegsel"), [longest(10)], filters=[stripped])
    contact_surname = StringField(
        _l("Achternaam van de contactpersoon"), [longest(200)], filters=[stripped]
    )
    contact_phone = TelField(
        _l("Telefoonnummer"),
        [longest(14)],
        filters=[stripped],
        description=_l(
            "Ten hoogste veertien tekens; een langer nummer wordt geweigerd."
        ),
    )
    is_intermediary = BooleanField(_l("Opgesteld door intermediair"))
    consultant_number = StringField(
        _l("Beconnummer"),
        [longest(6)],
        filters=[stripped],
        description=_l("Zes cijfers; alleen voor een intermediair."),
    )
    remind_days = IntegerField(
        _l("Herinneren, in dagen voor de uiterste datum"),
        [
            InputRequired(_l("Vul een aantal dagen in; 0 is nooit.")),
            NumberRange(0, 30, _l("Vul 0 tot en met 30 in.")),
        ],
    )

    def validate_tax_number(self, field: Any) -> None:
        """Refuse a number that no declaration can carry; empty may be for now."""
        problems = checks.tax_number_problems(field.data or "")
        for problem in problems if field.data else ():
            if problem.blocks:
                raise ValidationError(explain(problem.code, problem.params).what)

    def validate_contact_phone(self, field: Any) -> None:
        """Refuse what is no telephone number."""
        if field.data and not _PHONE.fullmatch(field.data):
            raise ValidationError(_("Dit is geen telefoonnummer."))

    def validate_consultant_number(self, field: Any) -> None:
        """Refuse anything but six digits."""
        if field.data and not re.fullmatch(r"\d{6}", field.data):
            text = explain("consultant_form", {"number": field.data})
            raise ValidationError(text.what)

    def values(self) -> dict[str, Any]:
        """Return what is stored."""
        found = dict(self.data)
        for name in ("undertaking_id", "profile_id"):
            if name in found:
                found[name] = found[name] or None
        return found
