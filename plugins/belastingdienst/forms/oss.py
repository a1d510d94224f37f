"""Forms of the one stop shop: the registration, and that a return was filed."""

from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    SelectField,
    StringField,
    ValidationError,
)
from wtforms.fields import SelectChoice
from wtforms.validators import Optional

from core.plugin.form_fields import PlainForm, longest, stripped
from plugins.belastingdienst.forms.own_sales import sales_field
from plugins.belastingdienst.law.spans import quarter_of
from plugins.belastingdienst.texts import oss_texts

QUARTERS = 16
"""Quarters back that may be the first one kept here: three years are correctable."""


class OssForm(PlainForm):
    """What a taxpayer says of the one stop shop."""

    oss_from = DateField(
        _l("Aangemeld voor OSS sinds"),
        [Optional()],
        description=_l(
            "De dag uit de brief van de Belastingdienst. Leeg: u bent niet aangemeld en"
            " wij houden alleen de drempel bij."
        ),
    )
    oss_until = DateField(
        _l("Aangemeld tot en met"),
        [Optional()],
        description=_l("Leeg zolang u bent aangemeld."),
    )
    since = SelectField(
        _l("Eerste kwartaal dat u hier bijhoudt"),
        description=_l(
            "Wijzigt er later iets in een kwartaal van daarvoor, dan kunnen wij de"
            " correctie niet voor u uitrekenen."
        ),
    )
    sales = sales_field()
    invoice_kind = SelectField(
        _l("Wat verkoopt u aan het buitenland met facturen die hier staan?"),
        choices=[SelectChoice("", _l("Niets, of niet gezegd")),
                 *(SelectChoice(kind, words)
                   for kind, words in oss_texts.KINDS.items())],
    )  # fmt: skip

    def validate_oss_until(self, field: Any) -> None:
        """Refuse an end without or before the beginning."""
        first = self.oss_from.data
        if field.data and (first is None or field.data < first):
            raise ValidationError(_("Het einde ligt vóór het begin."))

    def offer_quarters(self, today: date, chosen: date | None) -> None:
        """Fill in the quarters to choose from, newest first."""
        found = [quarter_of(today)]
        while len(found) < QUARTERS:
            found.append(quarter_of(found[-1].start - timedelta(days=1)))
        days = [span.start for span in found]
        if chosen is not None and chosen not in days:
            found.append(quarter_of(chosen))
        self.since.choices = [
            SelectChoice(span.start.isoformat(), oss_texts.quarter(span))
            for span in found
        ]


class OssFiledForm(PlainForm):
    """That a return was filed as it is shown."""

    reference = StringField(
        _l("Kenmerk van het portaal"),
        [longest(60)],
        filters=[stripped],
        description=_l("Mag leeg blijven."),
    )
    in_spite = BooleanField(_l("Ik heb zo ingediend, hoewel er nog vragen open staan"))
