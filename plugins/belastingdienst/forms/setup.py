"""Aangifteprofielen and certificates (manual 003)."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    PasswordField,
    SelectField,
    StringField,
)

from core.plugin.form_fields import REQUIRED, PlainForm, longest, stripped

_EVERY = 0


class ProfileForm(PlainForm):
    """An aangifteprofiel."""

    name = StringField(_l("Aangifteprofiel"), [REQUIRED, longest(60)],
                       filters=[stripped])  # fmt: skip
    channel = SelectField(
        _l("Profieltype"),
        description=_l("Het type van een bestaand profiel verandert niet meer."),
    )
    account = StringField(filters=[stripped], validators=[longest(60)])


class CertificateForm(PlainForm):
    """A certificate, with a password that is used once."""

    file = FileField(
        _l("Bestand met het certificaat"),
        [FileRequired(_l("Kies een bestand."))],
        description=_l("PKCS#12 (.p12 of .pfx), of PEM met de sleutel erbij."),
    )
    key = FileField(
        _l("Bestand met de sleutel"),
        description=_l("Alleen als de sleutel een eigen PEM-bestand heeft."),
    )
    password = PasswordField(
        _l("Wachtwoord van het bestand"),
        [longest(200)],
        render_kw={"autocomplete": "off"},
        description=_l("Wordt alleen nu gebruikt om te openen en niet bewaard."),
    )


class ChoiceForm(PlainForm):
    """Which certificate signs; 0 is the channel's own, and all administrations."""

    profile = SelectField(_l("Aangifteprofiel"), coerce=int)
    certificate = SelectField(_l("Certificaat"), coerce=int)
    administration = SelectField(_l("Opslaan voor"), coerce=int, default=_EVERY)
