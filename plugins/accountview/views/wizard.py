"""*Visma-diensten activeren*: the six steps (manual 003)."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from core.domain.errors import KoppelwerkError
from core.plugin.pages import access
from core.plugin.texts import explain
from plugins.accountview import activation
from plugins.accountview.activation import Step
from plugins.accountview.forms import (
    AdministratorForm,
    AuthorisationForm,
    CommunicationForm,
    GatewayForm,
    LicenceForm,
)
from plugins.accountview.models import Activation
from plugins.accountview.services import MODULE
from plugins.accountview.views.common import page, to, words

STEPS = {
    "welkom": (Step.WELCOME, _l("Welkom")),
    "licentie": (Step.LICENCE, _l("Licentie")),
    "communicatie": (Step.COMMUNICATION, _l("Communicatie")),
    "beheerder": (Step.ADMINISTRATOR, _l("Beheerder")),
    "gateway": (Step.GATEWAY, _l("Gateway")),
    "autorisatie": (Step.AUTHORISATION, _l("Autorisatie")),
}
_SLUGS = {step: slug for slug, (step, _title) in STEPS.items()}
_FORMS = {
    Step.LICENCE: LicenceForm,
    Step.COMMUNICATION: CommunicationForm,
    Step.ADMINISTRATOR: AdministratorForm,
    Step.GATEWAY: GatewayForm,
    Step.AUTHORISATION: AuthorisationForm,
}


def add_to(pages: Blueprint) -> None:
    """Add the addresses."""
    base = "/activeren"
    pages.add_url_rule(base, "wizard", resume)
    pages.add_url_rule(f"{base}/<step>", "wizard_step", show)
    pages.add_url_rule(f"{base}/<step>", "wizard_do", do, methods=["POST"])
    pages.add_url_rule(f"{base}/communicatie/stand", "check_communication",
                       check_communication, methods=["POST"])  # fmt: skip


@access("login")
def resume() -> Response:
    """Go to the step where the wizard is."""
    at = Step(activation.of_tenant().step)
    slug = _SLUGS.get(at, "autorisatie")
    return redirect(url_for("accountview.wizard_step", step=slug))


@access("login")
def show(step: str) -> str:
    """Show a step with what is known of it."""
    wanted = _step(step)
    return _page(wanted, _filled(wanted, activation.of_tenant()))


@access("maker")
def do(step: str) -> Response | tuple[str, int]:
    """Do what the step's button says."""
    wanted = _step(step)
    form = _FORMS[wanted]() if wanted in _FORMS else None
    button = _BUTTONS.get((wanted, request.form.get("knop", "")))
    if form and not button and not form.validate_on_submit():
        return _page(wanted, form), 422
    try:
        done = button() if button else _ACTIONS[wanted](form)
    except KoppelwerkError as error:
        shown = _filled(wanted, activation.of_tenant()) if button else form
        return _page(wanted, shown, words(error)), 422
    if not done:
        return to("wizard_step", step=step)
    flash(done, "success")
    return to("wizard")


@access("maker")
def check_communication() -> str:
    """Check by itself, as the step opens, the server that was given before."""
    server, refused = activation.of_tenant().server, None
    try:
        if server:
            activation.communication(server)
    except KoppelwerkError as error:
        refused = words(error)
    return page(
        "wizard/communicatie_stand",
        row=activation.of_tenant(),
        refused=refused,
        is_checked=True,
    )


def _step(slug: str) -> Step:
    if slug not in STEPS:
        abort(404)
    return STEPS[slug][0]


def _page(step: Step, form: Any, refused: Any = None) -> str:
    row = activation.of_tenant()
    return page(
        "wizard",
        step=step,
        slug=_SLUGS[step],
        steps=STEPS,
        row=row,
        form=form,
        refused=refused,
        requirements=_requirements(row),
        failures=[explain(code) for code in row.gateway_failures],
    )


def _filled(step: Step, row: Activation) -> Any:
    """Return the step's form with what is kept; never a password."""
    if step not in _FORMS:
        return None
    known: Mapping[Step, dict[str, Any]] = {
        Step.COMMUNICATION: {"server": row.server},
        Step.ADMINISTRATOR: {
            "email": row.administrator_email,
            "first_name": row.administrator_first_name,
            "last_name": row.administrator_last_name,
        },
        Step.GATEWAY: {"email": row.administrator_email},
        Step.AUTHORISATION: {
            "email": row.administrator_email,
            "link_user": row.single_sign_on,
        },
    }
    return _FORMS[step](formdata=None, data=known.get(step, {}))


def _requirements(row: Activation) -> list[tuple[str, str, Any]]:
    """Return what is required, what the licence says, and what is wrong with it."""
    problems = activation.licence_problems(row) if row.serial else []
    found = (
        (
            _("AccountView Team of AccountView Business"),
            row.edition,
            "licence_edition",
        ),
        (_("Versie 9.8 of hoger"), row.version, "licence_version"),
        (
            _("Module %(module)s", module=MODULE),
            ", ".join(row.modules),
            "licence_module",
        ),
    )
    return [
        (wanted, has, explain(code) if code in problems else None)
        for wanted, has, code in found
    ]


def _welcome(_form: None) -> str:
    activation.begin(current_user.tenant_id)
    return str(_("Wij onthouden hoe ver u bent; u kunt altijd later verdergaan."))


def _licence(form: LicenceForm) -> str:
    activation.licence(form.text.data, terms_accepted=form.terms.data)
    return str(_("De licentie is geactiveerd."))


def _communication(form: CommunicationForm) -> str:
    activation.communication(form.server.data)
    return str(_("De AccountView Communication Service is actief."))


def _administrator(form: AdministratorForm) -> str:
    activation.administrator(form.email.data, form.first_name.data, form.last_name.data)
    flash(
        _("De beheerder ontvangt een e-mail op %(email)s.", email=form.email.data),
        "success",
    )
    return ""


def _confirm() -> str:
    activation.confirm()
    return str(_("De beheerder heeft de stappen in de e-mail gedaan."))


def _test_connection() -> str:
    activation.test_connection()
    flash(_("AccountView en AccountView.Net bereiken elkaar."), "success")
    return ""


def _gateway(form: GatewayForm) -> str:
    failures = activation.gateway(form.email.data, form.password.data)
    return "" if failures else str(_("De gateway is in orde."))


def _authorise(form: AuthorisationForm) -> str:
    names = (form.first_name.data, form.last_name.data)
    activation.authorise(
        form.email.data, form.password.data, *(names if form.link_user.data else ())
    )
    return str(_("De Visma-diensten zijn geactiveerd."))


_BUTTONS: Mapping[tuple[Step, str], Callable[[], str]] = {
    (Step.ADMINISTRATOR, "controleren"): _confirm,
    (Step.ADMINISTRATOR, "testen"): _test_connection,
}
"""Buttons of a step beside the one of its form."""
_ACTIONS: Mapping[Step, Callable[[Any], str]] = {
    Step.WELCOME: _welcome,
    Step.LICENCE: _licence,
    Step.COMMUNICATION: _communication,
    Step.ADMINISTRATOR: _administrator,
    Step.GATEWAY: _gateway,
    Step.AUTHORISATION: _authorise,
}
