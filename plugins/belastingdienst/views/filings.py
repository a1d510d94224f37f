"""Declarations: what is to be filed, one with its timeline, and deciding about it.

Looking is for everybody who may see the plugin; every change for an owner, and what
cannot be undone asks for the password.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    render_template,
    request,
)
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as Answer

from core.domain.declarations import DeclarationKind, Rubric, TaxPeriod
from core.domain.errors import AskUser
from core.plugin.database import transaction
from core.plugin.pages import access, before, get_or_404, proved, today
from core.plugin.texts import explain
from plugins.belastingdienst.figures import icp_figures, icp_owed
from plugins.belastingdienst.filing import (
    filing_words,
    history,
    icp_numbers,
    obligations,
    paying,
    preparing,
    taxpayers,
    timeline,
    watching,
)
from plugins.belastingdienst.filing import filings as services
from plugins.belastingdienst.filing.drafts import NotPrepared
from plugins.belastingdienst.filing.turn import WORKING
from plugins.belastingdienst.forms.filings import (
    ApproveForm,
    ArrivedForm,
    PrepareForm,
    ResendForm,
)
from plugins.belastingdienst.law import dates
from plugins.belastingdienst.law.boxes import payable
from plugins.belastingdienst.law.dates import Urgency
from plugins.belastingdienst.law.returns import TURNOVER_ONLY
from plugins.belastingdienst.models import Administration, Filing
from plugins.belastingdienst.models.filing import FilingStage
from plugins.belastingdienst.setup import administrations, schemes
from plugins.belastingdienst.texts import figure_words
from plugins.belastingdienst.texts.figure_texts import ICP_KINDS
from plugins.belastingdienst.texts.law_texts import ROUTE_UNSURE
from plugins.belastingdienst.views import icp_pages
from plugins.belastingdienst.views.common import page, say, to
from plugins.belastingdienst.xbrl.declared import read_back

PAGE = 50
_Problems = list[tuple[bool, Any]]


@access("login")
def filings() -> str:
    """Show what has to be filed, with deadlines, and what was."""
    return _list_page()


def _list_page(
    problems: _Problems | None = None,
    tried: str = "",
    confirm: dict[str, Any] | None = None,
) -> str:
    found = services.page(before(), PAGE + 1)
    rows = administrations.of_tenant()
    todo = obligations.of(rows, today())
    said = schemes.of(rows)
    return page(
        "filings",
        unread=obligations.unread(rows, today()),
        todo=[one for one in todo if one.is_open] if before() is None else [],
        filings=found[:PAGE],
        after=found[PAGE - 1].id if len(found) > PAGE else None,
        is_first=before() is None,
        problems=problems or [],
        tried=tried,
        elsewhere=[one for one in rows if not said.files_here(one)],
        confirm=confirm,
        owed=icp_pages.owed(icp_owed.of_tenant()),
        **_words(),
    )


@access("owner")
def prepare_filing() -> Answer | tuple[str, int]:
    """Prepare a declaration; everything that is in the way is named."""
    form = PrepareForm()
    if not form.validate():
        abort(400)
    administration_id = get_or_404(Administration, form.administratie.data).id
    kind, period = DeclarationKind(form.soort.data), _period(form.tijdvak.data)
    try:
        filing_id = preparing.prepare(
            administration_id,
            period,
            kind,
            user_id=current_user.id,
            confirmed=form.confirmed,
        )
    except NotPrepared as refused:
        return _not_prepared(refused, administration_id, period, kind)
    except AskUser as error:
        say(error)
        return to("filings")
    return _to(filing_id)


def _not_prepared(
    refused: NotPrepared, administration_id: int, period: TaxPeriod, kind: str
) -> tuple[str, int]:
    """Name what is in the way; where it is numbers only, ask to confirm them."""
    tried = f"{filing_words.kind(kind)} {figure_words.period(period)}"
    numbers = preparing.to_confirm(refused.problems)
    confirm = {
        "administration_id": administration_id,
        "period": period.code,
        "kind": kind,
        "numbers": numbers,
        "form": PrepareForm(formdata=None),
    }
    return _list_page(_explained(refused), tried, confirm if numbers else None), 422


def _period(code: str) -> TaxPeriod:
    try:
        return TaxPeriod.from_code(code)
    except ValueError:
        abort(404)


def _explained(refused: NotPrepared) -> _Problems:
    """Return each problem in words, those that stop it first, and each once."""
    found = {
        (problem.blocks, explain(problem.code, problem.params))
        for problem in refused.problems
    }
    return sorted(found, key=lambda pair: (not pair[0], pair[1].what))


@access("login")
def filing(filing_id: int) -> str:
    """Show one declaration as its bytes say it, with what happened to it."""
    return _one_page(_one(filing_id))


def _one_page(
    row: Filing,
    problems: _Problems | None = None,
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
        numbers=icp_numbers.read(row.vat_checks),
        scope=icp_pages.kinds(icp_figures.scope_of(row)),
        no_vat=TURNOVER_ONLY,
        rubrics=[(one, declared.boxes.get(one)) for one in Rubric],
        told=_by_period(row.parts.get("periods", {})),
        carried=_by_period(row.parts.get("carried", {})),
        warnings=[explain(one["code"], one["params"]) for one in row.warnings],
        problems=problems or [],
        approve=approve or ApproveForm(),
        resend=resend or ResendForm(),
        arrived=arrived or ArrivedForm(),
        may_withdraw=services.may_withdraw(row),
        may_cancel=services.may_cancel(row),
        may_refile=_is_newest(row) and row.stage in taxpayers.ENDED_BADLY,
        is_undecided=services.is_undecided(row),
        **_moving(row),
        **_words(),
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
            (event, filing_words.event(row, event), filing_words.is_ours(event))
            for event in events
        ],
        "names": timeline.names(events),
        "reason": filing_words.reason(row),
        "is_working": row.stage in WORKING,
    }


def _is_newest(row: Filing) -> bool:
    kind, period = DeclarationKind(row.kind), taxpayers.period_of(row)
    return taxpayers.versions(row, kind, period)[0].id == row.id


@access("login")
def filing_state(filing_id: int) -> str | Answer:
    """Show how far a declaration is; at a new stage the page is loaded again."""
    row = _one(filing_id)
    if request.args.get("van") != row.stage:
        return Response(headers={"HX-Refresh": "true"})
    return render_template(
        "belastingdienst/filing_state.html", **_moving(row), **_words()
    )


@access("owner")
@proved
def approve_filing(filing_id: int) -> Answer | tuple[str, int]:
    """Approve exactly what was shown; a worker sends it."""
    row, form = _one(filing_id), ApproveForm()
    if not form.validate():
        return _one_page(row, approve=form), 422
    try:
        with transaction():
            services.approve(row, form.content_hash.data, user_id=current_user.id)
    except NotPrepared as refused:
        return _one_page(_one(filing_id), _explained(refused)), 422
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
            return _not_prepared(refused, *place)
        return _one_page(_one(filing_id), _explained(refused)), 422
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


def _words() -> dict[str, Any]:
    """Return what every template of declarations speaks with."""
    return {
        "stage_words": filing_words.stage,
        "kind_words": filing_words.kind,
        "period_words": figure_words.period,
        "period_of": figure_words.period_of,
        "rubric_words": figure_words.rubric,
        "member_state": figure_words.member_state,
        "icp_kinds": ICP_KINDS,
        "channel_words": filing_words.channel,
        "urgencies": filing_words.URGENCIES,
        "stages": FilingStage,
    }


_ALL = "/aangiften"
_ONE = f"{_ALL}/<int:filing_id>"
ROUTES = (
    (_ALL, filings, "GET"),
    (_ALL, prepare_filing, "POST"),
    (_ONE, filing, "GET"),
    (f"{_ONE}/stand", filing_state, "GET"),
    (f"{_ONE}/goedkeuren", approve_filing, "POST"),
    (f"{_ONE}/intrekken", withdraw_filing, "POST"),
    (f"{_ONE}/opnieuw", refile_filing, "POST"),
    (f"{_ONE}/verder", retry_filing, "POST"),
    (f"{_ONE}/annuleren", cancel_filing, "POST"),
    (f"{_ONE}/nog-eens", resend_filing, "POST"),
    (f"{_ONE}/aangekomen", arrived_filing, "POST"),
)


def _declarations_due() -> list[obligations.Obligation]:
    """Return the open declarations whose deadline is near or over, for a banner."""
    todo = obligations.of(administrations.of_tenant(), today())
    return [one for one in todo if one.is_open and one.urgency is not Urgency.EARLY]


def _changes_known() -> list[watching.Notice]:
    """Return what filed periods ask, of every taxpayer with a change, for a banner."""
    return [
        one for number in watching.changed() for one in watching.of(number, today())
    ]


def _declarations_of(
    administration: Administration, period: TaxPeriod
) -> dict[str, Filing]:
    """Return the newest version of each kind over a period."""
    return {
        kind: found[0]
        for kind in DeclarationKind
        if (found := taxpayers.versions(administration, kind, period))
    }


def _files_here(administration: Administration) -> bool:
    """Tell whether an administration's returns are filed here, not elsewhere."""
    return schemes.of([administration]).files_here(administration)


def _amount_of(one: obligations.Obligation) -> tuple[Decimal | None, date | None]:
    """Return what an open declaration asks to pay, and the last day to pay.

    None: not known before its figures are read, or nothing is paid with such a one.
    """
    last_day = one.pay_by
    if last_day is None:
        return None, None
    if one.filing is not None and one.filing.stage not in taxpayers.ENDED_BADLY:
        return one.filing.payable, last_day
    found = paying.expected([(one.administration, one.period)])
    return next(iter(found.values()), None), last_day


def _globals() -> dict[str, Any]:
    """Return what the plugin's other pages need to lead here."""
    return {
        "declarations_due": _declarations_due,
        "changes_known": _changes_known,
        "route_unsure": ROUTE_UNSURE,
        "declarations_of": _declarations_of,
        "declaration_words": filing_words.kind,
        "declaration_stage": filing_words.stage,
        "declaration_period": figure_words.period,
        "files_here": _files_here,
        "declaration_amount": _amount_of,
    }


def add_to(pages: Blueprint) -> None:
    """Register these views; the blueprint's addresses begin with /aangifte."""
    pages.context_processor(_globals)
    for rule, view, method in ROUTES:
        pages.add_url_rule(rule, view_func=view, methods=[method])
