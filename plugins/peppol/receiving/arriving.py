"""What comes in: kept byte for byte first, then read, then shown. Nothing is booked.

A page of ours takes an envelope from the access point, which offers it again until we
say that we have it. The same envelope twice is one row.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update

from core.domain.clock import local_date, utcnow
from core.domain.errors import AskUser, KoppelwerkError
from core.kit import confined
from core.plugin import log, wakeups
from core.plugin.database import insert_for, session, shared_now
from core.plugin.engine import DueRows, Lease, Next, decide, leased
from core.plugin.evidence import digest
from core.plugin.tables import Connection, ConnectionState, Relation, Tenant
from core.plugin.tenancy import tenant_scope
from core.rules.evidence_chain import Link
from core.rules.keeping import kept_until
from plugins.peppol import rule_packs
from plugins.peppol.models import PeppolReceived, ReceivedState
from plugins.peppol.receiving import matching, reading
from plugins.peppol.validation import findings
from plugins.peppol.wire import Finding

TASK, QUEUE = "peppol.read", "bulk"
BEGINNING = 16_000
"""Bytes at the front of an envelope in which its header stands."""
_ID = re.compile(rb"<(?:\w+:)?InstanceIdentifier>\s*([\x21-\x7e]{1,100}?)\s*</")
_RECEIVER = re.compile(
    rb"<(?:\w+:)?Receiver>\s*<(?:\w+:)?Identifier[^>]*>\s*(\d{4}:[\x21-\x3b\x3d-\x7e]"
    rb"{1,50}?)\s*</"
)
MOST_FINDINGS = 50
MOST_MATCHED = 500
"""Documents of unknown senders that a relation that changed is held against."""


class NotOurs(ValueError):
    """It is no envelope, or for nobody here."""


def keep(content: bytes) -> str:
    """Keep an envelope, in the caller's transaction, in the system's scope.

    Return the country of whom it is for, by which the network reports. Raises NotOurs.
    """
    remote_id, receiver = _addressed(content)
    connection = session().scalar(
        select(Connection).where(
            Connection.plugin == "peppol",
            Connection.external_id == receiver,
            Connection.state != ConnectionState.ENDED,
        )
    )
    if connection is None:
        raise NotOurs("receiver")
    tenant = session().get_one(Tenant, connection.tenant_id)
    now = utcnow()
    keep_until = kept_until(local_date(now, tenant.timezone), tenant.home_country)
    link = Link(remote_id, 1, "received", now, keep_until, content)
    values = {
        "tenant_id": tenant.id, "remote_id": remote_id, "receiver": receiver,
        "content": content, "sha256": link.content_hash, "received_at": now,
        "chain_hash": link.chain_hash, "keep_until": keep_until, "due_at": now,
        "state": ReceivedState.NEW, **_EMPTY,
    }  # fmt: skip
    row_id = session().scalar(
        insert_for(PeppolReceived)
        .values(**values)
        .on_conflict_do_nothing()
        .returning(PeppolReceived.id)
    )
    if row_id is not None:
        wakeups.wake_after_commit(TASK, row_id, queue=QUEUE)
    return tenant.home_country


_EMPTY: Mapping[str, Any] = {
    "failures": 0, "code": "", "kind": "", "sender": "", "seller": "", "number": "",
    "seller_vat_number": "", "currency": "", "details": {}, "findings": [],
    "lease_token": "", "attempt": 0,
}  # fmt: skip


def _addressed(content: bytes) -> tuple[str, str]:
    """Return id and receiver, from the header's text alone: nothing is parsed here."""
    front = content[:BEGINNING]
    found, receiver = _ID.search(front), _RECEIVER.search(front)
    if found is None or receiver is None:
        raise NotOurs("no header")
    return found[1].decode(), receiver[1].decode()


def _is_due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return PeppolReceived.state == ReceivedState.NEW, PeppolReceived.due_at <= now


ROWS = DueRows(PeppolReceived, _is_due, order_by=(PeppolReceived.due_at,), fair=True)
DUE = leased(TASK, QUEUE, ROWS)


def read(received_id: int) -> None:
    """Read one document that came in; what cannot be read stays as it came."""
    lease = ROWS.take(received_id)
    if lease is not None:
        lease.serve(partial(_read, lease), partial(_failed, lease))


def _read(lease: Lease[PeppolReceived]) -> None:
    row = lease.read()
    content, tenant_id, expected = row.content, row.tenant_id, row.sha256
    timezone = session().get_one(Tenant, tenant_id).timezone
    rules = rule_packs.in_force(local_date(utcnow(), timezone))
    contents = [each.content for each in rules]
    session().rollback()
    if digest(content) != expected:
        raise AskUser("peppol_received_changed")
    told = _told(content)
    broken = _validated(str(told.pop("document")).encode(), contents)
    with lease.work(), tenant_scope(tenant_id):
        _store(lease, tenant_id, told, broken)


def _told(content: bytes) -> dict[str, Any]:
    """Return what the document says, read in a process of its own."""
    try:
        with confined.results(reading.READER, content, reading.LIMITS) as found:
            return dict(next(iter(found)))
    except (KoppelwerkError, StopIteration) as error:
        raise AskUser("peppol_unreadable") from error


def _validated(document: bytes, rules: Sequence[bytes]) -> tuple[Finding, ...]:
    """Return which rules it breaks. RetryLater: they could not be tried now."""
    (found,) = findings([document], rules)
    return found


def _store(
    lease: Lease[PeppolReceived],
    tenant_id: int,
    told: dict[str, Any],
    broken: Sequence[Finding],
) -> None:
    vat_number = str(told["seller_vat_number"])[:30]
    number, sender = str(told["number"])[:100], str(told["sender"])
    relation_id = matching.relation_of(vat_number, str(told["seller_number"]))
    lease.write(
        state=ReceivedState.READ,
        due_at=None,
        code="",
        kind=told["kind"],
        sender=sender,
        seller=str(told["seller"])[:200],
        seller_vat_number=vat_number,
        number=number,
        issued_on=_day(told["issued_on"]),
        due_on=_day(told["due_on"]),
        currency=str(told["currency"])[:3],
        amount_due=_money(told["due"]),
        details=told,
        findings=[
            {"rule": one.rule, "text": one.text[:500], "fatal": one.is_fatal}
            for one in broken[:MOST_FINDINGS]
        ],
        relation_id=relation_id,
        twin_id=_twin(lease.key, tenant_id, sender, vat_number, number),
    )
    log.write(
        tenant_id, "peppol_received", number=number, seller=str(told["seller"])[:200]
    )


def _twin(
    key: int, tenant_id: int, sender: str, vat_number: str, number: str
) -> int | None:
    """Return an earlier document of the same sender with the same number."""
    same = [PeppolReceived.sender == sender]
    if vat_number:
        same.append(PeppolReceived.seller_vat_number == vat_number)
    return session().scalar(
        select(func.min(PeppolReceived.id)).where(
            PeppolReceived.tenant_id == tenant_id,
            PeppolReceived.id != key,
            PeppolReceived.id < key,
            PeppolReceived.number == number,
            or_(*same),
        )
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _money(text: str) -> Decimal | None:
    """Return an amount of whole cents of a size that can be; else nothing."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    is_sound = found.is_finite() and abs(found) < 10**12
    return found if is_sound and found == round(found, 2) else None


def _failed(lease: Lease[PeppolReceived], error: Exception) -> None:
    """Try a passing fault again; else it stays unread, and can still be downloaded."""
    with lease.work():
        row = lease.read()
        decision = decide(error, subject=f"received {row.id}", failures=row.failures)
        if decision.next in (Next.RETRY, Next.WAIT):
            lease.write(
                due_at=shared_now() + timedelta(seconds=decision.seconds),
                failures=decision.failures,
                code=decision.code,
            )
        else:
            lease.write(state=ReceivedState.UNREADABLE, due_at=None, code=decision.code)
            log.write(row.tenant_id, "peppol_received_unreadable")


def handled(row: PeppolReceived, *, is_done: bool) -> None:
    """Note that the user dealt with it, or did not after all; in his transaction."""
    session().execute(
        update(PeppolReceived)
        .where(PeppolReceived.id == row.id)
        .values(handled_at=utcnow() if is_done else None)
        .execution_options(synchronize_session=False)
    )
    session().expire(row)


def match(relation_id: int) -> None:
    """Give a relation what came in with its number and was of nobody, in the caller's
    transaction; the newest `MOST_MATCHED`."""
    relation = session().get(Relation, relation_id)
    if relation is None:
        return
    numbers = {
        matching.bare(relation.vat_number), matching.bare(relation.chamber_number)
    } - {""}  # fmt: skip
    rows = session().scalars(
        select(PeppolReceived)
        .where(
            PeppolReceived.tenant_id == relation.tenant_id,
            PeppolReceived.relation_id.is_(None),
            PeppolReceived.state == ReceivedState.READ,
        )
        .order_by(PeppolReceived.id.desc())
        .limit(MOST_MATCHED)
    )
    for row in rows if numbers else ():
        given = row.seller_vat_number, str(row.details.get("seller_number", ""))
        if numbers & {matching.bare(each) for each in given}:
            row.relation_id = matching.relation_of(*given)
