"""Where the user finds the very field that solves something."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import Blueprint, url_for
from flask_login import current_user

from core.domain.money import plain
from core.domain.orders import SaleKind
from core.models import Coupling
from core.plugin.settings_form import settings_form
from core.services.linking import configuration, couplings
from core.web.forms import method_mark, parse_rate
from core.web.views.display import is_solved_here
from core.web.views.subjects import ADDRESS_OF

pages = Blueprint("fields", __name__)
_OVERVIEW = ("settings", "connection", "status_rules")
_OWN = {
    "no_turnover": "vat_status.no_turnover_page",
    "vat_status": "vat_status.status_page",
}


@pages.app_template_global("field_address")
def address(
    coupling: Coupling, field: str, params: Mapping[str, Any] | None = None
) -> str:
    """Return the address of a field of a coupling; empty: not one of ours.

    `params` are those of the text: they may name a country, a rate, an account.
    """
    if not is_solved_here(field):
        return ""
    said = params or {}
    if field in _OWN:
        return url_for(_OWN[field], coupling_id=coupling.id, _anchor=field)
    if field == "vat":
        return _of_vat(coupling, said)
    if field == "payment_methods":
        method = str(said.get("method", ""))
        # Which are known takes a look at many orders.
        is_known = method and method in {each.method for each in _payments(coupling)}
        anchor = f"clearing_account-{method_mark(method)}" if is_known else field
        return _edit(coupling, "payments", anchor)
    if field == "refunds":
        return _edit(coupling, "refunds", field)
    form = couplings.target_of(coupling).form
    if field not in _OVERVIEW and field in settings_form(form, {}):
        step = getattr(form, "subjects", {}).get(field, "debtors")
        return _edit(coupling, step, field)
    anchor = field if field in _OVERVIEW else "settings"
    return url_for("configuration.show", coupling_id=coupling.id, _anchor=anchor)


def _payments(coupling: Coupling) -> list[configuration.PaymentLine]:
    return configuration.payments(coupling, couplings.target_of(coupling))


def _edit(coupling: Coupling, step: str, anchor: str, **query: Any) -> str:
    return url_for(
        "configuration.edit",
        coupling_id=coupling.id,
        subject=ADDRESS_OF[step],
        _anchor=anchor,
        **query,
    )


def _of_vat(coupling: Coupling, said: Mapping[str, Any]) -> str:
    """Return the line of a country and rate, or the one that has an account."""
    key, rate = _named(said) or _having(coupling, said)
    step = "vat" if key in ("", current_user.home_country) else "vat_abroad"
    if not key or rate is None:
        return _edit(coupling, step, "vat")
    anchor = f"vat_code-{key}-{plain(rate)}"
    return _edit(coupling, step, anchor, land=key, tarief=plain(rate))


def _named(said: Mapping[str, Any]) -> tuple[str, Decimal | None] | None:
    rate = parse_rate(str(said.get("rate", "")))
    key = configuration.KEY_OF.get(str(said.get("kind", ""))) or str(
        said.get("country", "")
    )
    if "area" in said:
        key = configuration.KEY_OF[SaleKind.INTERNATIONAL]
    return (key, rate) if configuration.is_group(key) else None


def _having(coupling: Coupling, said: Mapping[str, Any]) -> tuple[str, Decimal | None]:
    target = couplings.target_of(coupling)
    for key, line in configuration.saved_lines(coupling, target):
        if line.revenue_account == str(said.get("account", "")):
            return key, line.rate
        if "account" not in said and plain(line.rate) == str(said.get("rate", "")):
            return key, line.rate
    return "", None
