"""The page on which sales kept here are an administration's own."""

from flask import Blueprint, abort, flash
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from core.plugin.database import transaction
from core.plugin.pages import access, get_or_404
from plugins.belastingdienst.figures import own_choice
from plugins.belastingdienst.forms.own_sales import OwnSalesForm, chosen, offer, picked
from plugins.belastingdienst.models import Administration
from plugins.belastingdienst.sales import own_sales, shops
from plugins.belastingdienst.setup import ledgers
from plugins.belastingdienst.views.common import page, to
from plugins.belastingdienst.watching import history


def add_to(pages: Blueprint) -> None:
    """Add the addresses."""
    rule = "/administraties/<int:administration_id>/verkopen"
    pages.add_url_rule(rule, "own_sales", show)
    pages.add_url_rule(rule, "save_own_sales", save, methods=["POST"])


def _administration(administration_id: int) -> Administration:
    row = get_or_404(Administration, administration_id)
    if ledgers.is_ledger(row):
        abort(404)
    return row


@access("login")
def show(administration_id: int) -> str:
    """Show what was chosen."""
    row = _administration(administration_id)
    ticked = picked(own_sales.of(row.own_sales))
    form = OwnSalesForm(formdata=None, data={"sales": ticked})
    return _page(form, row)


def _page(form: OwnSalesForm, row: Administration) -> str:
    known = shops.of_tenant(row.tenant_id)
    offer(form.sales, known)
    asked = own_sales.unsaid(own_sales.of(row.own_sales), known)
    return page("own_sales", form=form, row=row, unsaid=asked)


@access("maker")
def save(administration_id: int) -> Response | tuple[str, int]:
    """Keep the choice."""
    row = _administration(administration_id)
    form = OwnSalesForm()
    offer(form.sales, shops.of_tenant(row.tenant_id))
    if not form.validate_on_submit():
        return _page(form, row), 422
    invoices, shop_ids = chosen(form.sales.data)
    with transaction():
        own_choice.choose(
            row,
            invoices=invoices,
            shop_ids=shop_ids,
            gone=history.gone(row),
            user_id=current_user.id,
        )
    flash(_("Opgeslagen. De open tijdvakken worden opnieuw gelezen."), "success")
    return to("figures_index", administration_id=row.id)
