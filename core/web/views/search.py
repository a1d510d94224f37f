"""Search from anywhere: orders, refunds, invoices and relations in one answer."""

from flask import Blueprint, render_template, request

from core.plugin.pages import today
from core.services.crm import relation_lists
from core.services.invoicing import invoice_lists
from core.services.linking import couplings
from core.services.reporting import overview, search
from core.web.policy import access

pages = Blueprint("search", __name__)
LONGEST = 100


@pages.get("/zoeken")
@access("login")
def index() -> str:
    """Show what is found by a number, a name, an e-mail address or an amount."""
    wanted = request.args.get("zoek", "").strip()[:LONGEST]
    return render_template(
        "search/index.html",
        wanted=wanted,
        counts=overview.counts(),
        **(_found(wanted) if wanted else {}),
    )


def _found(wanted: str) -> dict[str, object]:
    orders = search.orders(wanted)
    relations = relation_lists.page(
        relation_lists.Filter(search=wanted), size=search.MOST
    )
    invoices = invoice_lists.page(
        invoice_lists.Filter(search=wanted), today(), size=search.MOST
    )
    return {
        "orders": orders,
        "relations": relations,
        "invoices": invoices,
        "packages": couplings.packages(),
        "is_empty": not (
            orders.orders
            or orders.refunds
            or orders.untouched
            or relations.rows
            or invoices.rows
        ),
    }
