"""The codes of a connection, and how invoices go; field names are settings' keys."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length

from plugins.peppol.checks import BE_VAT, KBO, KVK, NL_VAT, OIN

BY_ITSELF, ASK, PACKAGE = "auto", "ask", "package"


class CredentialForm(FlaskForm):  # type: ignore[misc]  # the library is untyped
    """Whom the access point knows the user as, and the token that proves it."""

    steps = (
        _l("Sluit u aan bij een toegangspunt van Peppol; dat registreert uw bedrijf."),
        _l("Vraag daar een toegangscode (token) voor programma’s."),
        _l("Kies met welk nummer u bent geregistreerd en vul dat nummer in."),
        _l("Plak de toegangscode en druk op Testen."),
    )

    scheme = SelectField(
        _l("Geregistreerd met"),
        choices=[
            SelectChoice(KBO, _l("Ondernemingsnummer, België (0208)")),
            SelectChoice(KVK, _l("KvK-nummer, Nederland (0106)")),
            SelectChoice(OIN, _l("OIN, Nederlandse overheid (0190)")),
            SelectChoice(NL_VAT, _l("BTW-nummer, Nederland (9944)")),
            SelectChoice(BE_VAT, _l("BTW-nummer, België (9925)")),
        ],
        description=_l("Belgische bedrijven horen met hun ondernemingsnummer te zijn"
                       " geregistreerd."),
    )  # fmt: skip
    number = StringField(
        _l("Nummer"),
        [InputRequired(_l("Vul het nummer in.")), Length(max=30)],
        description=_l("Zoals het bij het toegangspunt staat."),
    )
    token = PasswordField(
        _l("Toegangscode"),
        [InputRequired(_l("Vul de toegangscode in.")), Length(max=500)],
        description=_l("Geef haar alleen aan Koppelwerk; intrekken kan altijd daar."),
    )


class SendingForm(FlaskForm):  # type: ignore[misc]
    """Who sends e-invoices, and when."""

    how = SelectField(
        _l("Facturen versturen via Peppol"),
        choices=[
            SelectChoice(ASK, _l("Als ik er op de pagina van de factuur om vraag")),
            SelectChoice(
                BY_ITSELF, _l("Vanzelf, als ik ze niet per e-mail verstuurde")
            ),
            SelectChoice(
                PACKAGE, _l("Niet van hieruit: mijn boekhoudpakket verstuurt ze zelf")
            ),
        ],
        default=ASK,
        description=_l(
            "Elke factuur gaat langs één weg, anders krijgt uw klant haar dubbel."
            " Verstuurt uw pakket al e-facturen van wat er geboekt wordt, kies dan het"
            " laatste. Vanzelf gaan facturen met Op andere wijze verstuurd: die"
            " waarvoor een e-factuur verplicht is, en de andere als alles erop staat."
        ),
    )
