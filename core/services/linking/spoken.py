"""A coupling's configuration in words, so that the log can say what a change changed.

Words and not ids: an account may be gone from the package when somebody reads them.
Debtors stay ids, because they may be people, and nothing here can be erased.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import force_locale
from flask_wtf import FlaskForm
from sqlalchemy import select

from core.domain.orders import SaleKind
from core.models import Coupling, PaymentMapping, VatMapping
from core.plugin.capabilities import Choice, Choices, Orders
from core.plugin.settings_form import choices_for
from core.rules.changes import changes, key, word
from core.runtime.database import session
from core.services.linking.configuration import KEY_OF

_LANGUAGE = "nl"
"""Of what is kept; the catalogues translate it when it is shown."""


def news(coupling: Coupling, target: Orders, choices: Choices) -> list[list[str]]:
    """Return what changed since this was last asked, and remember how it is now.

    Nothing the first time for a coupling that was configured before this was kept.
    """
    now = _in_words(coupling, target, choices)
    before = coupling.noted if coupling.configured_at or coupling.noted else {}
    coupling.noted = now
    return changes(before, now) if before is not None else []


def _settings(
    form_class: type[FlaskForm], values: Mapping[str, Any], choices: Choices
) -> dict[str, str]:
    """Return what a plugin's own form holds, by the labels of its fields."""
    found = {}
    with force_locale(_LANGUAGE):
        form = form_class(formdata=None, meta={"csrf": False})
        for item in form:
            offered = choices_for(item, choices)
            label = str(item.label.text)
            found[key(label)] = _word(values.get(item.name), offered)
    return found


def _word(value: Any, offered: Mapping[Any, Any]) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(_word(each, offered) for each in value)
    if isinstance(value, bool) or value in (None, ""):
        return word(value)
    return str(offered.get(value, value))


def _in_words(coupling: Coupling, target: Orders, choices: Choices) -> dict[str, str]:
    found = _settings(target.form, coupling.settings, choices)
    found["refunds"] = str(coupling.refunds or "")
    found["starts_on"] = _day(coupling.starts_on)
    found["invoices_businesses"] = word(coupling.invoices_businesses)
    for name, value in coupling.no_turnover.items():
        found[key("no_turnover", name)] = _label(choices.liability_accounts, value)
    found |= _vat(coupling, target.vat_mapping, choices)
    found |= _payments(coupling, target.payment_mapping, choices)
    return found


def _vat(
    coupling: Coupling, model: type[VatMapping], choices: Choices
) -> dict[str, str]:
    found = {}
    for row in session().scalars(select(model).where(model.coupling_id == coupling.id)):
        group = KEY_OF.get(SaleKind(row.sale_kind), row.country)
        code = _label(choices.vat_codes, row.vat_code)
        account = _label(choices.revenue_accounts, row.revenue_account)
        found[key("vat", group, f"{row.rate:f}")] = f"{code} – {account}"
    return found


def _payments(
    coupling: Coupling, model: type[PaymentMapping], choices: Choices
) -> dict[str, str]:
    rows = session().scalars(select(model).where(model.coupling_id == coupling.id))
    return {
        key("payment", row.method): _label(
            choices.clearing_accounts, row.clearing_account
        )
        or f"debiteur {row.fixed_debtor}"
        for row in rows
    }


def _label(offered: Any, value: Any) -> str:
    choice: Choice
    for choice in offered:
        if choice.value == value:
            return choice.label
    return str(value or "")


def _day(on: date | None) -> str:
    return on.isoformat() if on else ""
