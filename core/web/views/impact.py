"""*Wat verandert er*: the last orders by a configuration that is not saved yet."""

from collections.abc import Callable, Mapping

from flask import Blueprint, abort, render_template, request, url_for

from core.models import Coupling
from core.plugin.settings_form import settings_form, settings_values
from core.services.linking import configuration, couplings, replanning
from core.services.reporting import overview
from core.texts import impact as words
from core.web.forms import read_payments, read_vat
from core.web.policy import access
from core.web.views import rights

pages = Blueprint("impact", __name__)
pages.add_app_template_global(replanning.can_replan)


@pages.post("/configuratie/<int:coupling_id>/wat-verandert/<part>")
@access("owner")
def show(coupling_id: int, part: str) -> str:
    """Show what the posted fields of a part would do; nothing is saved or sent."""
    coupling = couplings.find(coupling_id)
    if coupling is None or not rights.own().shows(coupling) or part not in _CHANGES:
        abort(404)
    if not replanning.can_replan(coupling):
        abort(404)
    change = _CHANGES[part](coupling)
    if change is None:
        abort(400)  # the page before this one takes only what is right
    found = replanning.replan(coupling, change)
    coupling = couplings.find(coupling_id) or abort(404)
    posted = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in ("csrf_token", "gezien")
    ]
    return render_template(
        "impact/show.html",
        coupling=coupling,
        found=found,
        posted=posted,
        words=words,
        plugin=coupling.target.plugin,
        save=url_for(f"configuration.{_SAVES[part]}", coupling_id=coupling_id),
        counts=overview.counts(),
    )


Store = Callable[[], None]


def _vat(coupling: Coupling) -> Store | None:
    posted = read_vat(request.form, couplings.choices_of(coupling))
    target = couplings.target_of(coupling)
    if posted.errors:
        return None
    return lambda: configuration.save_vat(coupling, target, posted.groups)


def _payments(coupling: Coupling) -> Store | None:
    posted = read_payments(request.form, couplings.choices_of(coupling))
    target = couplings.target_of(coupling)
    if posted.errors:
        return None
    return lambda: configuration.save_payments(coupling, target, posted.payments)


def _settings(coupling: Coupling) -> Store | None:
    choices = couplings.choices_of(coupling)
    form = settings_form(couplings.target_of(coupling).form, coupling.settings, choices)
    if not form.validate():
        return None
    values = settings_values(form)

    def store() -> None:
        coupling.settings = values

    return store


_CHANGES: Mapping[str, Callable[[Coupling], Store | None]] = {
    "settings": _settings,
    "vat": _vat,
    "payment_methods": _payments,
}
"""By the part of the page: what storing the posted fields would do; None: they are
not right."""
_SAVES = {"settings": "save", "vat": "save_vat", "payment_methods": "save_payments"}
