"""*Bekijk vooraf*: an order as the document it would become, before it is booked."""

from flask import Blueprint, abort, render_template

from core.models import Connection, Transfer
from core.plugin.pages import get_or_404
from core.runtime.database import session
from core.services.reporting import overview
from core.services.transfer import foreseeing
from core.texts import foreseen as words
from core.web.policy import access

pages = Blueprint("previews", __name__)
pages.add_app_template_global(foreseeing.may_be_foreseen)


@pages.get("/bestelling/<int:transfer_id>/vooraf")
@access("login")
def show(transfer_id: int) -> str:
    """Show what would be booked now; nothing is written and nothing is asked."""
    transfer = get_or_404(Transfer, transfer_id)
    seen = foreseeing.of_transfer(transfer)
    if seen is None:
        abort(404)
    return render_template(
        "foreseen.html",
        transfer=transfer,
        seen=seen,
        plugin=session().get_one(Connection, transfer.target_id).plugin,
        words=words,
        counts=overview.counts(),
    )
