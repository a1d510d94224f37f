"""Tab Configuratie: connections, the package's settings, VAT and payment methods."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from core.domain.errors import KoppelwerkError
from core.domain.orders import Purse
from core.models import Coupling
from core.plugin.capabilities import Choices, Shop
from core.plugin.pages import today
from core.plugin.settings_form import settings_form, settings_values
from core.rules.refunds import RefundPolicy
from core.rules.vatrates import RATED
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk
from core.services.linking import checking, configuration, couplings, impact
from core.services.linking.configuration import VatGroup
from core.services.linking.impact import Change
from core.services.reporting import overview
from core.texts import explain
from core.web.forms import Posted, read_payments, read_vat
from core.web.policy import access, may_change
from core.web.views import rights
from core.web.views.pages import sides
from core.web.views.wording import Words, payment_words, setting_words, vat_words

pages = Blueprint("configuration", __name__)


@pages.get("/configuratie")
@access("login")
def index() -> str | Response:
    """Show the first coupling, or what to do to get one."""
    first = next(iter(rights.shown(couplings.all_couplings())), None)
    if first is None:
        return render_template("configuration/none.html", counts=overview.counts())
    return redirect(url_for("configuration.show", coupling_id=first.id), 303)


@pages.get("/configuratie/<int:coupling_id>")
@access("login")
def show(coupling_id: int) -> str:
    """Show one coupling's configuration."""
    return _page(_get(coupling_id))


def _get(coupling_id: int) -> Coupling:
    coupling = couplings.find(coupling_id)
    if coupling is None or not rights.own().shows(coupling):
        abort(404)
    return coupling


def _page(
    coupling: Coupling,
    *,
    form: Any = None,
    vat: Posted | None = None,
    payments: Posted | None = None,
    starts_on: date | None = None,
) -> str:
    """Render the page; what was posted and refused is shown again with its errors."""
    target, choices = couplings.target_of(coupling), couplings.choices_of(coupling)
    groups = configuration.vat_groups(
        coupling, target, current_user.home_country, today()
    )
    is_empty = not any(group.is_set for group in groups)
    is_editing = may_change() and (
        vat is not None or is_empty or request.args.get("wijzigen") == "btw"
    )
    return render_template(
        "configuration/index.html",
        coupling=coupling,
        couplings=rights.shown(couplings.all_couplings()),
        sides=sides(coupling),
        connection_form=_connection_form(coupling),
        starts_on=starts_on or coupling.starts_on,
        form=form or settings_form(target.form, coupling.settings, choices),
        problems=[explain(code) for code in couplings.problems_of(coupling)],
        groups=groups,
        edited=_edited(groups, choices, vat) if is_editing else {},
        is_editing=is_editing,
        vat_errors=vat.errors if vat else (),
        payments=payments.payments
        if payments
        else configuration.payments(coupling, target),
        payment_errors=payments.errors if payments else (),
        purses=tuple(Purse),
        payments_notice=target.payments_notice(coupling),
        choices=choices,
        counts=overview.counts(),
    )


def _connection_form(coupling: Coupling) -> Any:
    shop = koppelwerk().registry.brought(Shop).get(coupling.source.plugin)
    if shop is None or shop.form is None:
        return None
    return settings_form(shop.form, coupling.source.settings)


def _edited(
    groups: Sequence[VatGroup], choices: Choices, posted: Posted | None
) -> dict[str, VatGroup]:
    """Return the groups whose lines are open for editing, by key."""
    if posted is not None:
        return {group.key: group for group in posted.groups}
    chosen = {group.key: group for group in groups if group.is_set}
    wanted = {current_user.home_country, *configuration.SINGLE} if not chosen else set()
    wanted |= set(request.args.getlist("land"))
    for group in groups:
        if group.key in wanted and group.key not in chosen:
            chosen[group.key] = configuration.with_suggestions(group, choices)
    return chosen


@pages.post("/configuratie/<int:coupling_id>/instellingen")
@access("owner")
def save(coupling_id: int) -> str | Response:
    """Store the package's own settings and the first date."""
    coupling = _get(coupling_id)
    target, choices = couplings.target_of(coupling), couplings.choices_of(coupling)
    form = settings_form(target.form, coupling.settings, choices)
    try:
        text = request.form.get("starts_on", "")
        starts_on = date.fromisoformat(text) if text else None
    except ValueError:
        flash(_("Dat is geen datum."), "error")
        return _page(coupling, form=form)
    if not form.validate():
        flash(_("Nog niet opgeslagen: zie de velden hieronder."), "error")
        return _page(coupling, form=form)
    values = settings_values(form)
    if "terug" in request.form:
        return _page(coupling, form=form, starts_on=starts_on)
    changes = impact.of_settings(coupling, values, starts_on)
    if _is_unseen(coupling, changes):
        words = [setting_words(change, form) for change in changes]
        return _ask_first(coupling, changes, words, "settings")
    with transaction():
        couplings.save_settings(coupling, values, starts_on, user_id=current_user.id)
    return _saved(coupling, "settings")


@pages.post("/configuratie/<int:coupling_id>/btw")
@access("owner")
def save_vat(coupling_id: int) -> str | Response:
    """Store the VAT table."""
    coupling = _get(coupling_id)
    choices = couplings.choices_of(coupling)
    posted = read_vat(request.form, choices)
    if posted.errors or "terug" in request.form:
        return _page(coupling, vat=posted)
    changes = impact.of_vat(coupling, posted.groups)
    if _is_unseen(coupling, changes):
        words = [vat_words(change, choices) for change in changes]
        return _ask_first(coupling, changes, words, "vat")
    with transaction():
        target = couplings.target_of(coupling)
        configuration.save_vat(coupling, target, posted.groups)
        couplings.saved(coupling, "vat_saved", user_id=current_user.id)
    return _saved(coupling, "vat")


@pages.post("/configuratie/<int:coupling_id>/betaalmethoden")
@access("owner")
def save_payments(coupling_id: int) -> str | Response:
    """Store the payment methods."""
    coupling = _get(coupling_id)
    choices = couplings.choices_of(coupling)
    posted = read_payments(request.form, choices)
    if posted.errors or "terug" in request.form:
        return _page(coupling, payments=posted)
    changes = impact.of_payments(coupling, posted.payments)
    if _is_unseen(coupling, changes):
        words = [payment_words(change, choices) for change in changes]
        return _ask_first(coupling, changes, words, "payment_methods")
    with transaction():
        target = couplings.target_of(coupling)
        configuration.save_payments(coupling, target, posted.payments)
        couplings.saved(coupling, "payments_saved", user_id=current_user.id)
    return _saved(coupling, "payment_methods")


@pages.post("/configuratie/<int:coupling_id>/terugbetalingen")
@access("owner")
def save_refunds(coupling_id: int) -> Response:
    """Store what becomes of refunds; what was booked stays as it is."""
    coupling = _get(coupling_id)
    try:
        policy = RefundPolicy(request.form.get("refunds", ""))
    except ValueError:
        abort(400)
    with transaction():
        couplings.save_refunds(coupling, policy, user_id=current_user.id)
    return _saved(coupling, "refunds")


@pages.get("/configuratie/<int:coupling_id>/debiteuren")
@access("owner")
def find_debtors(coupling_id: int) -> str:
    """Return the options of a drop-down: the debtors that a text finds.

    The one that was chosen stays so; without a text the first ones are offered again.
    """
    choices = couplings.choices_of(_get(coupling_id))
    text = request.args.get("debiteur", "").strip()
    search = choices.debtor_search
    return render_template(
        "configuration/debtors.html",
        found=search.find(text) if search and text else choices.debtors,
        chosen=choices.debtor(request.args.get("fixed_debtor", "")),
        text=text,
    )


def _is_unseen(coupling: Coupling, changes: Sequence[Change]) -> bool:
    """Tell whether the user has yet to see what a change of this version touches."""
    return bool(changes) and request.form.get("gezien") != str(coupling.version)


def _ask_first(
    coupling: Coupling, changes: Sequence[Change], words: Sequence[Words], anchor: str
) -> str:
    """Show what a change touches; what was posted goes along, to be saved then."""
    posted = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in ("csrf_token", "gezien")
    ]
    return render_template(
        "configuration/impact.html",
        coupling=coupling,
        words=words,
        touched=impact.touched(coupling, changes),
        posted=posted,
        anchor=anchor,
        counts=overview.counts(),
    )


def _saved(coupling: Coupling, anchor: str) -> Response:
    flash(_("De instellingen zijn opgeslagen."), "success")
    address = url_for("configuration.show", coupling_id=coupling.id, _anchor=anchor)
    return redirect(address, 303)


@pages.get("/configuratie/<int:coupling_id>/btw/<key>")
@access("owner")
def vat_group(coupling_id: int, key: str) -> str:
    """The editor of one country's rates, with suggestions filled in."""
    coupling = _get(coupling_id)
    choices = couplings.choices_of(coupling)
    first = configuration.first_day(coupling, today())
    lines = configuration.default_lines(_known(key), first, today())
    group = VatGroup(key, lines)
    return render_template(
        "configuration/vat_group.html",
        group=configuration.with_suggestions(group, choices),
        choices=choices,
        coupling=coupling,
    )


@pages.get("/configuratie/<int:coupling_id>/btw/<key>/regel")
@access("owner")
def vat_line(coupling_id: int, key: str) -> str:
    """One more empty rate of a country."""
    coupling = _get(coupling_id)
    return render_template(
        "configuration/vat_line.html",
        group=VatGroup(_known(key), ()),
        line=None,
        choices=couplings.choices_of(coupling),
    )


def _known(key: str) -> str:
    if key not in (*configuration.SINGLE, *RATED):
        abort(404)
    return key


@pages.route("/configuratie/<int:coupling_id>/btw-verwijderen", methods=["GET", "POST"])
@access("owner")
def delete_vat(coupling_id: int) -> str | Response:
    """*BTW instellingen verwijderen*, after a confirmation."""
    coupling = _get(coupling_id)
    if request.method == "GET":
        touched = impact.touched(coupling, impact.of_vat(coupling, ()))
        return render_template(
            "configuration/delete_vat.html", coupling=coupling, touched=touched
        )
    with transaction():
        couplings.delete_vat(coupling, user_id=current_user.id)
    flash(_("De BTW-instellingen zijn verwijderd. U kunt opnieuw beginnen."), "info")
    address = url_for("configuration.show", coupling_id=coupling.id, _anchor="vat")
    return redirect(address, 303)


@pages.post("/configuratie/<int:coupling_id>/vernieuwen")
@access("owner")
def refresh(coupling_id: int) -> Response:
    """Read the package's codes and accounts again."""
    coupling = _get(coupling_id)
    try:
        checking.load_reference(coupling.target)
        session().commit()
        flash(_("De codes en rekeningen zijn opnieuw opgehaald."), "success")
    except KoppelwerkError as error:
        session().rollback()
        words = explain(error.code, error.params)
        flash(f"{words.what} {words.action}", "error")
    address = url_for(
        "configuration.show", coupling_id=coupling_id, wijzigen="btw", _anchor="vat"
    )
    return redirect(address, 303)
