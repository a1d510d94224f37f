"""Driving what goes over Peppol to its end, one step a time.

What is due stands in the database; a wake-up only says when to look. The document is
made and held against the rules first, then its receiver is looked up, then it goes.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement

from core.domain.clock import utcnow
from core.domain.errors import (
    AskUser,
    AuthenticationLost,
    Stop,
    WaitUntil,
)
from core.domain.structured_invoices import Identifier
from core.plugin import connections, log, mail
from core.plugin.database import session, shared_now
from core.plugin.engine import DueRows, Lease, Next, decide, leased
from core.plugin.evidence import digest
from core.plugin.tables import Connection, ConnectionState, LogLevel
from core.plugin.tenancy import tenant_scope
from plugins.peppol import document
from plugins.peppol.channel import (
    Channel,
    DeliveryState,
    Outgoing,
    Progress,
    Reach,
    identifier_of,
)
from plugins.peppol.connector import open_channel
from plugins.peppol.evidence import keeping
from plugins.peppol.models import NOT_CONNECTED, PeppolSending, SendingState
from plugins.peppol.sending import following, queue
from plugins.peppol.sending.delivery import PeppolWrite
from plugins.peppol.wire import DocumentKind

_HOUR = 3600
WORKING = (SendingState.QUEUED, SendingState.SENT, SendingState.DELIVERED)
MAIL = "peppol_sending"
_WORDS = {
    "outcome_unknown": "peppol_looked_up",
    "outcome_being_checked": "peppol_looked_up",
    "outcome_unclear": "peppol_unclear",
    "outcome_absent": "peppol_absent",
    "message_not_built": "peppol_not_built",
}
"""The engine's words are of packages and bookings; these are of e-invoices."""


def _is_due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return PeppolSending.state.in_(WORKING), PeppolSending.due_at <= now


ROWS = DueRows(PeppolSending, _is_due, order_by=(PeppolSending.due_at,), fair=True)
DUE = leased(queue.TASK, queue.QUEUE, ROWS)


def run(sending_id: int) -> None:
    """Take one document a step on; nothing when it is not due or is another's."""
    lease = ROWS.take(sending_id)
    if lease is not None:
        lease.serve(partial(_step, lease), partial(_settle, lease))


def _step(lease: Lease[PeppolSending]) -> None:
    row = lease.read()
    connection = queue.connection_of(row.tenant_id)
    if connection is None or connection.state != ConnectionState.CONNECTED:
        raise WaitUntil(NOT_CONNECTED, seconds=_HOUR)
    if row.state != SendingState.QUEUED:
        delivery_id = row.delivery_id
        with open_channel(connection) as channel:
            progress = channel.status(delivery_id)
        _note_progress(lease, progress)
        return
    if not row.sha256:
        _make(lease, connection)
    _deliver(lease, connection)


def _make(lease: Lease[PeppolSending], connection: Connection) -> None:
    """Make the document and store its bytes; AskUser `peppol_invalid` with why not."""
    row = lease.row
    own = identifier_of(connection.external_id or "")
    if row.invoice_id is None:
        raise Stop("peppol_withdrawn", number=row.number)
    with tenant_scope(row.tenant_id):
        made = document.for_sending(
            row.invoice_id, row.buyer_reference, row.order_number, own
        )
    with lease.work():
        errors = [{"code": each.code, "params": each.params} for each in made.errors]
        if errors:
            _write(lease, errors=errors)
        else:
            _write(
                lease,
                kind=made.kind,
                sender=connection.external_id,
                receiver=made.receiver,
                content=made.content,
                sha256=digest(made.content),
                errors=[],
            )
    if errors:
        raise AskUser("peppol_invalid", number=made.number)


def _deliver(lease: Lease[PeppolSending], connection: Connection) -> None:
    row = lease.read()
    going = Outgoing(
        reference=row.reference,
        kind=DocumentKind(row.kind),
        sender=identifier_of(row.sender),
        receiver=identifier_of(row.receiver),
        country=_country_of(identifier_of(row.sender)),
        content=row.content,
    )
    place = connection.id, connection.version
    with open_channel(connection) as channel:
        delivery = PeppolWrite(lease, channel, going, *place)
        row = lease.read()
        delivery.take_up(row)
        session().rollback()
        if delivery.sent_at is None:
            _look_up(channel, going)
        delivery.once()


_COUNTRIES = {"0208": "BE", "9925": "BE"}


def _country_of(sender: Identifier) -> str:
    """Return the country of one of `forms.CredentialForm`'s schemes."""
    return _COUNTRIES.get(sender.scheme, "NL")


def _look_up(channel: Channel, going: Outgoing) -> None:
    """Raise AskUser unless the receiver takes this kind of document."""
    reach = channel.look_up(going.receiver, going.kind)
    number = f"{going.receiver.scheme}:{going.receiver.value}"
    if reach is Reach.UNKNOWN:
        raise AskUser("peppol_receiver_unregistered", number=number)
    if reach is Reach.OTHER:
        raise AskUser("peppol_receiver_takes_other", number=number)


def _note_progress(lease: Lease[PeppolSending], progress: Progress) -> None:
    """Store what the access point says; each new status is kept as evidence."""
    with lease.work():
        row = lease.read()
        if progress.status != row.status:
            keeping.add(row, keeping.STATUS, progress.evidence)
        values: dict[str, Any] = {
            "status": progress.status[:40], "failures": 0, "code": "", "params": {},
        }  # fmt: skip
        if progress.state is DeliveryState.REJECTED:
            _rejected(lease, row, progress, values)
        elif progress.state is DeliveryState.ACCEPTED:
            _under_way(lease, row, values)
        else:
            _delivered(lease, row, progress, values)


def _rejected(
    lease: Lease[PeppolSending],
    row: PeppolSending,
    progress: Progress,
    values: dict[str, Any],
) -> None:
    told = progress.detail or progress.status
    params = {"number": row.number, "message": told}
    values |= {
        "state": SendingState.REJECTED, "due_at": None, "ended_at": utcnow(),
        "code": "peppol_rejected", "params": params,
    }  # fmt: skip
    _write(lease, **values)
    _tell(row, "peppol_rejected", params)


def _delivered(
    lease: Lease[PeppolSending],
    row: PeppolSending,
    progress: Progress,
    values: dict[str, Any],
) -> None:
    """Note it; while a refusal may still come it is asked for now and then."""
    now = shared_now()
    is_over = progress.state is DeliveryState.APPROVED
    due_at = following.next_confirmation(row.ended_at or now, now)
    values |= {
        "state": SendingState.DELIVERED,
        "due_at": None if is_over else due_at,
        "ended_at": row.ended_at or progress.at or now,
    }
    _write(lease, **values)
    if row.state != SendingState.DELIVERED:
        log.write(
            row.tenant_id,
            "peppol_delivered",
            invoice_id=row.invoice_id,
            number=row.number,
            receiver=row.receiver,
        )


def _under_way(
    lease: Lease[PeppolSending], row: PeppolSending, values: dict[str, Any]
) -> None:
    """Ask again later; tell once that it is late; at last a person decides."""
    now = shared_now()
    since = row.accepted_at or now
    due_at = following.next_poll(since, now)
    if due_at is None:
        _stop(lease, row, "peppol_no_end", {"number": row.number})
        return
    _write(lease, **values, due_at=due_at)
    _tell_late(lease, row, since, "peppol_late")


def _tell_late(
    lease: Lease[PeppolSending], row: PeppolSending, since: datetime, code: str
) -> None:
    now = shared_now()
    if row.late_told_at is None and now > following.late_at(since):
        _write(lease, late_told_at=now)
        _tell(row, code, {"number": row.number}, level=LogLevel.WARNING)


def _settle(lease: Lease[PeppolSending], error: Exception) -> None:
    """Apply what the error's class decides, in the words of a sending."""
    with lease.work():
        row = lease.read()
        now = shared_now()
        since = row.accepted_at or row.created_at

        def pauses(_failures: int) -> float | None:
            return _pause(row, since, now)

        connection = queue.connection_of(row.tenant_id)
        if isinstance(error, AuthenticationLost) and connection is not None:
            connections.pause(connection.id, error.code)
            error = WaitUntil(NOT_CONNECTED, seconds=_HOUR)
        decision = decide(
            error,
            subject=f"peppol {row.id}",
            failures=row.failures,
            pauses=pauses,
            open_since=row.first_sent_at if row.sent_at is not None else None,
            sends=row.sends,
        )
        code = _WORDS.get(decision.code, decision.code)
        if decision.next in (Next.WAIT, Next.RETRY, Next.LOOK_UP):
            _write(
                lease,
                due_at=now + timedelta(seconds=decision.seconds),
                code=code,
                params=decision.params,
                failures=decision.failures,
            )
            _tell_late(lease, row, since, "peppol_waits")
        elif row.state != SendingState.WITHDRAWN:
            params = {"number": row.number, **decision.params}
            _stop(lease, row, code, params)


def _pause(row: PeppolSending, since: datetime, now: datetime) -> float | None:
    """Return the seconds to wait after a passing fault; None: it has been enough."""
    if row.state == SendingState.QUEUED:
        is_enough = now > since + following.PATIENCE
        return None if is_enough else following.pause(since, now).total_seconds()
    if row.state == SendingState.DELIVERED:
        return following.LONGEST.total_seconds()
    at = following.next_poll(since, now)
    return None if at is None else (at - now).total_seconds()


def _stop(
    lease: Lease[PeppolSending], row: PeppolSending, code: str, params: dict[str, str]
) -> None:
    """Leave it to a person, and say so by mail."""
    _write(lease, state=SendingState.STOPPED, due_at=None, code=code, params=params)
    _tell(row, code, params)


def _tell(
    row: PeppolSending,
    code: str,
    params: dict[str, str],
    *,
    level: LogLevel = LogLevel.ERROR,
) -> None:
    """Write it in the log, and to the owners, one mail per cause of a document."""
    log.write(
        row.tenant_id, code, level=level, invoice_id=row.invoice_id, params=params
    )
    mail.to_tenant(
        row.tenant_id,
        MAIL,
        dedup_key=f"peppol:{row.id}:{row.turn}:{code}",
        code=code,
        params=params,
        number=row.number,
        invoice_id=row.invoice_id,
    )


def _write(lease: Lease[PeppolSending], **values: Any) -> None:
    lease.write(**values, changed_at=utcnow())
