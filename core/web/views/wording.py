"""A change of the configuration in the user's words: what, what it is, what it gets."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from flask_babel import gettext as _
from wtforms import BooleanField, SelectField

from core.plugin.capabilities import Choice, Choices
from core.services.linking.impact import STARTS_ON, Change
from core.texts import payment_word
from core.web.views.display import country, day, percent

NONE = "—"


class Words(NamedTuple):
    """One line of what changes."""

    what: str
    old: str
    new: str


def vat_words(change: Change, choices: Choices) -> Words:
    """Name a VAT line with its code and revenue account."""
    offered = (choices.vat_codes, choices.revenue_accounts)
    rate = percent(change.rate) if change.rate is not None else ""
    return Words(
        f"{country(change.key)} {rate}%",
        _labels(change.old, offered),
        _labels(change.new, offered),
    )


def payment_words(change: Change, choices: Choices) -> Words:
    """Name a payment method with its clearing account or debtor."""
    chosen = [values[1] for values in (change.old, change.new) if len(values) > 1]
    debtors = [choice for value in chosen if (choice := choices.debtor(value))]
    offered = (choices.clearing_accounts, debtors)
    old, new = (_labels(values, offered) for values in (change.old, change.new))
    return Words(payment_word(change.key), old, new)


def setting_words(change: Change, form: Any) -> Words:
    """Name a setting as its form does."""
    if change.key == STARTS_ON:
        dates = (_date(values[0]) for values in (change.old, change.new))
        return Words(_("Bestellingen doorzetten vanaf"), *dates)
    item = form[change.key]
    old, new = (_of_field(item, values[0]) for values in (change.old, change.new))
    return Words(str(item.label.text), old, new)


def _labels(values: Sequence[str], offered: Sequence[Sequence[Choice]]) -> str:
    found = [
        next((choice.label for choice in choices if choice.value == value), value)
        for value, choices in zip(values, offered, strict=False)
        if value
    ]
    return " · ".join(found) or NONE


def _of_field(item: Any, value: Any) -> str:
    if isinstance(item, BooleanField):
        return str(_("Ja") if value else _("Nee"))
    if isinstance(item, SelectField):
        labels = {choice[0]: str(choice[1]) for choice in item.iter_choices()}
        return labels.get(value) or str(value or NONE)
    return str(value or NONE)


def _date(value: date | None) -> str:
    return day(value) if value else NONE
