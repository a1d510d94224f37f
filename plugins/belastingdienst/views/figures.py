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
from werkzeug.wrappers import Response as Answer

from core.domain.declarations import (
    Box,
    IcpKind,
    PeriodKind,
    Rubric,
    TaxPeriod,
)
from core.plugin.database import transaction
from core.plugin.pages import access, get_or_404, is_part, made_by, today
from core.plugin.texts import explain
from plugins.belastingdienst.checks import Problem
from plugins.belastingdienst.figures import (
    behind,
    manual_entries,
    overview,
    period_figures,
    questions,
    reading,
    service_codes,
    vat_check,
)
from plugins.belastingdienst.figures.period_figures import Summary
from plugins.belastingdienst.icp import owed as icp_owed
from plugins.belastingdienst.law.boxes import Boxes
from plugins.belastingdienst.law.spans import overlapping
from plugins.belastingdienst.models import Administration, PeriodFigures
from plugins.belastingdienst.paper import papers
from plugins.belastingdienst.sales import own_sales
from plugins.belastingdienst.setup import ledgers, schemes
from plugins.belastingdienst.setup.schemes import Schemes
from plugins.belastingdienst.texts import figure_words
from plugins.belastingdienst.texts.figure_texts import ICP_KINDS, ORIGINS, VAT_ROLES
from plugins.belastingdienst.views import icp_pages
from plugins.belastingdienst.views.common import PLUGIN, page
from plugins.belastingdienst.watching import changes, corrections, history

_ORDER = (
    *(one for one in Rubric if one is not Rubric.R5B),
    "5a",
    Rubric.R5B,
    "5c",
    "5g",
)
"""The figures as they stand on the form."""


def administration_of(administration_id: int) -> Administration:
    return get_or_404(Administration, administration_id)


def made_administration(administration_id: int) -> Administration:
    """Return an administration whose figures who asks may change; else 404 or 403."""
    found = administration_of(administration_id)
    made_by(PLUGIN)
    return found


def period_of(code: str) -> TaxPeriod:
    """Return a period that figures are read of; 404 for any other code."""
    try:
        found = TaxPeriod.from_code(code)
    except ValueError:
        abort(404)
    return abort(404) if found.kind is PeriodKind.TWO_MONTHS else found


def _summary(row: PeriodFigures | None, period: TaxPeriod) -> Summary:
    return period_figures.summary(row) if row else Summary(period, {}, {}, {})


def figure_page_words() -> dict[str, Any]:
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
    administration = administration_of(administration_id)
    filed = history.of(administration)
    stages = history.stages(administration)
    lines = overview.lines(administration, today(), stages, filed.payable)
    found = changes.notices(administration, filed, today())
    return page(
        "figures_index",
        administration=administration,
        lines=lines,
        today=today(),
        drawn=overview.plot(lines),
        notices=found,
        whole_years=changes.whole_years(found, filed),
        is_ledger=ledgers.is_ledger(administration),
        ledger=ledgers.title(administration.source),
        **figure_page_words(),
    )


@access("login")
def figures(administration_id: int, period: str) -> str:
    """Show the figures of a period, exact and as they will be declared."""
    administration = administration_of(administration_id)
    when = period_of(period)
    return page(
        "figures",
        **_page(administration, when),
        **figure_page_words(),
    )


def _page(administration: Administration, when: TaxPeriod) -> dict[str, Any]:
    row = period_figures.find(administration, when)
    summary = _summary(row, when)
    filed, span = history.of(administration), history.span(when)
    notices = changes.notices(administration, filed, today())
    stages = history.stages(administration)
    is_read = row is not None and row.read_at is not None
    held = filed.history.held(span)
    said = schemes.of([administration])
    return {
        "is_read": is_read,
        "is_over": when.end < today(),
        "has_paper": is_read or span in filed.history.filed,
        "held": None if held is None else _as_accepted(when, held),
        "asks_return": said.asks_return(administration, when),
        "administration": administration,
        "is_ledger": ledgers.is_ledger(administration),
        "period": when,
        "row": row,
        "summary": summary,
        "figures": [behind.find(summary, str(name)) for name in _ORDER],
        "icp": _icp_groups(summary),
        **_icp_page(administration, when),
        "problems": _problems(administration, said, summary) if is_read else [],
        "doubts": _doubts(row),
        "vat_check": vat_check.of(row) if row else None,
        "vat_roles": VAT_ROLES,
        "may_be_left_out": own_sales.may_be_left_out,
        "manual": manual_entries.of_period(row) if row else [],
        "accepted": corrections.groups_in(row) if row else {},
        "own_notice": next((one for one in notices if one.period == when), None),
        "waiting": [one for one in filed.history.waiting if one.corrects == span],
        "other_notices": [
            one for one in notices if one.may_go_along and one.goes_in == when
        ],
        "stage": stages.get(when),
        "unsaid_services": service_codes.are_unsaid(administration, summary),
    }


def _problems(
    administration: Administration, said: Schemes, summary: Summary
) -> list[Problem]:
    taxpayer = said.of(administration)
    confirmed = questions.confirmed(taxpayer, summary.vat_return)
    return overview.problems(administration, summary, confirmed)


def _as_accepted(when: TaxPeriod, boxes: Boxes) -> dict[str, behind.Figure]:
    """Return what the tax office accepted of a period, by the name of the figure."""
    summary = Summary(when, history.by_rubric(boxes), {}, {})
    return {str(name): behind.find(summary, str(name)) for name in _ORDER}


def _icp_page(administration: Administration, when: TaxPeriod) -> dict[str, Any]:
    """Return which ICP declarations are about this period, and what they still lack."""
    quarters = icp_pages.quarters(administration, when, today())
    owed = [
        one
        for one in icp_pages.owed(icp_owed.of(administration))
        if overlapping(one.period, when)
    ]
    is_shown = any(line.is_needed for one in quarters for line in one.lines)
    return {"icp_quarters": quarters, "icp_owed": owed, "icp_shown": is_shown}


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
    administration = administration_of(administration_id)
    row = period_figures.find(administration, period_of(period))
    if row is not None and row.reading:
        shown = page(
            "figures_state",
            administration=administration,
            period=period_of(period),
        )
        return make_response(shown)
    return Response(headers={"HX-Refresh": "true"})


@access("maker")
def read_figures(administration_id: int, period: str) -> Answer:
    """Have the figures read (again)."""
    administration = made_administration(administration_id)
    when = period_of(period)
    with transaction():
        reading.ask(period_figures.of(administration, when))
    flash(_("De cijfers worden gelezen."), "success")
    return to_period(administration, when)


def to_period(
    administration: Administration, period: TaxPeriod, anchor: str | None = None
) -> Answer:
    to = url_for(
        "belastingdienst.figures",
        administration_id=administration.id,
        period=period.code,
        _anchor=anchor,
    )
    return redirect(to, 303)


@access("login")
def behind_figure(administration_id: int, period: str, figure: str) -> str:
    """Show the entries behind a figure: as a page, or as a part of the page."""
    administration = administration_of(administration_id)
    when = period_of(period)
    row = period_figures.find(administration, when)
    summary = _summary(row, when)
    try:
        found = behind.find(summary, figure)
        after = request.args.get("na", "")
        entries = behind.page(row, found, after) if row else behind.Page([])
    except (LookupError, ValueError):
        abort(404)
    name = "behind_part" if is_part() else "behind"
    return page(
        name,
        administration=administration,
        period=when,
        figure=found,
        shown=entries,
        parts=_parts(summary, found),
        is_first=not after,
        **figure_page_words(),
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
    administration = administration_of(administration_id)
    when = period_of(period)
    row = period_figures.find(administration, when)
    is_read = row is not None and row.read_at is not None
    filed = history.of(administration).history.filed
    if not is_read and history.span(when) not in filed:
        flash(_("Van dit tijdvak zijn de cijfers nog niet gelezen."), "error")
        return to_period(administration, when)
    content = papers.of_period(administration, when)
    answer = Response(content, mimetype="application/pdf")
    name = f"btw-aangifte-{administration.code}-{when.code}.pdf"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


ONE = "/cijfers/<int:administration_id>"
IN = f"{ONE}/<period>"
ROUTES = (
    (ONE, figures_index, ("GET",)),
    (IN, figures, ("GET",)),
    (f"{IN}/stand", figures_state, ("GET",)),
    (f"{IN}/lezen", read_figures, ("POST",)),
    (f"{IN}/achter/<figure>", behind_figure, ("GET",)),
    (f"{IN}/aangifte.pdf", figures_paper, ("GET",)),
)


def add_to(pages: Blueprint) -> None:
    """Register these views; the blueprint's addresses begin with /aangifte."""
    for rule, view, methods in ROUTES:
        pages.add_url_rule(rule, view_func=view, methods=list(methods))
