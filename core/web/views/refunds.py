"""What refunds ask: the preview of a credit and *Boek creditering*."""

from collections.abc import Callable, Mapping

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from core.models import Transfer
from core.plugin.pages import get_or_404
from core.rules.refunds import RefundCase, RefundPolicy
from core.runtime.database import transaction
from core.services.transfer import refund_actions, refund_previews
from core.web.policy import access

pages = Blueprint("refunds", __name__)
POLICIES = {
    RefundPolicy.NOT: _l("Niet doorzetten: ik word gewaarschuwd en boek zelf"),
    RefundPolicy.ASK: _l("Vragen: ik zie de creditering en boek haar met één knop"),
    RefundPolicy.BY_ITSELF: _l("Vanzelf boeken als het zeker is; anders vragen"),
}
CASES = {
    RefundCase.IN_FULL: _l("Alles wat er van de bestelling over was"),
    RefundCase.LINES: _l("Hele regels"),
    RefundCase.QUANTITY: _l("Een deel van het aantal"),
    RefundCase.SHIPPING: _l("Alleen verzendkosten"),
    RefundCase.AMOUNT: _l("Een bedrag"),
    RefundCase.CHARGEBACK: _l("Terugboeking door de bank"),
    RefundCase.CHARGEBACK_REVERSED: _l("Terugboeking ingetrokken"),
}


@pages.app_template_global("refund_case")
def refund_case(offer: refund_previews.Offer) -> str:
    """Return what a refund is, in words."""
    return str(CASES.get(offer.judgement.case, ""))


@pages.app_template_global("refund_policies")
def refund_policies() -> Mapping[RefundPolicy, LazyString]:
    """Return what a coupling may do with refunds, in words."""
    return POLICIES


pages.add_app_template_global(refund_previews.asks, "asks_credit")
pages.add_app_template_global(refund_previews.may_be_chargeback)


@pages.post("/creditering/<int:transfer_id>/boek")
@access("login")
def book(transfer_id: int) -> Response:
    """*Boek creditering*, as the card showed it."""
    shown = request.form.get("getoond", "")
    return _done(
        transfer_id,
        lambda row: refund_actions.book(row, shown, user_id=current_user.id),
        _("De creditering wordt met voorrang geboekt."),
    )


@pages.post("/creditering/<int:transfer_id>/schadevergoeding")
@access("login")
def damages(transfer_id: int) -> Response:
    """*Schadevergoeding*: nothing of the sale is taken back."""
    return _done(
        transfer_id,
        lambda row: refund_actions.is_damages(row, user_id=current_user.id),
        _("Er wordt niets gecrediteerd. Boek de schadevergoeding zelf als kosten."),
    )


@pages.post("/creditering/<int:transfer_id>/teruggehaald")
@access("login")
def taken_back(transfer_id: int) -> Response:
    """*De bank haalde het terug*: the sale stands, its payment is undone."""
    return _done(
        transfer_id,
        lambda row: refund_actions.is_chargeback(row, user_id=current_user.id),
        _("De verkoop blijft staan. Er wordt niets gecrediteerd."),
    )


def _done(transfer_id: int, press: Callable[[Transfer], bool], said: str) -> Response:
    with transaction():
        is_done = press(get_or_404(Transfer, transfer_id))
    if is_done:
        flash(said, "success")
    else:
        flash(_("Er is intussen iets gewijzigd. Kijk het nog eens na."), "warning")
    return redirect(url_for("failed.index", volg=transfer_id), 303)
