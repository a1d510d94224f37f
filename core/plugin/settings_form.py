"""A plugin's own forms: filled with what is stored, read into plain values.

The CSRF token is held by `CSRFProtect` on every request, so forms carry none of it.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField
from wtforms.validators import Optional

from core.plugin.capabilities import Choice, Choices, Proposal


def settings_form(
    form_class: type[FlaskForm],
    values: Mapping[str, Any],
    choices: Choices | None = None,
    only: Collection[str] | None = None,
) -> Any:
    """Return a plugin's form with stored values (or what was posted) filled in.

    A drop-down without choices gets those of the package by its name: the field
    `receivables_account` gets `Choices.receivables_accounts`. With `only`, the form
    has no more than the fields of these names.
    """
    form = form_class(data=dict(values), meta={"csrf": False})
    for name in [item.name for item in form if only is not None]:
        if name not in (only or ()):
            del form[name]
    for item in form:
        if isinstance(item, DateField) and isinstance(item.data, str):
            item.data = date.fromisoformat(item.data) if item.data else None
        if isinstance(item, SelectField) and not item.choices and choices:
            offered = _offered(choices, item.name)
            item.choices = [("", "—"), *_pairs(offered, values.get(item.name))]
    return form


def credential_form(form_class: type[FlaskForm], known: Mapping[str, str]) -> Any:
    """Return a plugin's form of codes; what is known need not be filled in again."""
    form = form_class(data=dict(known), meta={"csrf": False})
    for item in form:
        if known.get(item.name) and item.flags.required:
            item.validators = [Optional(), *item.validators]
            item.flags.required = False
    return form


def choices_for(item: Any, choices: Choices) -> dict[Any, Any]:
    """Return by value what a field of a plugin's form offers: its own, or else what
    the package does."""
    if getattr(item, "choices", None):
        return {value: label for value, label, *_rest in item.iter_choices()}
    return {one.value: one.label for one in _offered(choices, item.name)}


def _offered(choices: Choices, name: str) -> tuple[Choice, ...]:
    return tuple(getattr(choices, name, getattr(choices, f"{name}s", ())))


def _pairs(offered: tuple[Choice, ...], chosen: Any) -> list[tuple[str, str]]:
    """Return value and label; one that the package no longer offers stays visible."""
    pairs = [(choice.value, choice.label) for choice in offered]
    if chosen and chosen not in dict(pairs):
        pairs.append((chosen, _("%(value)s (niet meer in het pakket)", value=chosen)))
    return pairs


def settings_values(form: Any) -> dict[str, Any]:
    """Return a plugin form's values as they are stored."""
    if hasattr(form, "to_settings"):
        return dict(form.to_settings())
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in form.data.items()
        if name != "csrf_token"
    }


def proposal_of(item: Any, choices: Choices) -> Proposal | None:
    """Return what is proposed for a drop-down of the package, with the reason."""
    known = choices.proposals.get(item.name)
    offered = _offered(choices, item.name)
    if known is not None and known.value in {choice.value for choice in offered}:
        return known
    if len(offered) == 1:
        return Proposal(_l("De enige keuze in uw pakket."), offered[0].value)
    if offered:
        return Proposal(_l("De eerste keuze in uw pakket; kijk of die klopt."),
                        offered[0].value)  # fmt: skip
    return None


def fill_in(form: Any, choices: Choices) -> dict[str, Proposal]:
    """Fill drop-downs that are empty with what is proposed; return that by field."""
    filled = {}
    for item in form:
        if isinstance(item, SelectField) and not item.data:
            proposal = proposal_of(item, choices)
            if proposal is not None:
                item.data, filled[item.name] = proposal.value, proposal
    return filled
