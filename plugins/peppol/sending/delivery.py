"""One document at the access point, exactly once.

It is stored before the call that it may be there, and looked up by our own id before
it is ever sent again. What is found is ours only when it is for the same receiver.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain.clock import utcnow
from core.domain.errors import AskUser, KoppelwerkError, Stop, WaitUntil
from core.plugin import log
from core.plugin.database import shared_now
from core.plugin.engine import Lease, RemoteWrite, long_pause, restored
from core.plugin.evidence import digest
from core.plugin.tables import Connection
from plugins.peppol.channel import Channel, Outgoing, Receipt, participant
from plugins.peppol.evidence import keeping
from plugins.peppol.models import NOT_CONNECTED, PeppolSending, SendingState
from plugins.peppol.sending import following, queue

FAULTS = ("remote_fault", "remote_nonsense")
"""Causes of an unknown outcome that the access point itself answered with."""


@dataclass
class PeppolWrite(RemoteWrite[Receipt]):
    """The write of one sending; `connection` and `version` are what it was made for."""

    lease: Lease[PeppolSending]
    channel: Channel
    document: Outgoing
    connection_id: int
    version: int

    def take_up(self, row: PeppolSending) -> "PeppolWrite":
        """Go on from where the row says that it stands."""
        self.sent_at = row.sent_at
        self.has_missed = row.missed_at is not None
        self.sends = row.sends
        self.first_sent_at = row.first_sent_at
        self.not_before = row.not_before
        return self

    def now(self) -> datetime:
        return self.lease.now()

    def prepare(self, now: datetime) -> None:
        with self.lease.work():
            row = self.lease.read()
            self._check(row)
            if digest(self.document.content) != row.sha256:
                raise AskUser("peppol_content_changed", number=row.number)
            if not any(link.content_hash == row.sha256 for link, _ in keeping.of(row)):
                keeping.add(row, keeping.DOCUMENT, self.document.content)
            self._write(
                sent_at=now,
                first_sent_at=self.first_sent_at or now,
                missed_at=None,
                not_before=None,
            )

    def _check(self, row: PeppolSending) -> None:
        """Raise unless it may still go: not taken back, the connection as it was."""
        if row.state != SendingState.QUEUED:
            raise Stop("peppol_withdrawn", number=row.number)
        connection = queue.connection_of(row.tenant_id)
        if connection is None or not _is_same(connection, self):
            raise WaitUntil(NOT_CONNECTED, seconds=1)

    def send(self) -> Receipt:
        self.lease.make_sure()
        return self.channel.send(self.document)

    def find(self, sent_at: datetime) -> Receipt | None:
        found = self.channel.find(self.document.reference)
        if found is None:
            return None
        expected = participant(self.document.receiver)
        if found.receiver.lower() != expected.lower():
            raise AskUser("peppol_found_differs", receiver=found.receiver)
        return found

    def lost_since(self) -> datetime | None:
        return restored.lost_since()

    def find_lost(self, since: datetime) -> Receipt | None:
        """Our id is worked out, so that it is the same as before the restore."""
        return self.find(since)

    def confirm(self, made: Receipt) -> None:
        with self.lease.work():
            row = self.lease.read()
            keeping.add(row, keeping.RECEIPT, made.evidence or b"{}")
            now = shared_now()
            self._write(
                state=SendingState.SENT,
                delivery_id=made.delivery_id,
                accepted_at=now,
                due_at=following.next_poll(now, now),
                failures=0,
                code="",
                params={},
            )
            log.write(
                row.tenant_id,
                "peppol_found" if made.found else "peppol_sent",
                invoice_id=row.invoice_id,
                number=row.number,
                receiver=row.receiver,
            )

    def reject(self, error: KoppelwerkError) -> None:
        self._store(sent_at=None)

    def unknown(self, error: Exception) -> None:
        self.sends += 1
        values: dict[str, Any] = {"sends": self.sends}
        if isinstance(error, KoppelwerkError) and error.params.get("cause") in FAULTS:
            values["not_before"] = self.now() + long_pause()
        self._store(**values)

    def missed(self, now: datetime) -> None:
        self._store(missed_at=now)

    def ended(self) -> None:
        """It stays known that it may be there: whoever goes on looks first."""
        self._store(sends=0, first_sent_at=None, missed_at=None)

    def _store(self, **values: Any) -> None:
        with self.lease.work():
            self._write(**values)

    def _write(self, **values: Any) -> None:
        self.lease.write(**values, changed_at=utcnow())


def _is_same(connection: Connection, delivery: PeppolWrite) -> bool:
    is_same = connection.version == delivery.version
    return connection.id == delivery.connection_id and is_same
