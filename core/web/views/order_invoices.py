"""*Maak er een factuur van*: a draft invoice of a webshop order by a business."""

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from core.domain.errors import AskUser
from core.models import Transfer
from core.plugin.pages import get_or_404
from core.runtime.database import transaction
from core.services.invoicing import order_invoices
from core.texts import in_one
from core.web.policy import access

pages = Blueprint("order_invoices", __name__)
pages.add_app_template_global(order_invoices.may_be_made, "may_be_invoiced")


@pages.post("/bestelling/<int:transfer_id>/factuur")
@access("login")
def make(transfer_id: int) -> Response:
    """Make a draft of an order, which is not booked by itself any more."""
    transfer = get_or_404(Transfer, transfer_id)
    try:
        with transaction():
            row = order_invoices.make(transfer, user_id=current_user.id)
            key = row.id
    except AskUser as error:
        flash(in_one(error), "error")
        return redirect(url_for("pages.detail", transfer_id=transfer_id), 303)
    flash(
        _("Dit concept is van de bestelling gemaakt; de bestelling zelf wordt niet meer"
          " geboekt. Kijk het na en verstuur het."),
        "success",
    )  # fmt: skip
    return redirect(url_for("invoices.show", sales_invoice_id=key), 303)
