"""What the operator works with, across all tenants.

Operators have no tenant: everything here runs in `system_scope` and says in its own
statements whose rows it means. Lists are paged by key.
"""

from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import joinedload

from core.domain.clock import utcnow
from core.models import (
    Connection,
    Coupling,
    Licence,
    LogEntry,
    Mail,
    MailState,
    ProblemReport,
    RequestState,
    ServiceRequest,
    Takeover,
    Tenant,
    TenantOwned,
    User,
)
from core.runtime import log
from core.runtime.database import session
from core.runtime.tenancy import system_scope
from core.services.mailing import mail
from core.services.operations import metrics, problem_files, restores
from core.services.reporting.overview import PAGE, Page

_Row = TypeVar("_Row", bound=TenantOwned)
_Asked = type[ProblemReport] | type[ServiceRequest]
LAST_LINES = 30
SHORT = 10


@dataclass(frozen=True)
class Overview:
    """How things stand."""

    rows: metrics.Rows
    wakes: metrics.Wakes
    open_reports: int
    open_requests: int
    restored: restores.Restored | None
    """Since a backup was put back; None: nothing is to be ended."""


@dataclass(frozen=True)
class TenantFacts:
    """One tenant with all that hangs on it."""

    tenant: Tenant
    users: list[User]
    connections: list[Connection]
    couplings: list[Coupling]
    licences: list[Licence]
    entries: list[LogEntry]
    reports: list[ProblemReport]
    takeovers: list[Takeover]


@dataclass(frozen=True)
class Asked:
    """A report or request with whose it is."""

    row: ProblemReport | ServiceRequest
    tenant: Tenant
    user: User | None


def overview() -> Overview:
    """Return the numbers of the first page."""
    with system_scope():
        return Overview(
            metrics.rows(),
            metrics.wakes(),
            _open(ProblemReport),
            _open(ServiceRequest),
            restores.current(),
        )


def _open(model: _Asked) -> int:
    number = select(func.count(model.id)).where(model.state == RequestState.OPEN)
    return session().scalar(number) or 0


def tenants(search: str, before: int | None) -> Page:
    """Return tenants by name, address of a user or licence key; newest first."""
    statement = select(Tenant).order_by(Tenant.id.desc()).limit(PAGE + 1)
    if search:
        statement = statement.where(
            or_(
                Tenant.name.icontains(search, autoescape=True),
                exists().where(
                    User.tenant_id == Tenant.id,
                    User.email.startswith(search.lower(), autoescape=True),
                ),
                exists().where(
                    Licence.tenant_id == Tenant.id, Licence.key == search.upper()
                ),
            )
        )
    if before is not None:
        statement = statement.where(Tenant.id < before)
    with system_scope():
        rows = list(session().scalars(statement))
    return Page(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None)


def tenant(tenant_id: int) -> TenantFacts | None:
    """Return one tenant, or None when there is none."""
    with system_scope():
        found = session().get(Tenant, tenant_id)
        if found is None:
            return None
        users = select(User).where(User.tenant_id == tenant_id).order_by(User.id)
        couplings = (
            select(Coupling)
            .where(Coupling.source_id.is_not(None))
            .options(joinedload(Coupling.source), joinedload(Coupling.target))
        )
        newest = select(LogEntry).order_by(LogEntry.id.desc()).limit(LAST_LINES)
        reports = select(ProblemReport).where(ProblemReport.state == RequestState.OPEN)
        takeovers = select(Takeover).order_by(Takeover.id.desc()).limit(SHORT)
        return TenantFacts(
            tenant=found,
            users=list(session().scalars(users)),
            connections=_of(Connection, select(Connection), tenant_id),
            couplings=_of(Coupling, couplings, tenant_id),
            licences=_of(Licence, select(Licence), tenant_id),
            entries=_of(LogEntry, newest, tenant_id),
            reports=_of(ProblemReport, reports.limit(SHORT), tenant_id),
            takeovers=_of(Takeover, takeovers, tenant_id),
        )


def _of(model: type[_Row], statement: Select[_Row], tenant_id: int) -> list[_Row]:
    own = statement.where(model.tenant_id == tenant_id)
    return list(session().scalars(own))


def reports(state: RequestState, before: int | None) -> Page:
    """Return problem reports in a state, newest first."""
    return _asked(ProblemReport, state, before)


def requests(state: RequestState, before: int | None) -> Page:
    """Return requests for paid work in a state, newest first."""
    return _asked(ServiceRequest, state, before)


def _asked(model: _Asked, state: RequestState, before: int | None) -> Page:
    statement = _with_people(model).where(model.state == state)
    if before is not None:
        statement = statement.where(model.id < before)
    statement = statement.order_by(model.id.desc()).limit(PAGE + 1)
    with system_scope():
        rows = [Asked(*row) for row in session().execute(statement)]
    return Page(rows[:PAGE], rows[PAGE - 1].row.id if len(rows) > PAGE else None)


def _with_people(model: _Asked) -> Any:
    return (
        select(model, Tenant, User)
        .join(Tenant, Tenant.id == model.tenant_id)
        .outerjoin(User, User.id == model.user_id)
    )


def report(report_id: int) -> Asked | None:
    """Return one problem report."""
    statement = _with_people(ProblemReport).where(ProblemReport.id == report_id)
    with system_scope():
        found = session().execute(statement).first()
    return Asked(*found) if found else None


def pictures(report_id: int) -> list[tuple[int, str]]:
    """Return id and name of the pictures that came with a report."""
    with system_scope():
        return problem_files.names_of([report_id]).get(report_id, [])


def answer(report_id: int, text: str, *, operator_id: int) -> bool:
    """Answer a report in the caller's transaction; who reported it gets a mail.

    False when there is no such report.
    """
    with system_scope():
        row = session().get(ProblemReport, report_id)
        if row is None:
            return False
        row.answer = f"{row.answer}\n\n{text.strip()}".strip()
        row.state = RequestState.ANSWERED
        row.answered_at = utcnow()
        _mail_answer(row, text.strip())
        log.write(
            row.tenant_id,
            "problem_answered",
            transfer_id=row.transfer_id,
            user_id=operator_id,
            report=row.id,
        )
        session().flush()
    return True


def _mail_answer(row: ProblemReport, text: str) -> None:
    """Mail who reported it; when that user is gone, the owners."""
    values: dict[str, Any] = {
        "report": str(row.id), "message": row.message, "answer": text,
    }  # fmt: skip
    user = session().get(User, row.user_id) if row.user_id else None
    if user is None:
        mail.to_tenant(row.tenant_id, "problem_answer", name="", **values)
        return
    mail.queue(
        user.email,
        "problem_answer",
        language=user.language,
        tenant_id=row.tenant_id,
        name=user.name,
        **values,
    )


def close_report(report_id: int, *, operator_id: int) -> bool:
    """Close a report without (more) words, in the caller's transaction."""
    with system_scope():
        row = session().get(ProblemReport, report_id)
        if row is None:
            return False
        row.state = RequestState.CLOSED
        log.write(
            row.tenant_id,
            "problem_closed",
            transfer_id=row.transfer_id,
            user_id=operator_id,
            report=row.id,
        )
        session().flush()
    return True


def close_request(request_id: int, *, operator_id: int) -> bool:
    """Note that paid work was done, in the caller's transaction."""
    with system_scope():
        row = session().get(ServiceRequest, request_id)
        if row is None:
            return False
        row.state = RequestState.CLOSED
        row.closed_at = utcnow()
        log.write(row.tenant_id, "request_closed", user_id=operator_id, request=row.id)
        session().flush()
    return True


def mails(state: MailState, before: int | None) -> Page:
    """Return mails in a state without what they say, newest first."""
    statement = select(Mail).where(Mail.state == state)
    if before is not None:
        statement = statement.where(Mail.id < before)
    statement = statement.order_by(Mail.id.desc()).limit(PAGE + 1)
    rows = list(session().scalars(statement))
    return Page(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None)
