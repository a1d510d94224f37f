"""The questions of a period: answered with no, or filled in, with a reckoning."""

from typing import Any

from flask import Blueprint, abort, flash, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as Answer

from core.domain.declarations import TaxPeriod
from core.plugin.database import transaction
from core.plugin.pages import access, today
from core.plugin.texts import explain
from plugins.belastingdienst.figures import (
    manual_entries,
    period_figures,
    questions,
    unpaid,
)
from plugins.belastingdienst.forms.reckoning import FORMS, reckoning_form
from plugins.belastingdienst.law.purchases import BOXES
from plugins.belastingdienst.models import Administration, Taxpayer
from plugins.belastingdienst.setup import taxpayer_setup, taxpayers
from plugins.belastingdienst.texts.scheme_texts import CASE_NAMES, CASE_SOURCES, SURE
from plugins.belastingdienst.views.common import page
from plugins.belastingdienst.views.figures import (
    IN,
    administration_of,
    figure_page_words,
    made_administration,
    period_of,
    to_period,
)
from plugins.belastingdienst.watching import changes


def _taxpayer(administration: Administration) -> Taxpayer:
    """Return who answers, made where nothing was said yet; 404 without a number."""
    if not administration.tax_number:
        abort(404)
    return taxpayers.of(administration)


@access("maker")
def answer_question(administration_id: int, period: str) -> Answer:
    """Answer no: it did not come up in this period."""
    administration = made_administration(administration_id)
    when, code = period_of(period), request.form.get("vraag", "")
    if code not in questions.BOXES:
        abort(400)
    with transaction():
        questions.answer(
            _taxpayer(administration),
            when,
            code,
            applies=False,
            user_id=current_user.id,
        )
    flash(_("Het antwoord is opgeslagen."), "success")
    return to_period(administration, when, "vragen")


@access("maker")
def decide_unpaid(administration_id: int, period: str) -> Answer:
    """Take VAT of an unpaid invoice back (or declare it again), or let it be."""
    administration = made_administration(administration_id)
    when, wanted = period_of(period), request.form.get("factuur", "")
    taken = request.form.get("keuze") == "ja"
    found = {one.code: one for one in unpaid.prompts(administration, when, today())}
    if wanted not in found:
        abort(404)
    one, entry = found[wanted], None
    with transaction():
        said = _taxpayer(administration)
        if taken:
            row = period_figures.of(administration, when)
            words = _("Oninbare factuur %(number)s", number=one.number)
            for values in one.entries(str(words)):
                entry = manual_entries.add(row, values, user_id=current_user.id)
        questions.answer(
            said, when, one.code, applies=taken, user_id=current_user.id, entry=entry
        )
        changes.look(administration)
    flash(_("Het antwoord is opgeslagen."), "success")
    return to_period(administration, when, "vragen")


@access("maker")
def confirm_box(administration_id: int, period: str) -> Answer:
    """Say that a box with transferred VAT is right as it is."""
    administration = made_administration(administration_id)
    when, box = period_of(period), request.form.get("rubriek", "")
    row = period_figures.find(administration, when)
    if box not in (*BOXES, "5b") or row is None:
        abort(400)
    vat_return = period_figures.summary(row).vat_return
    with transaction():
        said = _taxpayer(administration)
        questions.confirm(said, vat_return, box, user_id=current_user.id)
    flash(_("Rubriek %(box)s klopt zoals zij is.", box=box), "success")
    return to_period(administration, when, "problems")


@access("login")
def reckon(administration_id: int, period: str, question: str) -> str:
    """Show the reckoning of a question, and what it comes to."""
    administration, when = administration_of(administration_id), period_of(period)
    if question not in FORMS:
        abort(404)
    form = reckoning_form(question, request.args, when.end)
    found = form.reckoned(when.end.year) if request.args and form.validate() else None
    return page(
        "reckoning",
        administration=administration,
        period=when,
        question=question,
        title=CASE_NAMES[question],
        asks=explain(question),
        source=CASE_SOURCES[question],
        sure=SURE,
        form=form,
        found=found,
        **figure_page_words(),
    )


def _questions_of(administration: Administration, period: TaxPeriod) -> dict[str, Any]:
    """Return the questions of a period, for its page."""
    said = taxpayer_setup.find(administration)
    asked = questions.asked(said, period)
    problems = [one.problem for one in asked]
    return {
        "is_held": any(one.blocks for one in problems if one is not None),
        "unpaid": [
            one
            for one in unpaid.prompts(administration, period, today())
            if not questions.is_said(said, period, one.code)
        ],
        "asked": asked,
        "unsaid": len(taxpayer_setup.unsaid(said)),
        "names": CASE_NAMES,
        "words": explain,
        "with_reckoning": FORMS,
    }


ROUTES = (
    (f"{IN}/antwoord", answer_question, ("POST",)),
    (f"{IN}/klopt", confirm_box, ("POST",)),
    (f"{IN}/oninbaar", decide_unpaid, ("POST",)),
    (f"{IN}/rekenhulp/<question>", reckon, ("GET",)),
)


def add_to(pages: Blueprint) -> None:
    """Register these views; the blueprint's addresses begin with /aangifte."""
    pages.context_processor(lambda: {"questions_of": _questions_of})
    for rule, view, methods in ROUTES:
        pages.add_url_rule(rule, view_func=view, methods=list(methods))
