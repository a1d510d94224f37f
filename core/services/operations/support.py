"""What owners ask of us: problem reports, and work that is paid for."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from core.domain.clock import utcnow
from core.models import (
    ProblemReport,
    RequestState,
    ServiceKind,
    ServiceRequest,
    Tenant,
    Transfer,
    User,
)
from core.runtime import log
from core.runtime.database import session
from core.runtime.extensions import settings
from core.services.mailing import mail
from core.services.operations import evidence, problem_files

LONGEST_MESSAGE = 5000
LONGEST_ALL = 50_000
MOST_PER_DAY = 40
"""Reports, additions and requests of one tenant a day."""
MOST_SHOWN = 100


@dataclass(frozen=True)
class Reported:
    """A report that was made or added to."""

    id: int
    is_new: bool


def content_for(transfer: Transfer | None) -> dict[str, Any]:
    """Return what is sent with a report: about one document, or about none."""
    return evidence.of_transfer(transfer) if transfer else evidence.of_tenant()


def report(
    *,
    tenant_id: int,
    user_id: int,
    transfer: Transfer | None,
    message: str,
    content: dict[str, Any],
    picture: tuple[str, bytes] | None = None,
) -> Reported:
    """Store a report in the caller's transaction and tell support.

    A second one while the first is open is added to it: the message below the first,
    the content in its place. `picture` is name and content of a file to go with it.
    Raises TooOften, and AskUser for a picture that cannot be taken (`problem_files`).
    """
    timezone = _lock(tenant_id)
    known = _open_report(transfer)
    row = known or ProblemReport(
        tenant_id=tenant_id,
        transfer_id=transfer.id if transfer else None,
        message="",
        state=RequestState.OPEN,
        answer="",
    )
    row.user_id = user_id
    row.message = _added(row.message, message, timezone)
    row.content = content
    session().add(row)
    session().flush()
    if picture is not None:
        problem_files.add(tenant_id, row.id, *picture)
    _tell_report(row, transfer, message)
    log.write(
        tenant_id,
        "problem_reported",
        transfer_id=transfer.id if transfer else None,
        user_id=user_id,
        report=row.id,
    )
    return Reported(row.id, known is None)


def _lock(tenant_id: int) -> str:
    """Let two presses at the same time come one after the other; return the tenant's
    time zone."""
    wanted = select(Tenant.timezone).where(Tenant.id == tenant_id)
    return session().execute(wanted.with_for_update()).scalar_one()


def _open_report(transfer: Transfer | None) -> ProblemReport | None:
    same = (
        ProblemReport.transfer_id == transfer.id
        if transfer
        else ProblemReport.transfer_id.is_(None)
    )
    return session().scalar(
        select(ProblemReport)
        .where(same, ProblemReport.state == RequestState.OPEN)
        .order_by(ProblemReport.id)
        .limit(1)
    )


def _added(before: str, message: str, timezone: str) -> str:
    message = message.strip()
    if not before:
        return message
    zone = ZoneInfo(timezone)
    moment = utcnow().astimezone(zone).strftime("%d-%m-%Y %H:%M")
    return f"{before}\n\n[{moment}]\n{message}"[-LONGEST_ALL:]


def _tell_report(row: ProblemReport, transfer: Transfer | None, message: str) -> None:
    tenant = session().get_one(Tenant, row.tenant_id)
    mail.queue(
        settings().support_email,
        "problem_report",
        language="nl",
        tenant_id=row.tenant_id,
        to_stranger=False,
        report=str(row.id),
        tenant=tenant.name,
        number=transfer.number if transfer else "",
        message=message.strip(),
    )


def newest_of(transfer_ids: Sequence[int]) -> dict[int, ProblemReport]:
    """Return the newest report of each of these documents, by document."""
    rows = session().scalars(
        select(ProblemReport)
        .where(ProblemReport.transfer_id.in_(transfer_ids))
        .order_by(ProblemReport.id)
    )
    return {row.transfer_id: row for row in rows if row.transfer_id is not None}


def reports() -> list[ProblemReport]:
    """Return the newest reports of the tenant in scope."""
    return list(
        session().scalars(
            select(ProblemReport).order_by(ProblemReport.id.desc()).limit(MOST_SHOWN)
        )
    )


def price_of(kind: ServiceKind) -> Decimal:
    """Return what it costs in euros excl VAT (manual 004, section 6)."""
    if kind == ServiceKind.INSTALLATION:
        return settings().price_installation
    return settings().price_backfill


def request_service(
    *, tenant_id: int, user_id: int, kind: ServiceKind, remark: str
) -> ServiceRequest:
    """Store a request for paid work in the caller's transaction and tell support.

    The same kind asked for again while it is open is added to it. Raises TooOften.
    """
    timezone = _lock(tenant_id)
    row = session().scalar(
        select(ServiceRequest).where(
            ServiceRequest.kind == kind, ServiceRequest.state == RequestState.OPEN
        )
    ) or ServiceRequest(
        tenant_id=tenant_id,
        kind=kind,
        remark="",
        price_excl_vat=price_of(kind),
        state=RequestState.OPEN,
    )
    row.user_id = user_id
    row.remark = _added(row.remark, remark, timezone)
    session().add(row)
    session().flush()
    _tell_request(row, remark)
    log.write(tenant_id, f"asked_{kind}", user_id=user_id, request=row.id)
    return row


def _tell_request(row: ServiceRequest, remark: str) -> None:
    tenant = session().get_one(Tenant, row.tenant_id)
    user = session().get(User, row.user_id) if row.user_id else None
    mail.queue(
        settings().support_email,
        "service_request",
        language="nl",
        tenant_id=row.tenant_id,
        to_stranger=False,
        number=str(row.id),
        tenant=tenant.name,
        email=user.email if user else "",
        service=row.kind,
        price=row.price_excl_vat,
        remark=remark.strip(),
    )


def requests() -> list[ServiceRequest]:
    """Return the newest requests of the tenant in scope."""
    return list(
        session().scalars(
            select(ServiceRequest).order_by(ServiceRequest.id.desc()).limit(MOST_SHOWN)
        )
    )
