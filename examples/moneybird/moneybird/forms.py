"""The coupling's configuration: field names are the settings' keys."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField
from wtforms.validators import InputRequired, Length, NumberRange


class CouplingForm(FlaskForm):  # type: ignore[misc]
    """What every invoice of a coupling gets."""

    reference_prefix = StringField(
        _l("Begin van het kenmerk"),
        default="KW",
        validators=[InputRequired(_l("Vul een begin in.")), Length(max=10)],
        description=_l("Staat voor het bestelnummer in het kenmerk van de factuur."),
    )
    payment_days = IntegerField(
        _l("Betaaltermijn in dagen"),
        default=14,
        validators=[
            InputRequired(_l("Vul een aantal dagen in.")),
            NumberRange(0, 90, _l("Kies 0 tot en met 90 dagen.")),
        ],
        description=_l("Bepaalt de vervaldatum, gerekend vanaf de besteldatum."),
    )
