"""One declaration with its timeline, and deciding about it.

Looking is for everybody who may see the plugin; every change for an owner, and what
cannot be undone asks for the password.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, abort, flash, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as Answer

from core.domain.declarations import DeclarationKind, Rubric, TaxPeriod
from core.domain.errors import AskUser
from core.plugin.database import transaction
from core.plugin.pages import access, get_or_404, proved, today
from core.plugin.texts import explain
from plugins.belastingdienst.filing import filings as services
from plugins.belastingdienst.filing import paying, preparing, timeline, words
from plugins.belastingdienst.filing.drafts import NotPrepared
from plugins.belastingdienst.forms.filings import ApproveForm, ArrivedForm, ResendForm
from plugins.belastingdienst.icp import vat_numbers
from plugins.belastingdienst.law import dates
from plugins.belastingdienst.law.boxes import payable
from plugins.belastingdienst.law.returns import TURNOVER_ONLY
from plugins.belastingdienst.models import Filing
from plugins.belastingdienst.paper import papers
from plugins.belastingdienst.sending.turn import WORKING
from plugins.belastingdienst.setup import administrations, taxpayers
from plugins.belastingdienst.views import filings, icp_pages
from plugins.belastingdienst.views.common import page, say, to
from plugins.belastingdienst.watching import history
from plugins.belastingdienst.xbrl.declared import read_back


@access("login")
def filing(filing_id: int) -> str:
    """Show one declaration as its bytes say it, with what happened to it."""
    return _one_page(_one(filing_id))


def _one_page(
    row: Filing,
    problems: filings.Problems | None = None,
    *,
    approve: ApproveForm | None = None,
    resend: ResendForm | None = None,
    arrived: ArrivedForm | None = None,
) -> str:
    declared = read_back(row.content, DeclarationKind(row.kind))
    last_day = _last_day(row)
    return page(
        "filing",
        declared=declared,
        to_pay=paying.of(row, today()),
        last_day=last_day,
        is_late=last_day is not None and today() > last_day,
        figures_period=administrations.holding(row.administration, row.ends_on).code,
        numbers=vat_numbers.read(row.vat_checks),
        scope=icp_pages.kinds(taxpayers.scope_of(row)),
        no_vat=TURNOVER_ONLY,
        rubrics=[(one, declared.boxes.get(one)) for one in Rubric],
        told=_by_period(row.parts.get("periods", {})),
        carried=_by_period(row.parts.get("carried", {})),
        warnings=[explain(one["code"], one["params"]) for one in row.warnings],
        problems=problems or [],
        approve=approve or ApproveForm.of(row),
        resend=resend or ResendForm(),
        arrived=arrived or ArrivedForm(),
        may_withdraw=services.may_withdraw(row),
        may_cancel=services.may_cancel(row),
        may_refile=_is_newest(row) and row.stage in taxpayers.ENDED_BADLY,
        is_undecided=services.is_undecided(row),
        **_moving(row),
        **filings.vocabulary(),
    )


def _last_day(row: Filing) -> date | None:
    """Return the last day to file; None for what has another term."""
    kind = DeclarationKind(row.kind)
    if kind is DeclarationKind.SUPPLETIE:
        return None
    return dates.last_to_file(dates.Filing(kind.value), taxpayers.period_of(row))


def _by_period(parts: dict[str, Any]) -> list[tuple[TaxPeriod, Decimal]]:
    """Return periods with what is to pay over each, in whole euros."""
    found = history.decoded(parts)
    return [(history.period(one), payable(boxes)) for one, boxes in found.items()]


def _moving(row: Filing) -> dict[str, Any]:
    """Return what changes while a worker is busy with it."""
    events = timeline.of(row)
    return {
        "filing": row,
        "events": [
            (event, words.event(row, event), words.is_ours(event)) for event in events
        ],
        "names": timeline.names(events),
        "reason": words.reason(row),
        "is_working": row.stage in WORKING,
    }


def _is_newest(row: Filing) -> bool:
    kind, period = DeclarationKind(row.kind), taxpayers.period_of(row)
    return taxpayers.versions(row, kind, period)[0].id == row.id


@access("login")
def filing_paper(filing_id: int) -> Response:
    """Send a return or suppletie as a PDF; 404 for an ICP declaration."""
    row = _one(filing_id)
    if row.kind == DeclarationKind.ICP:
        abort(404)
    answer = Response(papers.of_filing(row), mimetype="application/pdf")
    is_suppletie = row.kind == DeclarationKind.SUPPLETIE
    what = _("suppletie") if is_suppletie else _("btw-aangifte")
    name = f"{what}-{taxpayers.period_of(row).code}.pdf"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


@access("login")
def filing_state(filing_id: int) -> str | Answer:
    """Show how far a declaration is; at a new stage the page is loaded again."""
    row = _one(filing_id)
    if request.args.get("van") != row.stage:
        return Response(headers={"HX-Refresh": "true"})
    return render_template(
        "belastingdienst/filing_state.html", **_moving(row), **filings.vocabulary()
    )


@access("owner")
@proved
def approve_filing(filing_id: int) -> Answer | tuple[str, int]:
    """Approve exactly what was shown; a worker sends it."""
    row = _one(filing_id)
    form = ApproveForm.of(row)
    if not form.validate():
        return _one_page(row, approve=form), 422
    try:
        with transaction():
            services.approve(
                row,
                form.content_hash.data,
                user_id=current_user.id,
                without=form.without,
            )
    except NotPrepared as refused:
        return _one_page(_one(filing_id), filings.explained(refused)), 422
    except AskUser as error:
        say(error)
    else:
        flash(_("Goedgekeurd. De aangifte wordt nu verstuurd."), "success")
    return _to(filing_id)


@access("owner")
def withdraw_filing(filing_id: int) -> Answer:
    """Take back what was not sent yet."""
    done = _("De aangifte is ingetrokken en niet verstuurd.")
    return _change(filing_id, services.withdraw, done)


@access("owner")
def refile_filing(filing_id: int) -> Answer | tuple[str, int]:
    """Prepare the next version of a rejected or cancelled one."""
    row = _one(filing_id)
    place = row.administration_id, taxpayers.period_of(row), DeclarationKind(row.kind)
    try:
        made = preparing.prepare_again(filing_id, user_id=current_user.id)
    except NotPrepared as refused:
        if preparing.to_confirm(refused.problems):
            return filings.not_prepared(refused, *place)
        return _one_page(_one(filing_id), filings.explained(refused)), 422
    except AskUser as error:
        say(error)
        return _to(filing_id)
    return _to(made)


@access("owner")
def retry_filing(filing_id: int) -> Answer:
    """Let a stopped one go on; what may have arrived is looked up, never sent."""
    return _change(filing_id, services.retry, _("De aangifte gaat weer verder."))


@access("owner")
@proved
def cancel_filing(filing_id: int) -> Answer:
    """Ask the channel to take it back."""
    return _change(filing_id, services.cancel, _("De annulering is aangevraagd."))


@access("owner")
@proved
def resend_filing(filing_id: int) -> Answer | tuple[str, int]:
    """Send again what surely did not arrive."""
    row, form = _one(filing_id), ResendForm()
    if not form.validate():
        return _one_page(row, resend=form), 422
    done = _("De aangifte wordt nog eens gezocht en dan opnieuw verstuurd.")
    return _change(filing_id, services.resend, done)


@access("owner")
@proved
def arrived_filing(filing_id: int) -> Answer | tuple[str, int]:
    """Enter that it arrived, with the channel's reference."""
    row, form = _one(filing_id), ArrivedForm()
    if not form.validate():
        return _one_page(row, arrived=form), 422

    def act(row: Filing, *, user_id: int) -> None:
        services.arrived(row, form.reference.data, user_id=user_id)

    done = _("Vastgelegd. Wij vragen nu de statussen onder dit kenmerk op.")
    return _change(filing_id, act, done)


def _change(filing_id: int, act: Callable[..., None], done: str) -> Answer:
    row = _one(filing_id)
    try:
        with transaction():
            act(row, user_id=current_user.id)
    except AskUser as error:
        say(error)
    else:
        flash(done, "success")
    return _to(filing_id)


def _one(filing_id: int) -> Filing:
    return get_or_404(Filing, filing_id)


def _to(filing_id: int) -> Answer:
    return to("filing", filing_id=filing_id)


_ONE = f"{filings.ALL}/<int:filing_id>"
ROUTES = (
    (_ONE, filing, "GET"),
    (f"{_ONE}/aangifte.pdf", filing_paper, "GET"),
    (f"{_ONE}/stand", filing_state, "GET"),
    (f"{_ONE}/goedkeuren", approve_filing, "POST"),
    (f"{_ONE}/intrekken", withdraw_filing, "POST"),
    (f"{_ONE}/opnieuw", refile_filing, "POST"),
    (f"{_ONE}/verder", retry_filing, "POST"),
    (f"{_ONE}/annuleren", cancel_filing, "POST"),
    (f"{_ONE}/nog-eens", resend_filing, "POST"),
    (f"{_ONE}/aangekomen", arrived_filing, "POST"),
)


def add_to(pages: Blueprint) -> None:
    """Register these views; the blueprint's addresses begin with /aangifte."""
    for rule, view, method in ROUTES:
        pages.add_url_rule(rule, view_func=view, methods=[method])
