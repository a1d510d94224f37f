"""The codes of a connection, and what is synchronised (manual 002, A and B).

Field names are the settings' keys; `mapping` reads them.
"""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField
from wtforms.validators import InputRequired, Length

from core.plugin.relation_form import RelationSyncForm, again


class CredentialForm(FlaskForm):  # type: ignore[misc]  # the library is untyped
    """What a connection needs, with the manual's steps to find it."""

    steps = (
        _l("Log in bij DigitaleFactuur en ga naar Bedrijf."),
        _l("Klik op Instellingen."),
        _l("Kies API en dan Keys."),
        _l("Klik op Nieuwe API key en maak een key aan."),
        _l("Neem de Account-id en de Toegangscode over en druk op Testen."),
    )

    account_id = PasswordField(
        _l("Account-id"),
        [InputRequired(_l("Vul de Account-id in.")), Length(max=100)],
        description=_l("Staat bij de API key in DigitaleFactuur."),
    )
    access_code = PasswordField(
        _l("Toegangscode"),
        [InputRequired(_l("Vul de Toegangscode in.")), Length(max=200)],
        description=_l("Geef de key alleen aan Koppelwerk; intrekken kan altijd daar."),
    )


class RelationForm(RelationSyncForm):
    """Which relations are kept in step, which way, and as what (manual 002, B)."""

    debtors_in = BooleanField(
        _l("Debiteuren uit DigitaleFactuur hier aanmaken en bijwerken"),
        description=_l(
            "Nummers die met 1 beginnen (1xxx). Vooral handig om eenmalig alle relaties"
            " over te nemen."
        ),
    )
    debtors_as = again(RelationSyncForm.debtors_as)
    debtors_type = again(RelationSyncForm.debtors_type)
    creditors_in = BooleanField(
        _l("Crediteuren uit DigitaleFactuur hier aanmaken en bijwerken"),
        description=_l("Nummers die met 2 beginnen (2xxx)."),
    )
    creditors_as = again(RelationSyncForm.creditors_as)
    creditors_type = again(RelationSyncForm.creditors_type)
    manager = again(RelationSyncForm.manager)
    out = BooleanField(
        _l(
            "Relaties met een debiteur- of crediteurnummer bijwerken in DigitaleFactuur"
        ),
        default=True,
        description=_l(
            "Ons advies. Alleen het factuuradres gaat mee. Staan beide richtingen aan,"
            " dan wint altijd de relatie hier."
        ),
    )


class InvoiceForm(FlaskForm):  # type: ignore[misc]
    """What sent invoices become in DigitaleFactuur."""

    direct_debit = BooleanField(
        _l("De facturen worden automatisch geïncasseerd"),
        default=False,
        description=_l("DigitaleFactuur toont dit op de factuur."),
    )
