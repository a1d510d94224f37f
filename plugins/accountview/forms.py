"""The wizard's steps, ondernemingen and Visma.net users (manual 003).

Passwords are never shown.
"""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    EmailField,
    PasswordField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)

from core.plugin.form_fields import REQUIRED, Checkboxes, PlainForm, longest, stripped
from core.plugin.texts import explain
from plugins.accountview.undertakings import LONGEST_CODE, LONGEST_DESCRIPTION

_EMAIL = [REQUIRED, longest(255)]
_NAME = longest(100)


class LicenceForm(PlainForm):
    """Step 2."""

    text = TextAreaField(
        _l("Licentiegegevens"),
        [REQUIRED, longest(20_000)],
        render_kw={"rows": 8},
        description=_l("Plak hier de hele tekst van het PDF-bestand (Ctrl+V)."),
    )
    terms = BooleanField(
        _l("Ik ga akkoord met de voorwaarden (Servicevoorwaarden Visma Software BV)")
    )


class CommunicationForm(PlainForm):
    """Step 3."""

    server = StringField(
        _l("Server van de AccountView Communication Service"),
        [REQUIRED, longest(200)],
        filters=[stripped],
        description=_l("De naam van de server waarop de service is geïnstalleerd."),
    )


class AdministratorForm(PlainForm):
    """Step 4."""

    email = EmailField(
        _l("E-mailadres"),
        _EMAIL,
        filters=[stripped],
        description=_l(
            "Wij adviseren een algemeen e-mailadres te gebruiken, zoals beheer@."
        ),
    )
    first_name = StringField(_l("Voornaam"), [REQUIRED, _NAME], filters=[stripped])
    last_name = StringField(_l("Achternaam"), [REQUIRED, _NAME], filters=[stripped])


class GatewayForm(PlainForm):
    """Step 5."""

    email = EmailField(_l("E-mailadres van de beheerder"), _EMAIL, filters=[stripped])
    password = PasswordField(
        _l("Wachtwoord"),
        [REQUIRED, longest(200)],
        render_kw={"autocomplete": "off"},
        description=_l("Wordt alleen voor deze controle gebruikt en niet bewaard."),
    )


class AuthorisationForm(PlainForm):
    """Step 6."""

    email = EmailField(_l("E-mailadres"), _EMAIL, filters=[stripped])
    password = PasswordField(
        _l("Wachtwoord"),
        [REQUIRED, longest(200)],
        render_kw={"autocomplete": "off"},
        description=_l("Wordt alleen voor het autoriseren gebruikt en niet bewaard."),
    )
    link_user = BooleanField(
        _l("De huidige AccountView-gebruiker ook koppelen aan deze beheerder"),
        description=_l("Daarmee maakt u gebruik van Single Sign On."),
    )
    first_name = StringField(_l("Voornaam"), [_NAME], filters=[stripped])
    last_name = StringField(_l("Achternaam"), [_NAME], filters=[stripped])

    def validate_link_user(self, field: Any) -> None:
        """Ask for both names when the user is to be linked."""
        if field.data and not (self.first_name.data and self.last_name.data):
            raise ValidationError(explain("names_incomplete").what)


class UndertakingForm(PlainForm):
    """*Onderneming aanmaken*."""

    code = StringField(
        _l("Ondernemingcode"),
        [REQUIRED, longest(LONGEST_CODE)],
        filters=[stripped],
        description=_l("Zonder jaartal: de onderneming bevat alle boekjaren."),
    )
    description = StringField(
        _l("Omschr onderneming"),
        [REQUIRED, longest(LONGEST_DESCRIPTION)],
        filters=[stripped],
        description=_l("Ook hier geen jaartal."),
    )

    administration_id = SelectField(
        _l("Voor administratie"),
        coerce=int,
        default=0,
        description=_l("Die hoort er dan meteen bij."),
    )


class VismaUserForm(PlainForm):
    """Somebody with access to AutoReport."""

    name = StringField(_l("Naam"), [REQUIRED, longest(200)], filters=[stripped])
    email = EmailField(_l("E-mailadres"), [REQUIRED, longest(255)], filters=[stripped])
    undertakings = Checkboxes(
        _l("Ondernemingen met de rol AutoReport User"), coerce=int
    )
