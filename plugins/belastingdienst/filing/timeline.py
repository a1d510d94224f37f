"""The timeline of a declaration: our own steps and the channel's statuses."""

from collections.abc import Sequence

from sqlalchemy import select

from core.domain.clock import utcnow
from core.domain.filings import Status
from core.plugin.database import session
from core.plugin.tables import User
from plugins.belastingdienst.models import Filing, FilingEvent


def of(filing: Filing) -> list[FilingEvent]:
    """Return what happened, in the order it became known."""
    found = select(FilingEvent).where(FilingEvent.filing_id == filing.id)
    return list(session().scalars(found.order_by(FilingEvent.id)))


def names(events: Sequence[FilingEvent]) -> dict[int, str]:
    """Return the names of the people behind steps of ours."""
    ids = {event.user_id for event in events if event.user_id}
    found = session().scalars(select(User).where(User.id.in_(ids)))
    return {user.id: user.name or user.email for user in found}


def note(
    filing: Filing, code: str, *, user_id: int | None = None, detail: str = ""
) -> None:
    """Add a step of ours, in the caller's transaction."""
    session().add(
        FilingEvent(
            tenant_id=filing.tenant_id,
            filing_id=filing.id,
            at=utcnow(),
            code=code,
            detail=detail[:2000],
            user_id=user_id,
        )
    )
    session().flush()


def add(filing: Filing, statuses: Sequence[Status]) -> int:
    """Add the statuses that are new; return how many. In the caller's transaction."""
    known = {
        (at, code)
        for at, code in session().execute(
            select(FilingEvent.at, FilingEvent.code).where(
                FilingEvent.filing_id == filing.id
            )
        )
    }
    fresh = []
    for status in statuses:
        if (status.at, status.code) not in known:
            known.add((status.at, status.code))
            fresh.append(status)
    session().add_all(_event(filing, status) for status in fresh)
    session().flush()
    return len(fresh)


def _event(filing: Filing, status: Status) -> FilingEvent:
    return FilingEvent(
        tenant_id=filing.tenant_id,
        filing_id=filing.id,
        at=status.at,
        code=status.code[:60],
        description=status.description[:500],
        error_code=status.error_code[:60],
        detail=status.detail[:2000],
    )
