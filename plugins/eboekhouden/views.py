"""What the plugin adds to its page at Koppelingen: the calls of the month."""

from datetime import timedelta
from typing import Any

from flask import Blueprint
from flask_babel import gettext as _
from sqlalchemy import func, select

from core.domain.clock import utcnow
from core.plugin.database import session
from core.plugin.pages import number
from core.plugin.tables import Connection, Coupling, Transfer
from plugins.eboekhouden.budget import budget_of, cost_of_runs, is_rest, limit_of
from plugins.eboekhouden.models import EBoekhoudenPaymentMapping
from plugins.eboekhouden.reference import RELATION, count

_WIDTH = 100
"""Of the drawing, in its own units."""
_MONTH = timedelta(days=30)


def blueprint() -> Blueprint:
    """Return a blueprint without pages: it brings the plugin's templates."""
    return Blueprint("eboekhouden", __name__)


def calls(connection: Connection) -> dict[str, Any]:
    """Return what the section *Verzoeken* shows: calls, forecast, limit, a drawing."""
    found = budget_of(connection).forecast()
    top = max(found.expected, found.limit or 0, 1)
    return {
        "forecast": found,
        "made": found.calls * _WIDTH // top,
        "expected": found.expected * _WIDTH // top,
        "limit": (found.limit or 0) * _WIDTH // top,
        "payments": payments_a_month(connection),
    }


def payments_notice(coupling: Coupling) -> str:
    """Return what payments cost a month, in the user's words."""
    cost = payments_a_month(coupling.target)
    if cost is None:
        said = _("Met een tussenrekening wordt iedere betaling geboekt: één verzoek.")
    else:
        said = _("Betalingen boeken kost %(calls)s verzoeken per maand.", calls=cost)
    return str(said)


def payments_a_month(connection: Connection) -> int | None:
    """Return how many calls a month payments cost; None: no clearing account is chosen.

    Each payment is one call; reckoned by what was booked in the last 30 days, at one
    payment an order.
    """
    mapped = (
        select(EBoekhoudenPaymentMapping.coupling_id)
        .join(Coupling, Coupling.id == EBoekhoudenPaymentMapping.coupling_id)
        .where(
            Coupling.target_id == connection.id,
            EBoekhoudenPaymentMapping.clearing_account != "",
        )
    )
    coupled = set(session().scalars(mapped))
    if not coupled:
        return None
    recent = select(func.count()).where(
        Transfer.coupling_id.in_(coupled), Transfer.booked_at > utcnow() - _MONTH
    )
    return session().scalar(recent) or 0


def run_cost(connection: Connection, minutes: int) -> str:
    """Return what an interval costs a month, without bookings, in the user's words."""
    by_rest = is_rest(connection.facts)
    relations = count(connection.id, RELATION) if by_rest else None
    cost = cost_of_runs(minutes, relations)
    limit = limit_of(connection)
    said = str(_("ongeveer %(calls)s verzoeken per maand", calls=number(cost)))
    if limit is not None and cost > limit:
        over = _("meer dan de %(limit)s die mogen", limit=number(limit))
        return f"{said}, {over}"
    return said
