"""Figures of a tax period: what they are, what stands behind them, filling in.

Looking is for everybody who may see the plugin; changing for who may make it.
"""

from decimal import Decimal
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    request,
    url_for,
)
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as Answer

from core.errors import AskUser
from core.extensions import htmx
from core.policy import access
from core.services.database import transaction
from core.texts import explain
from core.views import rights
from core.views.pages import get_or_404, today
from plugins.accountview import (
    behind,
    corrections,
    figure_overview,
    figure_papers,
    figure_words,
    manual_entries,
    period_figures,
    reading,
    service_codes,
)
from plugins.accountview.figure_texts import ICP_KINDS, ORIGINS
from plugins.accountview.forms.figures import FIELDS, entry_form, services_form
from plugins.accountview.invoice_figures import MAY_BE_LEFT_OUT
from plugins.accountview.models import Administration, Entry, PeriodFigures
from plugins.accountview.models.administration import FigureSource
from plugins.accountview.models.figures import EntryOrigin
from plugins.accountview.period_figures import Summary
from plugins.accountview.returns import Box, IcpKind, Rubric, TaxPeriod
from plugins.accountview.views.common import PLUGIN, page, say

_ORDER = (
    *(one for one in Rubric if one is not Rubric.R5B),
    "5a",
    Rubric.R5B,
    "5c",
    "5g",
)
"""The figures as they stand on the form."""


def _administration(administration_id: int) -> Administration:
    return get_or_404(Administration, administration_id)


def _made(administration_id: int) -> Administration:
    """Return an administration whose figures who asks may change; else 404 or 403."""
    found = _administration(administration_id)
    rights.made_by(PLUGIN)
    return found


def _period(code: str) -> TaxPeriod:
    try:
        return TaxPeriod.from_code(code)
    except ValueError:
        abort(404)


def _summary(row: PeriodFigures | None, period: TaxPeriod) -> Summary:
    return period_figures.summary(row) if row else Summary(period, {}, {}, {})


def _words() -> dict[str, Any]:
    """Return what every template of figures speaks with."""
    return {
        "period_words": figure_words.period,
        "period_of": figure_words.period_of,
        "rubric_words": figure_words.rubric,
        "section_words": figure_words.section,
        "member_state": figure_words.member_state,
        "icp_kinds": ICP_KINDS,
        "origins": ORIGINS,
        "Box": Box,
    }


@access("login")
def figures_index(administration_id: int) -> str:
    """Show the periods of an administration, and what was to pay, drawn."""
    administration = _administration(administration_id)
    lines = figure_overview.lines(administration, today())
    return page(
        "figures_index",
        administration=administration,
        lines=lines,
        drawn=figure_overview.plot(lines),
        proposals=corrections.proposals(administration, today()),
        **_words(),
    )


@access("login")
def figures(administration_id: int, period: str) -> str:
    """Show the figures of a period, exact and as they will be declared."""
    administration = _administration(administration_id)
    when = _period(period)
    return page(
        "figures",
        **_page(administration, when),
        **_words(),
    )


def _page(administration: Administration, when: TaxPeriod) -> dict[str, Any]:
    row = period_figures.find(administration, when)
    summary = _summary(row, when)
    proposals = corrections.proposals(administration, today())
    stages = corrections.latest_stages(administration)
    return {
        "administration": administration,
        "period": when,
        "row": row,
        "summary": summary,
        "figures": [behind.find(summary, str(name)) for name in _ORDER],
        "icp": _icp_groups(summary),
        "problems": figure_overview.problems(summary),
        "doubts": _doubts(row),
        "may_be_left_out": MAY_BE_LEFT_OUT,
        "manual": manual_entries.of_period(row) if row else [],
        "accepted": corrections.accepted_groups(row) if row else {},
        "own_proposal": next(
            (one for one in proposals if one.correction.period == when), None
        ),
        "other_proposals": [
            one
            for one in proposals
            if one.correction.period < when
            and not one.needs_suppletie
            and corrections.next_open(administration, one.correction.period, stages)
            == when
        ],
        "stage": stages.get(when),
        "unsaid_services": service_codes.are_unsaid(administration, summary),
    }


def _icp_groups(summary: Summary) -> list[tuple[IcpKind, list[behind.Figure]]]:
    """Return the ICP rows, those rounded away too, goods, services and ABC apart."""
    groups = []
    for kind in IcpKind:
        customers = sorted(who for what, who in summary.icp_amounts if what is kind)
        rows = [behind.icp_figure(summary, kind, who) for who in customers]
        if rows:
            groups.append((kind, rows))
    return groups


def _doubts(row: PeriodFigures | None) -> list[tuple[int, dict[str, Any], Any]]:
    """Return what waits for somebody: its place, what it is, and its words."""
    if row is None:
        return []
    return [
        (index, one, explain(one["code"], one["params"]))
        for index, one in enumerate(row.doubts)
        if not one.get("settled")
    ]


@access("login")
def figures_state(administration_id: int, period: str) -> Answer:
    """Tell how far a reading is; when it is done the page is loaded again."""
    administration = _administration(administration_id)
    row = period_figures.find(administration, _period(period))
    if row is not None and row.reading:
        shown = page(
            "figures_state",
            administration=administration,
            period=_period(period),
        )
        return make_response(shown)
    return Response(headers={"HX-Refresh": "true"})


@access("maker")
def read_figures(administration_id: int, period: str) -> Answer:
    """Have the figures read (again)."""
    administration = _made(administration_id)
    when = _period(period)
    with transaction():
        reading.ask(period_figures.of(administration, when))
    flash(_("De cijfers worden gelezen."), "success")
    return _to(administration, when)


def _to(
    administration: Administration, period: TaxPeriod, anchor: str | None = None
) -> Answer:
    to = url_for(
        "accountview.figures",
        administration_id=administration.id,
        period=period.code,
        _anchor=anchor,
    )
    return redirect(to, 303)


@access("login")
def behind_figure(administration_id: int, period: str, figure: str) -> str:
    """Show the entries behind a figure: as a page, or as a part of the page."""
    administration = _administration(administration_id)
    when = _period(period)
    row = period_figures.find(administration, when)
    summary = _summary(row, when)
    try:
        found = behind.find(summary, figure)
        after = request.args.get("na", "")
        entries = behind.page(row, found, after) if row else behind.Page([])
    except (LookupError, ValueError):
        abort(404)
    name = "behind_part" if htmx else "behind"
    return page(
        name,
        administration=administration,
        period=when,
        figure=found,
        shown=entries,
        parts=_parts(summary, found),
        is_first=not after,
        **_words(),
    )


def _parts(summary: Summary, figure: behind.Figure) -> list[tuple[Rubric, Decimal]]:
    """Return what a sum is made of: rubrics with their whole VAT, with their sign."""
    if not figure.is_sum:
        return []
    found = summary.vat_return
    return [
        (one, -found.box(one).vat if one is Rubric.R5B else found.box(one).vat)
        for one in figure.rubrics
    ]


@access("login")
def figures_paper(administration_id: int, period: str) -> Answer:
    """Send the return and its ICP declaration as a PDF."""
    administration = _administration(administration_id)
    when = _period(period)
    content = figure_papers.of_period(administration, when)
    answer = Response(content, mimetype="application/pdf")
    name = f"btw-aangifte-{administration.code}-{when.code}.pdf"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


@access("maker")
def add_entry(administration_id: int, period: str) -> str | Answer:
    """Fill in an entry: purchases, input VAT, private use."""
    administration = _made(administration_id)
    when = _period(period)
    form = entry_form(when.end)
    wanted = request.args.get("rubriek", "")
    if not form.is_submitted() and wanted in set(Rubric):
        form.rubric.data = wanted
    if form.validate_on_submit():
        try:
            with transaction():
                row = period_figures.of(administration, when)
                manual_entries.add(row, form.values(), user_id=current_user.id)
        except AskUser as error:
            _refuse(form, error)
        else:
            flash(_("Toegevoegd."), "success")
            return _to(administration, when, "zelf")
    return _entry_page(administration, when, form, None)


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
        **_words(),
    )


def _manual(entry_id: int) -> tuple[Entry, PeriodFigures]:
    """Return an entry that was filled in, and its period; else 404 or 403."""
    entry = get_or_404(Entry, entry_id)
    row = get_or_404(PeriodFigures, entry.period_id)
    _made(row.administration_id)
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
        except AskUser as error:
            _refuse(form, error)
        else:
            flash(_("De wijziging is opgeslagen."), "success")
            return _to(administration, when, "zelf")
    return _entry_page(administration, when, form, entry)


@access("maker")
def remove_entry(entry_id: int) -> Answer:
    """Remove what was filled in."""
    entry, row = _manual(entry_id)
    with transaction():
        manual_entries.remove(row, entry, user_id=current_user.id)
    flash(_("Verwijderd."), "success")
    return _to(row.administration, period_figures.period(row), "zelf")


@access("maker")
def settle_doubt(administration_id: int, period: str) -> Answer:
    """Leave out what belongs in no Dutch return."""
    administration = _made(administration_id)
    when = _period(period)
    row = period_figures.find(administration, when)
    index = request.form.get("twijfel", "")
    if row is None or not index.isdecimal() or int(index) >= len(row.doubts):
        abort(404)
    if row.doubts[int(index)]["code"] not in MAY_BE_LEFT_OUT:
        abort(400)
    with transaction():
        reading.settle(row, int(index), user_id=current_user.id)
    flash(_("Dit telt niet mee in de aangifte."), "success")
    return _to(administration, when)


@access("maker")
def accept_correction(administration_id: int, period: str) -> Answer:
    """Put the correction of a filed period in the next return."""
    administration = _made(administration_id)
    when = _period(period)
    try:
        with transaction():
            target = corrections.accept(
                administration, when, today(), user_id=current_user.id
            )
    except LookupError:
        flash(_("Er is niets (meer) te corrigeren."), "warning")
        return _to(administration, when)
    except AskUser as error:
        say(error)
        return _to(administration, when, "correctie")
    flash(_("De correctie gaat mee in deze aangifte."), "success")
    return _to(administration, period_figures.period(target), "correctie")


@access("maker")
def take_back_correction(administration_id: int, period: str) -> Answer:
    """Take an accepted correction out of a return that did not go out yet."""
    administration = _made(administration_id)
    when = _period(period)
    row = period_figures.find(administration, when)
    corrected = _period(request.form.get("van", ""))
    if row is None:
        abort(404)
    try:
        with transaction():
            corrections.take_back(row, corrected, user_id=current_user.id)
    except AskUser as error:
        say(error)
    else:
        flash(_("De correctie gaat niet mee."), "success")
    return _to(administration, when, "correctie")


@access("maker")
def services(administration_id: int) -> str | Answer:
    """Say which VAT codes are services to other member states."""
    administration = _made(administration_id)
    if administration.source != FigureSource.ACCOUNTVIEW:
        abort(404)
    form = services_form(administration.eu_vat_codes, administration.service_vat_codes)
    if form.validate_on_submit():
        with transaction():
            service_codes.choose(
                administration, form.codes.data, user_id=current_user.id
            )
        flash(_("Opgeslagen. De open tijdvakken worden opnieuw gelezen."), "success")
        to = url_for("accountview.figures_index", administration_id=administration.id)
        return redirect(to, 303)
    return page(
        "services",
        administration=administration,
        form=form,
    )


_ONE = "/cijfers/<int:administration_id>"
_IN = f"{_ONE}/<period>"
_ENTRY = "/cijfers/invoer/<int:entry_id>"
ROUTES = (
    (_ONE, figures_index, ("GET",)),
    (f"{_ONE}/diensten", services, ("GET", "POST")),
    (_IN, figures, ("GET",)),
    (f"{_IN}/stand", figures_state, ("GET",)),
    (f"{_IN}/lezen", read_figures, ("POST",)),
    (f"{_IN}/achter/<figure>", behind_figure, ("GET",)),
    (f"{_IN}/aangifte.pdf", figures_paper, ("GET",)),
    (f"{_IN}/invullen", add_entry, ("GET", "POST")),
    (f"{_IN}/twijfel", settle_doubt, ("POST",)),
    (f"{_IN}/correctie", accept_correction, ("POST",)),
    (f"{_IN}/correctie/terug", take_back_correction, ("POST",)),
    (_ENTRY, change_entry, ("GET", "POST")),
    (f"{_ENTRY}/verwijderen", remove_entry, ("POST",)),
)


def add_to(pages: Blueprint) -> None:
    """Register these views; the blueprint's addresses begin with /aangifte."""
    for rule, view, methods in ROUTES:
        pages.add_url_rule(rule, view_func=view, methods=list(methods))
