"""Fields that the forms of several packages have, each made where it is shown.

Field names are the settings' keys; drop-downs without choices get those of the package
by name (`core.plugin.settings_form`).
"""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

ASK, OLDEST = "ask", "oldest"
"""Values of `duplicate_debtor`."""
VAT_ABROAD = {"require_vat_number": "vat_abroad", "charged_business": "vat_abroad"}
"""Of a form's `subjects`: on which page of Configuratie a field is asked. Those that it
does not name are asked with the debtors."""


def receivables_account(hint: Any) -> SelectField:
    """Make the field `receivables_account`."""
    return SelectField(
        _l("Rekening voor debiteuren"),
        validators=[InputRequired(_l("Kies de debiteurenrekening."))],
        description=hint,
    )


def duplicate_debtor(label: Any, oldest: Any) -> SelectField:
    """Make the field `duplicate_debtor`; the words are those of the package."""
    ask = _l("Vraag het mij (de bestelling komt onder Fouten)")
    return SelectField(
        label,
        choices=[SelectChoice(ASK, ask), SelectChoice(OLDEST, oldest)],
        default=ASK,
    )


def require_vat_number() -> BooleanField:
    """Make the field `require_vat_number`."""
    return BooleanField(
        _l("BTW-nummer verplicht bij zakelijke bestellingen binnen de EU"),
        default=True,
    )


def charged_business() -> SelectField:
    """Make the field `charged_business`: of a business that was charged VAT abroad."""
    return SelectField(
        _l("Als een bedrijf in een ander EU-land BTW van dat land betaalde"),
        choices=[
            SelectChoice(ASK, _l("Vraag het mij (de bestelling komt onder Fouten)")),
            SelectChoice("book", _l("Boek als verkoop aan een consument")),
        ],
        default=ASK,
        description=_l(
            "Alleen bij een BTW-nummer dat volgens VIES geldig is. Volgens de wet is"
            " dit geen afstandsverkoop: de BTW van het andere land hoort er niet op."
        ),
    )


def invoice_number_in_text() -> BooleanField:
    """Make the field `invoice_number_in_text`."""
    return BooleanField(
        _l("Factuurnummer van de winkel in de omschrijving zetten"),
        default=False,
    )
