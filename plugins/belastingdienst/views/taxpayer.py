"""The taxpayer of an administration: where he files, his schemes, what comes up."""

from flask import Blueprint, abort, flash
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from core.domain.declarations import TaxPeriod
from core.plugin.database import session, transaction
from core.plugin.pages import access, get_or_404, today
from core.plugin.setups import seller_of
from core.plugin.tables import Tenant
from plugins.belastingdienst.figures import reading
from plugins.belastingdienst.filing import history, small_business, taxpayers
from plugins.belastingdienst.filing.small_business import Standings
from plugins.belastingdienst.forms.taxpayer import TaxpayerForm, taxpayer_form
from plugins.belastingdienst.law.spans import Span
from plugins.belastingdienst.models import Administration
from plugins.belastingdienst.paper import statement_pdf
from plugins.belastingdienst.setup import administrations, taxpayer_setup
from plugins.belastingdienst.texts import figure_words, scheme_texts
from plugins.belastingdienst.views.common import page, to


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
        kor_differs=_kor_differs(row),
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
    said = taxpayer_setup.find(row)
    if said is None:
        return None
    return small_business.of(said, _of_number(row), today())


def _kor_differs(row: Administration) -> bool:
    """Tell whether what is said here of the KOR is not what sales are booked by."""
    said, on = taxpayer_setup.find(row), today()
    since = said.small_business_since if said else None
    until = said.small_business_until if said else None
    is_small = since is not None and since <= on and (until is None or on <= until)
    status = seller_of(session().get_one(Tenant, row.tenant_id)).status(on)
    return is_small != status.small_business


def _period_words(span: Span) -> str:
    return str(figure_words.period(TaxPeriod(span.start, span.end)))


@access("login")
def statement_paper(administration_id: int, quarter: str) -> Response:
    """Send the statement of a quarter as a PDF."""
    row = get_or_404(Administration, administration_id)
    standings = _standings(row)
    quarters = standings.quarters if standings else ()
    found = [one for one in quarters if one.statement.quarter.code == quarter]
    if not found:
        abort(404)
    content = statement_pdf.write(row.description, row.tax_number, found[0])
    answer = Response(content, mimetype="application/pdf")
    answer.headers.set(
        "Content-Disposition", "attachment", filename=f"kwartaalomzet-{quarter}.pdf"
    )
    return answer


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
