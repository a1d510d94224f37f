"""Ondernemingen, aangifteprofielen, Visma.net users and certificates (manual 003)."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    EmailField,
    PasswordField,
    SelectField,
    StringField,
)
from wtforms.fields import SelectChoice

from core.plugin.form_fields import Checkboxes
from plugins.accountview.forms.fields import REQUIRED, PlainForm, longest, stripped
from plugins.accountview.models.administration import ProfileKind
from plugins.accountview.undertakings import LONGEST_CODE, LONGEST_DESCRIPTION

PROFILE_KINDS = {
    ProfileKind.AUTOREPORT: _l("Visma.net AutoReport"),
    ProfileKind.DIGIPOORT: _l("Digipoort met eigen certificaat"),
}
_EVERY = 0


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


class ProfileForm(PlainForm):
    """An aangifteprofiel."""

    name = StringField(_l("Aangifteprofiel"), [REQUIRED, longest(60)],
                       filters=[stripped])  # fmt: skip
    kind = SelectField(
        _l("Profieltype"),
        choices=[
            SelectChoice(kind.value, words) for kind, words in PROFILE_KINDS.items()
        ],
        description=_l("Het type van een bestaand profiel verandert niet meer."),
    )
    visma_tenant = StringField(
        _l("Klantnummer bij Visma (tenant)"),
        [longest(60)],
        filters=[stripped],
        description=_l("Alleen voor Visma.net AutoReport; u vindt het in Visma.net."),
    )


class VismaUserForm(PlainForm):
    """Somebody with access to AutoReport."""

    name = StringField(_l("Naam"), [REQUIRED, longest(200)], filters=[stripped])
    email = EmailField(_l("E-mailadres"), [REQUIRED, longest(255)], filters=[stripped])
    undertakings = Checkboxes(
        _l("Ondernemingen met de rol AutoReport User"), coerce=int
    )


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
    """Which certificate signs; 0 is Visma's, and all administrations."""

    profile = SelectField(_l("Aangifteprofiel"), coerce=int)
    certificate = SelectField(_l("Certificaat"), coerce=int)
    administration = SelectField(_l("Opslaan voor"), coerce=int, default=_EVERY)
