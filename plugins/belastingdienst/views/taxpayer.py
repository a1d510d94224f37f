"""The taxpayer of an administration: where he files, his schemes, what comes up."""

from flask import Blueprint, abort, flash
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from core.domain.declarations import PeriodKind, TaxPeriod
from core.plugin.database import transaction
from core.plugin.pages import access, get_or_404, today
from plugins.belastingdienst.figures import reading
from plugins.belastingdienst.forms.taxpayer import TaxpayerForm, taxpayer_form
from plugins.belastingdienst.law.spans import Span
from plugins.belastingdienst.models import Administration, Taxpayer
from plugins.belastingdienst.paper import statement_pdf
from plugins.belastingdienst.sales import small_business
from plugins.belastingdienst.sales.small_business import Quarter, Standings
from plugins.belastingdienst.setup import (
    administrations,
    kor,
    taxpayer_setup,
    taxpayers,
)
from plugins.belastingdienst.texts import figure_words, scheme_texts
from plugins.belastingdienst.views.common import page, to
from plugins.belastingdienst.watching import history

AT_ONCE = "nu"
"""In the address of the statement that passing 100,000 asks for."""


def add_to(pages: Blueprint) -> None:
    """Add the addresses."""
    one = "/administraties/<int:administration_id>/belastingplichtige"
    pages.add_url_rule(one, "taxpayer", show)
    pages.add_url_rule(one, "save_taxpayer", save, methods=["POST"])
    pages.add_url_rule(f"{one}/opgaaf/<quarter>", "statement_paper", statement_paper)


@access("login")
def show(administration_id: int) -> str:
    """Show what was said of the taxpayer, or that his number comes first."""
    row = get_or_404(Administration, administration_id)
    return _page(row, taxpayer_form(taxpayer_setup.find(row), posted=False))


def _page(row: Administration, form: TaxpayerForm) -> str:
    return page(
        "taxpayer",
        row=row,
        form=form,
        said=taxpayer_setup.find(row),
        same=[one for one in _of_number(row) if one.id != row.id],
        standings=_standings(row),
        kor_days=kor.of(row.tenant_id, row.tax_number),
        kor_of_other=_is_kor_of_other(row),
        is_near=small_business.is_near,
        member_state=figure_words.member_state,
        period_words=_period_words,
        questions=scheme_texts.QUESTIONS,
        sure=scheme_texts.SURE,
        case_sources=scheme_texts.CASE_SOURCES,
        cases=taxpayer_setup.CASES,
        year_end=taxpayer_setup.YEAR_END,
    )


def _standings(row: Administration) -> Standings | None:
    """Return how the KOR stands, of which he is in any."""
    if not row.tax_number:
        return None
    nobody = Taxpayer(tenant_id=row.tenant_id, tax_number=row.tax_number)
    said = taxpayer_setup.find(row) or nobody
    return small_business.of(said, _of_number(row), today())


def _is_kor_of_other(row: Administration) -> bool:
    """Tell whether the tenant's KOR is about another of his tax numbers."""
    here = (row.tenant_id, row.tax_number)
    found = kor.of_tenants([row.tenant_id])
    return bool(found) and here not in found


def _period_words(span: Span) -> str:
    return str(figure_words.period(TaxPeriod(span.start, span.end)))


@access("login")
def statement_paper(administration_id: int, quarter: str) -> Response:
    """Send the statement of a quarter as a PDF."""
    row = get_or_404(Administration, administration_id)
    standings = _standings(row)
    found = _statement(standings, quarter) if standings else None
    if standings is None or found is None:
        abort(404)
    content = statement_pdf.write(
        row.description,
        row.tax_number,
        found,
        is_complete=standings.is_complete(found),
    )
    answer = Response(content, mimetype="application/pdf")
    answer.headers.set(
        "Content-Disposition", "attachment", filename=f"kwartaalomzet-{quarter}.pdf"
    )
    return answer


def _statement(standings: Standings, wanted: str) -> Quarter | None:
    if wanted == AT_ONCE:
        return standings.at_once
    quarters = standings.quarters
    return next((q for q in quarters if q.statement.quarter.code == wanted), None)


def _of_number(row: Administration) -> list[Administration]:
    found = administrations.of_tenant()
    return [one for one in found if one.tax_number == row.tax_number]


@access("maker")
def save(administration_id: int) -> Response | tuple[str, int]:
    """*Opslaan*."""
    row = get_or_404(Administration, administration_id)
    if not row.tax_number:
        return to("taxpayer", administration_id=row.id)
    form = taxpayer_form(None, posted=True)
    form.period_kind = PeriodKind(row.period_kind)
    if not form.validate_on_submit():
        return _page(row, form), 422
    with transaction():
        said = taxpayers.of(row)
        before = (said.cash_scheme, said.cash_scheme_since)
        taxpayer_setup.save(said, form.values(), user_id=current_user.id)
        if before != (said.cash_scheme, said.cash_scheme_since):
            for one in _of_number(row):
                reading.ask_open(one, history.gone(one))
    flash(_("De antwoorden zijn opgeslagen."), "success")
    return to("taxpayer", administration_id=row.id)
