"""What a shop is connected with: only its name, since a token says whose it is."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length

LONGEST_NAME = 100


class ShopForm(FlaskForm):  # type: ignore[misc]  # the library is untyped
    """The shop's name, and how its orders come in."""

    steps = (
        _l("Vul de naam van uw winkel in en druk op Koppelen."),
        _l(
            "Maak bij Koppelingen, API en webhooks een token met het recht"
            " Bestellingen aanleveren."
        ),
        _l("Geef het token aan de bouwer van uw winkel, met het adres van de API."),
        _l("Elke bestelling die de winkel daarna stuurt, komt hier binnen."),
    )

    name = StringField(
        _l("Naam van de winkel"),
        [InputRequired(_l("Vul een naam in.")), Length(max=LONGEST_NAME)],
        description=_l("Zo heet de winkel in uw overzichten."),
    )
