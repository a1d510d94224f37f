"""Settings of a coupling with eAccounting; field names are the settings' keys.

Drop-downs without choices get those of the package by name (`core.web.forms`).
"""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import AnyOf, InputRequired

from core.plugin.coupling_form import (
    VAT_ABROAD,
    charged_business,
    duplicate_debtor,
    invoice_number_in_text,
    receivables_account,
    require_vat_number,
)
from core.plugin.relation_form import PersonNameForm, RelationSyncForm
from plugins.eaccounting.mapping import TargetKind

KIND_LABELS = {
    TargetKind.SALES_ENTRY: _l("Verkoopboeking"),
    TargetKind.DRAFT_INVOICE: _l("Factuur (concept)"),
    TargetKind.ORDER: _l("Bestelling"),
}

KIND_REASONS = {
    TargetKind.SALES_ENTRY: _l(
        "Een verkoopboeking staat meteen in uw boeken, met precies de bedragen van uw"
        " winkel."
    ),
    TargetKind.DRAFT_INVOICE: _l("Dit kent uw licentie bij Visma."),
    TargetKind.ORDER: _l("Dit kent uw licentie bij Visma."),
}
_ACCOUNT_HINT = _l("Vaak 1200, 1300 of 1600; u ziet het in Visma eAccounting.")


def _payment_terms() -> SelectField:
    return SelectField(
        _l("Betaalconditie voor nieuwe debiteuren"),
        validators=[InputRequired(_l("Kies een betaalconditie."))],
    )


class InvoiceForm(FlaskForm):  # type: ignore[misc]  # the library is untyped
    """How sales invoices are booked (manual 000, C)."""

    receivables_account = receivables_account(_ACCOUNT_HINT)
    payment_terms = _payment_terms()


class PurchaseForm(FlaskForm):  # type: ignore[misc]  # the library is untyped
    """How invoices of suppliers are entered."""

    payables_account = SelectField(
        _l("Crediteurenrekening"),
        validators=[InputRequired(_l("Kies een rekening."))],
        description=_l("Vaak 1600; u ziet het in Visma eAccounting."),
    )


class CouplingForm(FlaskForm):  # type: ignore[misc]  # the library is untyped
    """What orders become, and the accounts and defaults for it (manual 004)."""

    subjects = {  # noqa: RUF012  # wtforms reads the class's own attributes
        "target_kind": "orders",
        "document_vat": "orders",
        "invoice_number_in_text": "orders",
        **VAT_ABROAD,
    }

    target_kind = SelectField(
        _l("Bestellingen doorzetten als"),
        # The list shows what the licence takes; the check before booking guards it.
        validate_choice=False,
        validators=[
            AnyOf(list(TargetKind), _l("Kies waarin bestellingen worden omgezet."))
        ],
        description=_l(
            "Facturen worden concept; u verwerkt ze verder in Visma. Wat uw licentie"
            " niet kent, staat niet in de lijst."
        ),
    )
    receivables_account = receivables_account(_ACCOUNT_HINT)
    payment_terms = _payment_terms()
    unit = SelectField(
        _l("Default eenheid voor nieuwe artikelen"),
        validators=[InputRequired(_l("Kies een eenheid."))],
        description=_l("Ons advies is PCE of per stuk."),
    )
    document_vat = SelectField(
        _l("Als Visma de BTW op een factuur een paar cent anders afrondt"),
        choices=[
            SelectChoice("ask", _l("Vraag het mij (de bestelling komt onder Fouten)")),
            SelectChoice("book", _l("Zet door, met een opmerking")),
        ],
        default="ask",
        description=_l(
            "Visma rekent de BTW op facturen zelf uit, over alle regels samen. Het"
            " totaal is altijd dat van de winkel. Een verkoopboeking heeft dit niet."
        ),
    )
    duplicate_debtor = duplicate_debtor(
        _l("Als meer debiteuren hetzelfde e-mailadres hebben"),
        _l("Gebruik de oudste debiteur"),
    )
    require_vat_number = require_vat_number()
    charged_business = charged_business()
    invoice_number_in_text = invoice_number_in_text()


class RelationsForm(RelationSyncForm, PersonNameForm):
    """What keeps debtors and creditors in step (manual 000, B)."""

    payment_terms = SelectField(
        _l("Betaalconditie voor nieuwe debiteuren en crediteuren"),
        description=_l("Kiest u niets, dan die van uw administratie in Visma."),
    )
