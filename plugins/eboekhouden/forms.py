"""The codes of a connection, and the settings of a coupling.

Drop-downs without choices get those of the package by name (`core.web.forms`).
"""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    IntegerField,
    PasswordField,
    SelectField,
    StringField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import (
    Email,
    InputRequired,
    Length,
    NumberRange,
    Optional,
)

from core.plugin.coupling_form import (
    VAT_ABROAD,
    charged_business,
    duplicate_debtor,
    invoice_number_in_text,
    receivables_account,
    require_vat_number,
)
from core.plugin.relation_form import PersonNameForm, RelationSyncForm, again
from core.plugin.texts import KINDS

SOAP, REST = "soap", "rest"
_ACCOUNT_HINT = _l("Een rekening van de categorie debiteuren, vaak 1300.")
_NEEDED = {
    SOAP: ("username", "security_code_1", "security_code_2"),
    REST: ("access_token",),
}


class CredentialForm(FlaskForm):  # type: ignore[misc]  # the library is untyped
    """What a connection needs (manual 001, A)."""

    steps = (
        _l("Log in op https://secure.e-boekhouden.nl/bh/ en ga naar Beheer."),
        _l("Klik op Instellingen en dan op Koppelingen."),
        _l("Klik bij api/soap op Verder: daar staan uw gebruikersnaam en de twee"
           " beveiligingscodes."),
        _l("Vul ze hieronder in en druk op Testen. Wijzigt u later uw wachtwoord, dan"
           " verandert beveiligingscode 1 mee."),
        _l("Verbindt u liever met een access token? Maak dat in e-Boekhouden.nl bij"
           " Beheer, Inrichting, Koppelingen, API. Het wordt één keer getoond."),
    )  # fmt: skip

    interface = SelectField(
        _l("Verbinden met"),
        choices=[
            SelectChoice(SOAP, _l("Gebruikersnaam en beveiligingscodes (api/soap)")),
            SelectChoice(REST, _l("Access token (API)")),
        ],
        default=SOAP,
    )
    username = StringField(_l("Gebruikersnaam"), [Length(max=55)])
    security_code_1 = PasswordField(_l("Beveiligingscode 1"), [Length(max=50)])
    security_code_2 = PasswordField(_l("Beveiligingscode 2"), [Length(max=50)])
    access_token = PasswordField(
        _l("Access token"),
        [Length(max=500)],
        description=_l("Alleen nodig als u met een access token verbindt."),
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for what the chosen interface needs; what is stored counts as filled."""
        valid = bool(super().validate(extra_validators))
        for name in _NEEDED.get(self.interface.data, ()):
            item = self[name]
            if not (item.data or item.object_data):
                item.errors = [*item.errors, _l("Vul dit veld in.")]
                valid = False
        return valid


class CouplingForm(FlaskForm):  # type: ignore[misc]  # the library is untyped
    """The accounts and defaults for sales entries."""

    subjects = {  # noqa: RUF012  # wtforms reads the class's own attributes
        "number_prefix": "orders",
        "invoice_number_in_text": "orders",
        **VAT_ABROAD,
    }

    receivables_account = receivables_account(_ACCOUNT_HINT)
    payment_days = IntegerField(
        _l("Betalingstermijn in dagen"),
        [InputRequired(), NumberRange(0, 9999)],
        default=30,
    )
    number_prefix = StringField(
        _l("Voorvoegsel van het factuurnummer"),
        [Length(max=20)],
        default="",
        description=_l(
            "Bestellingen worden geboekt onder hun bestelnummer. Hebt u meer winkels"
            " met dezelfde nummers, geef elke winkel dan een eigen voorvoegsel."
        ),
    )
    first_debtor_number = IntegerField(
        _l("Eerste debiteurnummer voor nieuwe debiteuren"),
        [InputRequired(), NumberRange(1, 999_999_999)],
        default=10_000,
        description=_l("Een nummer wordt één keer gebruikt en loopt vanzelf op."),
    )
    duplicate_debtor = duplicate_debtor(
        _l("Als meer relaties hetzelfde e-mailadres hebben"),
        _l("Gebruik de oudste relatie"),
    )
    require_vat_number = require_vat_number()
    charged_business = charged_business()
    invoice_number_in_text = invoice_number_in_text()


class RelationForm(PersonNameForm, RelationSyncForm):
    """What goes which way, and what comes in (manual 001, B).

    Neither interface tells customers from suppliers, so the user chooses what comes in
    by kind and by code; what comes in as an organisation or a person, the package says.
    """

    debtors_as = None
    creditors_in = None
    creditors_as = None
    creditors_type = None

    debtors_in = BooleanField(
        _l("Relaties uit e-Boekhouden.nl hier aanmaken en bijwerken"),
        description=_l(
            "Zinvol om eenmalig alle relaties uit e-Boekhouden.nl hier te laden. Het"
            " debiteurnummer wordt de code van de relatie."
        ),
    )
    kinds_in = SelectField(
        _l("Welke relaties komen binnen"),
        choices=[
            SelectChoice("", _l("Zakelijke en particuliere")),
            *(SelectChoice(kind, label) for kind, label in KINDS.items()),
        ],
        default="",
        description=_l(
            "Zakelijke relaties worden organisaties, particuliere worden personen."
        ),
    )
    first_code = IntegerField(
        _l("Alleen relatiecodes vanaf"),
        [Optional(), NumberRange(0, 999_999_999_999_999)],
        description=_l(
            "Hebt u klanten en leveranciers eigen nummerreeksen gegeven? Vul dan hier"
            " die van uw klanten in. Leeg: alle relaties komen binnen."
        ),
    )
    last_code = IntegerField(
        _l("Tot en met relatiecode"), [Optional(), NumberRange(0, 999_999_999_999_999)]
    )
    debtors_type = again(RelationSyncForm.debtors_type)
    manager = again(RelationSyncForm.manager)
    out = BooleanField(
        _l("Relaties van hier in e-Boekhouden.nl aanmaken en bijwerken"),
        default=True,
        description=_l(
            "Wij adviseren dit. Alle relaties met een debiteurnummer gaan mee. Staan"
            " beide richtingen aan, dan wint wat hier staat."
        ),
    )
    person_name = again(PersonNameForm.person_name)


class PurchaseForm(FlaskForm):  # type: ignore[misc]  # the library is untyped
    """How invoices of suppliers are entered."""

    payables_account = SelectField(
        _l("Crediteurenrekening"),
        validators=[InputRequired(_l("Kies een rekening."))],
        description=_l("Een rekening van de categorie crediteuren, vaak 1600."),
    )


class InvoiceForm(FlaskForm):  # type: ignore[misc]  # the library is untyped
    """How sent invoices are booked (manual 001, C)."""

    receivables_account = receivables_account(_ACCOUNT_HINT)
    archive_email = StringField(
        _l("E-mailadres van uw digitaal archief"),
        [
            Optional(),
            Length(max=255),
            Email(_l("Dit is geen e-mailadres."), allow_smtputf8=False),
        ],
        default="",
        description=_l(
            "e-Boekhouden.nl heeft geen koppeling waarmee een bestand aan een boeking"
            " kan worden gehangen. Vult u dit adres in, dan mailen wij elke geboekte"
            " factuur één keer naar uw archief; de bestandsnaam staat bij de boeking in"
            " Boekstuk. U koppelt het bestand in e-Boekhouden.nl zelf aan de boeking."
        ),
    )
