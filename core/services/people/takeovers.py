"""An operator looking at a tenant's pages: why, since when, until when.

Only reading: `core.web.policy` refuses what changes anything. The tenant reads in the
log who looked and why.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update

from core.domain.clock import utcnow
from core.models import LogLevel, Role, Takeover, Tenant, User
from core.runtime import log
from core.runtime.database import session
from core.runtime.tenancy import system_scope

LENGTH = timedelta(minutes=60)
LONGEST_REASON = 500


@dataclass(frozen=True)
class Looking:
    """What an operator looks at now."""

    tenant: Tenant
    reason: str
    ends_at: datetime


class NotAllowed(ValueError):
    """Only an operator, with a reason, for a tenant that exists."""


def begin(
    operator: User, tenant_id: int, reason: str, length: timedelta = LENGTH
) -> Takeover:
    """Let an operator look at a tenant's pages, in the caller's transaction.

    One at a time: what ran before ends. Raises NotAllowed.
    """
    reason = reason.strip()
    tenant = session().get(Tenant, tenant_id)
    if operator.role != Role.OPERATOR or not reason or tenant is None:
        raise NotAllowed
    end_all(operator.id)
    now = utcnow()
    made = Takeover(
        tenant_id=tenant_id,
        operator_id=operator.id,
        reason=reason[:LONGEST_REASON],
        began_at=now,
        ends_at=now + length,
    )
    with system_scope():
        session().add(made)
        session().flush()
        log.write(
            tenant_id,
            "takeover_began",
            level=LogLevel.WARNING,
            user_id=operator.id,
            name=operator.name or operator.email,
            reason=made.reason,
            minutes=int(length.total_seconds() // 60),
        )
    return made


def running(operator_id: int) -> Looking | None:
    """Return what an operator is looking at now."""
    query = (
        select(Tenant, Takeover.reason, Takeover.ends_at)
        .join(Takeover, Takeover.tenant_id == Tenant.id)
        .where(Takeover.operator_id == operator_id, *_runs(utcnow()))
        .order_by(Takeover.id.desc())
        .limit(1)
    )
    with system_scope():
        found = session().execute(query).first()
    return Looking(*found) if found else None


def end_all(operator_id: int) -> None:
    """End what an operator is looking at, in the caller's transaction."""
    mine = (Takeover.operator_id == operator_id, Takeover.ended_at.is_(None))
    _end(mine, utcnow())


def sweep(now: datetime) -> None:
    """Close what ended by itself, in the caller's transaction; the log says so."""
    _end((Takeover.ended_at.is_(None), Takeover.ends_at <= now), now)


def _runs(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Takeover.ended_at.is_(None), Takeover.ends_at > now)


def _end(which: tuple[ColumnElement[bool], ...], now: datetime) -> None:
    with system_scope():
        ended = session().execute(
            update(Takeover)
            .where(*which)
            .values(ended_at=now)
            .returning(Takeover.tenant_id, Takeover.operator_id)
            .execution_options(synchronize_session=False)
        )
        for tenant_id, operator_id in ended.all():
            operator = session().get(User, operator_id) if operator_id else None
            name = (operator.name or operator.email) if operator else "Koppelwerk"
            log.write(tenant_id, "takeover_ended", user_id=operator_id, name=name)
