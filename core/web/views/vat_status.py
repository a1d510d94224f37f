"""On tab Configuratie: the seller's VAT status by day, and what is no turnover."""

from datetime import date

from flask import (
    Blueprint,
    flash,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from core.domain.orders import LineKind
from core.models import Coupling, Tenant
from core.plugin.setups import no_turnover
from core.rules.sale_checks import GiftCards, NoTurnover
from core.rules.seller import DistanceSales, VatStatus
from core.runtime.database import session, transaction
from core.services.linking import couplings, vat_status
from core.web.policy import access
from core.web.views import rights

pages = Blueprint("vat_status", __name__)
GIFT_CARDS = {
    GiftCards.UNKNOWN: _l("– nog niet gekozen –"),
    GiftCards.MANY: _l("Voor van alles: BTW als de bon wordt ingewisseld"),
    GiftCards.ONE: _l("Voor één doel en tarief: BTW als de bon wordt verkocht"),
}
KINDS = {
    LineKind.GIFT_CARD: _l("Cadeaubonnen: wat u klanten nog schuldig bent"),
    LineKind.DEPOSIT: _l("Statiegeld en emballage"),
    LineKind.TIP: _l("Fooien"),
}
NAMED = {
    LineKind.DEPOSIT: _l("Toeslagen in de winkel die statiegeld zijn, één per regel"),
    LineKind.TIP: _l("Toeslagen in de winkel die een fooi zijn, één per regel"),
}
LONGEST_NAMES = 2000
DISTANCE_SALES = {
    DistanceSales.OSS: _l("Eenloketsysteem (OSS): BTW van het land van de klant"),
    DistanceSales.HOME: _l("BTW van uw eigen land (onder de drempel van € 10.000)"),
    DistanceSales.UNKNOWN: _l("Weet ik niet"),
}


@pages.app_template_global("vat_choices_of")
def choices_of(coupling: Coupling) -> dict[str, object]:
    """Return what the page of what is no turnover shows."""
    offered = couplings.choices_of(coupling)
    said: NoTurnover = g.get("refused_no_turnover") or no_turnover(coupling)
    return {
        "gift_cards": [(each.value, label) for each, label in GIFT_CARDS.items()],
        "chosen_gift_cards": said.gift_cards.value,
        "accounts": [
            (
                kind,
                label,
                vat_status.accounts_for(kind, offered),
                said.accounts.get(kind),
            )
            for kind, label in KINDS.items()
        ],
        "names": [
            (
                kind,
                label,
                "\n".join(n for n, is_a in said.names.items() if is_a == kind),
            )
            for kind, label in NAMED.items()
        ],
    }


@pages.get("/configuratie/<int:coupling_id>/geen-omzet")
@access("login")
def no_turnover_page(coupling_id: int) -> str:
    """Show what gift cards, deposits and tips become."""
    return render_template(
        "configuration/no_turnover.html", coupling=rights.seen_coupling(coupling_id)
    )


@pages.get("/btw-situatie", defaults={"coupling_id": None})
@pages.get("/configuratie/<int:coupling_id>/btw-status")
@access("login")
def status_page(coupling_id: int | None) -> str:
    """Show the seller's VAT status by day; it is of no coupling, and may have none."""
    return render_template(
        "configuration/vat_status.html",
        coupling=_coupling(coupling_id),
        statuses=[
            (each, DISTANCE_SALES[each.distance_sales])
            for each in vat_status.statuses(_tenant())
        ],
        distance_sales=[(each.value, text) for each, text in DISTANCE_SALES.items()],
    )


def _coupling(coupling_id: int | None) -> Coupling | None:
    return None if coupling_id is None else rights.seen_coupling(coupling_id)


@pages.post("/configuratie/<int:coupling_id>/geen-omzet")
@access("owner")
def save_no_turnover(coupling_id: int) -> str | Response:
    """Store what gift cards, deposits and tips become.

    What is refused is shown again as it was filled in.
    """
    coupling = rights.seen_coupling(coupling_id)
    offered = couplings.choices_of(coupling)
    accounts = {kind: request.form.get(kind.value, "") for kind in KINDS}
    given = request.form.get("gift_cards", "")
    gift_cards = GiftCards(given) if given in list(GiftCards) else GiftCards.UNKNOWN
    g.refused_no_turnover = NoTurnover(gift_cards, accounts, _names())
    known = no_turnover(coupling).accounts
    for kind, account in accounts.items():
        values = [each.value for each in vat_status.accounts_for(kind, offered)]
        if account not in ("", known.get(kind), *values):
            flash(_("Die rekening bestaat niet (meer) in uw pakket."), "error")
            return no_turnover_page(coupling_id)
    if gift_cards == GiftCards.MANY and not accounts[LineKind.GIFT_CARD]:
        flash(_("Kies ook de rekening voor cadeaubonnen."), "error")
        return no_turnover_page(coupling_id)
    with transaction():
        vat_status.save_no_turnover(
            coupling, gift_cards, accounts, _names(), user_id=current_user.id
        )
    flash(_("De instellingen zijn opgeslagen."), "success")
    return redirect(url_for("configuration.show", coupling_id=coupling_id), 303)


def _names() -> dict[str, LineKind]:
    return {
        name: kind
        for kind in NAMED
        for name in request.form.get(f"names_{kind}", "")[:LONGEST_NAMES].splitlines()
    }


@pages.post("/btw-situatie", defaults={"coupling_id": None})
@pages.post("/configuratie/<int:coupling_id>/btw-status")
@access("owner")
def save_status(coupling_id: int | None) -> Response:
    """Store how distance sales are declared, and the KOR, from a day on."""
    _coupling(coupling_id)
    on, given = _day(), request.form.get("distance_sales", "")
    if on is None or given not in list(DistanceSales):
        flash(_("Dat is geen datum."), "error")
        return _to(coupling_id, "vat_status")
    status = VatStatus(on, DistanceSales(given), "small_business" in request.form)
    with transaction():
        vat_status.save_status(_tenant(), status, user_id=current_user.id)
    flash(_("De instellingen zijn opgeslagen."), "success")
    return _to(coupling_id, "vat_status")


@pages.post("/btw-situatie/verwijderen", defaults={"coupling_id": None})
@pages.post("/configuratie/<int:coupling_id>/btw-status/verwijderen")
@access("owner")
def remove_status(coupling_id: int | None) -> Response:
    """Remove the status of a day."""
    _coupling(coupling_id)
    on = _day()
    if on is not None:
        with transaction():
            vat_status.remove_status(_tenant(), on, user_id=current_user.id)
        flash(_("De instellingen zijn opgeslagen."), "success")
    return _to(coupling_id, "vat_status")


def _tenant() -> Tenant:
    return session().get_one(Tenant, current_user.tenant_id)


def _day() -> date | None:
    try:
        return date.fromisoformat(request.form.get("starts_on", ""))
    except ValueError:
        return None


def _to(coupling_id: int | None, anchor: str) -> Response:
    address = url_for("vat_status.status_page", coupling_id=coupling_id, _anchor=anchor)
    return redirect(address, 303)
