"""The taxpayer of an administration: where he files, his schemes, what comes up."""

from flask import Blueprint, flash
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from core.plugin.database import transaction
from core.plugin.pages import access, get_or_404
from plugins.belastingdienst.figures import own_choice
from plugins.belastingdienst.filing import taxpayers
from plugins.belastingdienst.forms.taxpayer import TaxpayerForm, taxpayer_form
from plugins.belastingdienst.models import Administration
from plugins.belastingdienst.setup import administrations, taxpayer_setup
from plugins.belastingdienst.texts import scheme_texts
from plugins.belastingdienst.views.common import page, to


def add_to(pages: Blueprint) -> None:
    """Add the addresses."""
    one = "/administraties/<int:administration_id>/belastingplichtige"
    pages.add_url_rule(one, "taxpayer", show)
    pages.add_url_rule(one, "save_taxpayer", save, methods=["POST"])


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
        questions=scheme_texts.QUESTIONS,
        sure=scheme_texts.SURE,
        case_sources=scheme_texts.CASE_SOURCES,
        cases=taxpayer_setup.CASES,
        year_end=taxpayer_setup.YEAR_END,
    )


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
                own_choice.read_open_again(one)
    flash(_("De antwoorden zijn opgeslagen."), "success")
    return to("taxpayer", administration_id=row.id)
