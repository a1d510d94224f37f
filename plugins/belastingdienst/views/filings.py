"""Declarations: what is to be filed, what was, and preparing one."""

from typing import Any

from flask import Blueprint, abort
from flask_login import current_user
from werkzeug.wrappers import Response as Answer

from core.domain.declarations import DeclarationKind, TaxPeriod
from core.domain.errors import AskUser
from core.plugin.pages import access, before, get_or_404, today
from core.plugin.texts import explain
from plugins.belastingdienst.filing import filings as services
from plugins.belastingdienst.filing import obligations, preparing, words
from plugins.belastingdienst.filing.drafts import NotPrepared
from plugins.belastingdienst.forms.filings import PrepareForm
from plugins.belastingdienst.icp import owed
from plugins.belastingdienst.models import Administration
from plugins.belastingdienst.models.filing import FilingStage
from plugins.belastingdienst.setup import administrations, schemes
from plugins.belastingdienst.texts import figure_words
from plugins.belastingdienst.texts.figure_texts import ICP_KINDS
from plugins.belastingdienst.views import icp_pages
from plugins.belastingdienst.views.common import page, say, to

PAGE = 50
Problems = list[tuple[bool, Any]]


@access("login")
def filings() -> str:
    """Show what has to be filed, with deadlines, and what was."""
    return _list_page()


def _list_page(
    problems: Problems | None = None,
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
        is_on_its_way=any(one.is_on_its_way for one in todo),
        after=found[PAGE - 1].id if len(found) > PAGE else None,
        is_first=before() is None,
        problems=problems or [],
        tried=tried,
        elsewhere=[one for one in rows if not said.files_here(one)],
        confirm=confirm,
        owed=icp_pages.owed(owed.of_tenant()),
        **vocabulary(),
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
        return not_prepared(refused, administration_id, period, kind)
    except AskUser as error:
        say(error)
        return to("filings")
    return to("filing", filing_id=filing_id)


def not_prepared(
    refused: NotPrepared, administration_id: int, period: TaxPeriod, kind: str
) -> tuple[str, int]:
    """Name what is in the way; where it is numbers only, ask to confirm them."""
    tried = f"{words.kind(kind)} {figure_words.period(period)}"
    numbers = preparing.to_confirm(refused.problems)
    confirm = {
        "administration_id": administration_id,
        "period": period.code,
        "kind": kind,
        "numbers": numbers,
        "form": PrepareForm(formdata=None),
    }
    return _list_page(explained(refused), tried, confirm if numbers else None), 422


def _period(code: str) -> TaxPeriod:
    try:
        return TaxPeriod.from_code(code)
    except ValueError:
        abort(404)


def explained(refused: NotPrepared) -> Problems:
    """Return each problem in words, those that stop it first, and each once."""
    found = {
        (problem.blocks, explain(problem.code, problem.params))
        for problem in refused.problems
    }
    return sorted(found, key=lambda pair: (not pair[0], pair[1].what))


def vocabulary() -> dict[str, Any]:
    """Return what every template of declarations speaks with."""
    return {
        "stage_words": words.stage,
        "kind_words": words.kind,
        "period_words": figure_words.period,
        "period_of": figure_words.period_of,
        "rubric_words": figure_words.rubric,
        "member_state": figure_words.member_state,
        "icp_kinds": ICP_KINDS,
        "channel_words": words.channel,
        "urgencies": words.URGENCIES,
        "stages": FilingStage,
    }


ALL = "/aangiften"
ROUTES = (
    (ALL, filings, "GET"),
    (ALL, prepare_filing, "POST"),
)


def add_to(pages: Blueprint) -> None:
    """Register these views; the blueprint's addresses begin with /aangifte."""
    for rule, view, method in ROUTES:
        pages.add_url_rule(rule, view_func=view, methods=[method])
