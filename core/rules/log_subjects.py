"""What an entry of the log is about, and which of its values name a person. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Subject(StrEnum):
    """What the log can be narrowed to."""

    ORDER = "order"
    INVOICE = "invoice"
    RELATION = "relation"
    CONNECTION = "connection"
    CONFIGURATION = "configuration"
    DECLARATION = "declaration"
    LICENCE = "licence"
    SUPPORT = "support"
    EXPORT = "export"
    ACCESS = "access"
    LOGIN = "login"


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CODES: Mapping[Subject, frozenset[str]] = {
    Subject.LOGIN: _codes("logged_in logged_out password_link_sent install_link_sent"),
    Subject.ACCESS: _codes(
        """
        login_failures code_failures proof_failures own_data_saved email_change_asked
        password_changed password_given two_factor_on two_factor_off
        recovery_codes_made
        recovery_code_used email_changed extra_email_confirmed extra_email_removed
        user_invited user_joined user_removed role_changed takeover_began takeover_ended
        api_token_made api_token_revoked
        """
    ),
    Subject.CONFIGURATION: _codes(
        """
        settings_saved configuration_saved vat_saved vat_deleted payments_saved
        no_turnover_saved vat_status_saved vat_status_removed coupling_configured
        vat_rates_change company_saved invoice_settings_saved webhook_added
        webhook_removed webhook_secret_renewed webhook_switched_on webhook_switched_off
        vat_code_saved vat_code_deleted vat_codes_made
        open_items_decider open_items_on open_items_off
        purchases_on purchases_off invoice_booking_on invoice_booking_off
        refunds_saved_not refunds_saved_ask refunds_saved_by_itself
        """
    ),
    Subject.EXPORT: _codes(
        """
        data_exported data_erased customer_exported customer_erased list_exported
        """
    ),
    Subject.LICENCE: _codes("invoice_made invoice_paid terms_accepted signed_up"),
    Subject.INVOICE: _codes("purchase_asked purchase_booked"),
    Subject.SUPPORT: _codes(
        """
        problem_reported problem_answered problem_closed request_closed
        asked_installation asked_backfill
        """
    ),
}
_BEGINNINGS: tuple[tuple[str, Subject], ...] = (
    ("relation", Subject.RELATION), ("import_", Subject.RELATION),
    ("df_without", Subject.RELATION), ("invoice_", Subject.INVOICE),
    ("credit_invoice", Subject.INVOICE), ("licence_", Subject.LICENCE),
    ("filing_", Subject.DECLARATION), ("figures_", Subject.DECLARATION),
    ("undertaking_", Subject.DECLARATION), ("backfill_", Subject.ORDER),
    ("owners_right", Subject.ACCESS), ("colleagues_right", Subject.ACCESS),
)  # fmt: skip
"""How the codes of an area begin."""
_BY_CODE = {code: subject for subject, codes in _CODES.items() for code in codes}
_OF_DOCUMENT = {"document"}
"""The one value of an entry about a document that names nobody: an error repeats what
the buyer filled in, and a shop may number orders by their buyers."""
_OF_PEOPLE = {"name", "email", "address", "old", "user"}
_NAMES_NO_PERSON = _codes(
    "connected connection_ended connection_checked api_token_made api_token_revoked"
)
"""Codes whose `name` is an administration or a key."""


def subject_of(code: str, *, of_transfer: bool, of_invoice: bool) -> Subject:
    """Return what an entry is about: by its code, or by the document it is of."""
    if found := _BY_CODE.get(code):
        return found
    if of_invoice:
        return Subject.INVOICE
    if of_transfer:
        return Subject.ORDER
    for beginning, subject in _BEGINNINGS:
        if code.startswith(beginning):
            return subject
    return Subject.CONNECTION


def parted(
    code: str, values: Mapping[str, Any], *, of_document: bool
) -> tuple[dict[str, str], dict[str, str]]:
    """Return an entry's values that may stay, and those that may name a person."""
    personal = {
        name
        for name in values
        if (of_document and name not in _OF_DOCUMENT)
        or (name in _OF_PEOPLE and code not in _NAMES_NO_PERSON)
    }
    return (
        {name: str(value) for name, value in values.items() if name not in personal},
        {name: str(value) for name, value in values.items() if name in personal},
    )
