"""What was sent over Peppol, for the pages: lists, counts, and what each state is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import func, select

from core.domain.clock import utcnow
from core.plugin.database import session
from core.plugin.texts import Explained, explain
from plugins.peppol.evidence import keeping
from plugins.peppol.models import PeppolSending, SendingState

LATELY = timedelta(days=30)
MOST = 50
DOTS: Mapping[str, str] = {
    SendingState.QUEUED: "blue",
    SendingState.SENT: "amber",
    SendingState.DELIVERED: "green",
    SendingState.REJECTED: "red",
    SendingState.STOPPED: "red",
    SendingState.WITHDRAWN: "grey",
}


@dataclass(frozen=True)
class Standing:
    """Where one invoice stands, for its page."""

    row: PeppolSending
    dot: str
    reason: Explained | None
    """Why it waits, stopped or was rejected."""
    errors: Sequence[Explained]
    pieces: Sequence[tuple[str, object]]
    """What is kept of it: kind and moment, in order."""
    may_go: bool
    """The user may let it go (again)."""
    may_be_taken_back: bool
    looks_first: bool
    """It may have left: going on begins with a look."""


def standing(row: PeppolSending) -> Standing:
    """Return how an invoice stands."""
    is_still = row.state in (SendingState.QUEUED, SendingState.STOPPED)
    ends = (SendingState.STOPPED, SendingState.REJECTED, SendingState.WITHDRAWN)
    return Standing(
        row,
        DOTS[row.state],
        explain(row.code, row.params) if row.code else None,
        [explain(each["code"], each["params"]) for each in row.errors],
        [(link.kind, link.at) for link, _hash in keeping.of(row)],
        may_go=row.state in ends,
        may_be_taken_back=is_still and row.sent_at is None,
        looks_first=row.state == SendingState.STOPPED and row.sent_at is not None,
    )


def listed(before: int | None) -> tuple[Sequence[PeppolSending], int | None]:
    """Return a page of the tenant's sendings, the newest first, and where the next
    one begins."""
    query = select(PeppolSending).order_by(PeppolSending.id.desc()).limit(MOST + 1)
    if before is not None:
        query = query.where(PeppolSending.id < before)
    rows = session().scalars(query).all()
    return rows[:MOST], rows[MOST - 1].id if len(rows) > MOST else None


def usage(tenant_id: int) -> str:
    """Tell on the tile what was sent lately, and what asks for the user."""
    rows = session().execute(
        select(PeppolSending.state, func.count())
        .where(
            PeppolSending.tenant_id == tenant_id,
            PeppolSending.changed_at > utcnow() - LATELY,
        )
        .group_by(PeppolSending.state)
    )
    found = {str(state): count for state, count in rows}
    if not found:
        return ""
    done = found.get(SendingState.DELIVERED, 0)
    under_way = found.get(SendingState.QUEUED, 0) + found.get(SendingState.SENT, 0)
    ask = found.get(SendingState.STOPPED, 0) + found.get(SendingState.REJECTED, 0)
    return _(
        "Laatste 30 dagen: %(done)s bezorgd, %(way)s onderweg, %(ask)s vragen u iets",
        done=done,
        way=under_way,
        ask=ask,
    )
