"""Changing figures: filling in, leaving out, correcting, naming services."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as Answer

from core.domain.declarations import Rubric, TaxPeriod
from core.domain.errors import AskUser
from core.domain.money import ZERO
from core.plugin.database import transaction
from core.plugin.pages import access, get_or_404, today
from core.plugin.texts import explain
from plugins.belastingdienst.figures import (
    manual_entries,
    period_figures,
    questions,
    reading,
    service_codes,
)
from plugins.belastingdienst.forms.figures import (
    FIELDS,
    entry_form,
    read_amount,
    services_form,
)
from plugins.belastingdienst.models import Administration, Entry, PeriodFigures
from plugins.belastingdienst.models.figures import EntryOrigin
from plugins.belastingdienst.sales import own_sales
from plugins.belastingdienst.setup import ledgers, taxpayers
from plugins.belastingdienst.texts.scheme_texts import CASE_NAMES
from plugins.belastingdienst.views.common import page, say
from plugins.belastingdienst.views.figures import (
    IN,
    ONE,
    figure_page_words,
    made_administration,
    period_of,
    to_period,
)
from plugins.belastingdienst.watching import changes, corrections, history


@access("maker")
def add_entry(administration_id: int, period: str) -> str | Answer:
    """Fill in an entry: purchases, input VAT, private use."""
    administration = made_administration(administration_id)
    when = period_of(period)
    form = entry_form(when.end)
    question = request.args.get("vraag", "")
    question = question if question in questions.BOXES else ""
    if not form.is_submitted():
        _propose(form, question)
    if form.validate_on_submit():
        try:
            with transaction():
                row = period_figures.of(administration, when)
                made = manual_entries.add(row, form.values(), user_id=current_user.id)
                if question and administration.tax_number:
                    _answered(administration, when, question, made)
                changes.look(administration)
        except AskUser as error:
            _refuse(form, error)
        else:
            flash(_("Toegevoegd."), "success")
            return to_period(administration, when, "zelf")
    return _entry_page(administration, when, form, None)


def _propose(form: Any, question: str) -> None:
    """Fill in what a question's reckoning came to, or where its amount goes."""
    wanted = request.args.get("rubriek", questions.BOXES.get(question, ""))
    if wanted in set(Rubric):
        form.rubric.data = wanted
    for item, name in ((form.turnover, "omzet"), (form.vat, "btw")):
        item.data = read_amount(request.args.get(name, "")) or ZERO
    if question:
        form.description.data = str(CASE_NAMES[question])


def _answered(
    administration: Administration, period: TaxPeriod, question: str, entry: Entry
) -> None:
    """Keep that what was filled in answers a question with yes."""
    questions.answer(
        taxpayers.of(administration),
        period,
        question,
        applies=True,
        user_id=current_user.id,
        entry=entry,
    )


def _refuse(form: Any, error: AskUser) -> None:
    """Show a refusal beside the field that solves it."""
    words = explain(error.code, error.params)
    item = form[FIELDS.get(error.code, "rubric")]
    item.errors = [*item.errors, f"{words.what} {words.action}".strip()]


def _entry_page(
    administration: Administration, period: TaxPeriod, form: Any, entry: Entry | None
) -> str:
    return page(
        "entry",
        administration=administration,
        period=period,
        form=form,
        entry=entry,
        **figure_page_words(),
    )


def _manual(entry_id: int) -> tuple[Entry, PeriodFigures]:
    """Return an entry that was filled in, and its period; else 404 or 403."""
    entry = get_or_404(Entry, entry_id)
    row = get_or_404(PeriodFigures, entry.period_id)
    made_administration(row.administration_id)
    if entry.origin != EntryOrigin.MANUAL:
        abort(404)
    return entry, row


@access("maker")
def change_entry(entry_id: int) -> str | Answer:
    """Change what was filled in."""
    entry, row = _manual(entry_id)
    administration, when = row.administration, period_figures.period(row)
    form = entry_form(when.end, entry)
    if form.validate_on_submit():
        values = form.values()
        try:
            with transaction():
                manual_entries.change(row, entry, values, user_id=current_user.id)
                changes.look(administration)
        except AskUser as error:
            _refuse(form, error)
        else:
            flash(_("De wijziging is opgeslagen."), "success")
            return to_period(administration, when, "zelf")
    return _entry_page(administration, when, form, entry)


@access("maker")
def remove_entry(entry_id: int) -> Answer:
    """Remove what was filled in."""
    entry, row = _manual(entry_id)
    with transaction():
        manual_entries.remove(row, entry, user_id=current_user.id)
        changes.look(row.administration)
    flash(_("Verwijderd."), "success")
    return to_period(row.administration, period_figures.period(row), "zelf")


@access("maker")
def settle_doubt(administration_id: int, period: str) -> Answer:
    """Leave out what belongs in no Dutch return."""
    administration = made_administration(administration_id)
    when = period_of(period)
    row = period_figures.find(administration, when)
    index = request.form.get("twijfel", "")
    if row is None or not index.isdecimal() or int(index) >= len(row.doubts):
        abort(404)
    if not own_sales.may_be_left_out(row.doubts[int(index)]):
        abort(400)
    with transaction():
        reading.settle(row, int(index), user_id=current_user.id)
    flash(_("Dit telt niet mee in de aangifte."), "success")
    return to_period(administration, when)


@access("maker")
def accept_correction(administration_id: int, period: str) -> Answer:
    """Put the correction of a filed period in the next return."""
    administration = made_administration(administration_id)
    when = period_of(period)
    try:
        with transaction():
            target = corrections.put_in(
                administration, when, today(), user_id=current_user.id
            )
    except AskUser as error:
        say(error)
        return to_period(administration, when, "correctie")
    flash(_("De correctie gaat mee in deze aangifte."), "success")
    return to_period(target.administration, period_figures.period(target), "correctie")


@access("maker")
def take_back_correction(administration_id: int, period: str) -> Answer:
    """Take an accepted correction out of a return that did not go out yet."""
    administration = made_administration(administration_id)
    when = period_of(period)
    row = period_figures.find(administration, when)
    corrected = period_of(request.form.get("van", ""))
    if row is None:
        abort(404)
    try:
        with transaction():
            corrections.take_back(row, corrected, user_id=current_user.id)
    except AskUser as error:
        say(error)
    else:
        flash(_("De correctie gaat niet mee."), "success")
    return to_period(administration, when, "correctie")


@access("maker")
def services(administration_id: int) -> str | Answer:
    """Say which VAT codes are services to other member states."""
    administration = made_administration(administration_id)
    if not ledgers.is_ledger(administration):
        abort(404)
    form = services_form(administration.eu_vat_codes, administration.service_vat_codes)
    if form.validate_on_submit():
        with transaction():
            gone, chosen = history.gone(administration), form.codes.data
            service_codes.choose(administration, chosen, gone, user_id=current_user.id)
        flash(_("Opgeslagen. De open tijdvakken worden opnieuw gelezen."), "success")
        to = url_for(
            "belastingdienst.figures_index", administration_id=administration.id
        )
        return redirect(to, 303)
    return page(
        "services",
        administration=administration,
        form=form,
    )


_ENTRY = "/cijfers/invoer/<int:entry_id>"
ROUTES = (
    (f"{ONE}/diensten", services, ("GET", "POST")),
    (f"{IN}/invullen", add_entry, ("GET", "POST")),
    (f"{IN}/twijfel", settle_doubt, ("POST",)),
    (f"{IN}/correctie", accept_correction, ("POST",)),
    (f"{IN}/correctie/terug", take_back_correction, ("POST",)),
    (_ENTRY, change_entry, ("GET", "POST")),
    (f"{_ENTRY}/verwijderen", remove_entry, ("POST",)),
)


def add_to(pages: Blueprint) -> None:
    """Register these views; the blueprint's addresses begin with /aangifte."""
    for rule, view, methods in ROUTES:
        pages.add_url_rule(rule, view_func=view, methods=list(methods))
