"""One declaration in the hands of a worker: what is saved around a call.

The attempt is saved, with a commit, before the call and after it, and under the lease,
so that a worker that slept writes nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from core.domain.declarations import DeclarationKind
from core.domain.errors import AskUser, WaitUntil
from core.domain.filings import Message, Receipt, Role
from core.plugin import log
from core.plugin.database import session, shared_now, transaction
from core.plugin.engine import DueRows, Lease
from core.plugin.evidence import digest
from core.plugin.tenancy import tenant_scope
from plugins.belastingdienst.evidence import keeping
from plugins.belastingdienst.filing import filings, timeline
from plugins.belastingdienst.models import Filing
from plugins.belastingdienst.models.filing import FilingStage, FilingWish
from plugins.belastingdienst.sending import polling
from plugins.belastingdienst.sending.delivery import Attempt
from plugins.belastingdienst.setup import administrations, taxpayers

WORKING = (FilingStage.APPROVED, FilingStage.DELIVERED)
_OTHER_SECONDS = 120


def _is_due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Filing.stage.in_(WORKING), Filing.due_at <= now


FILINGS = DueRows(Filing, _is_due, order_by=(Filing.due_at,))


@dataclass
class HeldFiling:
    """One declaration under our lease."""

    lease: Lease[Filing]
    stage: FilingStage
    wish: FilingWish
    attempt: Attempt
    known: frozenset[str]
    """Delivery references of other declarations of this taxpayer and kind."""

    @contextmanager
    def work(self, *, release: bool = False) -> Iterator[Filing]:
        """Commit under the lease what is done inside, on the row as it stands.

        Raises LeaseLost, before anything is done, when another has it.
        """
        with self.lease.work(release=release):
            yield self.lease.read()

    def save(self, attempt: Attempt) -> None:
        """Save an attempt of `delivery.advance`, committed."""
        if attempt.receipt is not None:
            self._received(attempt.receipt)
        elif attempt.sent_at is None:
            self._refused()
        elif attempt.sent_at != self.attempt.sent_at:
            self._begin(attempt.sent_at)
        else:
            self._missed(attempt.misses)
        self.attempt = attempt

    def start_over(self) -> None:
        """Forget the send that a person says did not arrive; the next save tells."""
        self.attempt = replace(self.attempt, sent_at=None, misses=0)

    def write(self, **values: Any) -> None:
        """Change the row inside `work`."""
        self.lease.write(**values, changed_at=shared_now())

    def _begin(self, sent_at: datetime) -> None:
        """Save that it is about to be sent; only then it may be."""
        with transaction():
            _refuse_beside_unknown(self.lease.key)
            self.lease.hold()
            filing = self.lease.read()
            _check_still_ready(filing)
            self.write(
                sent_at=sent_at,
                misses=0,
                asked=FilingWish.NOTHING,
                code="",
                params={},
            )
            pieces = keeping.of(filing)
            if not pieces:
                keeping.add(filing, keeping.MESSAGE, filing.content)
            timeline.note(filing, "sent")

    def _refused(self) -> None:
        """Save that it surely did not arrive."""
        with self.work() as filing:
            timeline.note(filing, "not_arrived")
            self.write(sent_at=None, misses=0)

    def _missed(self, misses: int) -> None:
        with self.work() as filing:
            timeline.note(filing, "looked_up")
            self.write(misses=misses)

    def _received(self, receipt: Receipt) -> None:
        with self.work() as filing:
            keeping.add(filing, keeping.RECEIPT, receipt.evidence)
            code = "found" if receipt.found else "delivered"
            timeline.note(filing, code, detail=receipt.delivery_reference)
            now = shared_now()
            self.write(
                stage=FilingStage.DELIVERED,
                delivery_reference=receipt.delivery_reference,
                delivered_at=receipt.delivered_at,
                due_at=polling.next_poll(now, now),
                asked=FilingWish.NOTHING,
                code="",
                params={},
            )
            log.write(
                filing.tenant_id,
                "filing_delivered",
                params=filings.named(filing),
                kenmerk=receipt.delivery_reference,
            )


def take(filing_id: int) -> HeldFiling | None:
    """Lease a declaration that is due; None when it is not, or is another's."""
    lease = FILINGS.take(filing_id)
    return None if lease is None else _held(lease)


def _held(lease: Lease[Filing]) -> HeldFiling:
    filing = lease.row
    attempt = Attempt(_message(filing), filing.sent_at, filing.misses)
    references = select(Filing.delivery_reference).where(
        *_same_taxpayer(filing), Filing.delivery_reference != ""
    )
    held = HeldFiling(
        lease,
        FilingStage(filing.stage),
        FilingWish(filing.asked),
        attempt,
        frozenset(session().scalars(references)),
    )
    session().rollback()
    return held


def _message(filing: Filing) -> Message:
    """Return the message as it was approved; the bytes themselves go."""
    return Message(
        reference=filing.reference,
        kind=DeclarationKind(filing.kind),
        period=taxpayers.period_of(filing),
        tax_number=filing.tax_number,
        content=filing.content,
        role=Role.INTERMEDIARY if filing.is_intermediary else Role.ENTREPRENEUR,
        replaces=_replaced(filing),
    )


def _replaced(filing: Filing) -> str:
    """Return our reference of the rejected version that the channel knows."""
    kind, period = DeclarationKind(filing.kind), taxpayers.period_of(filing)
    for one in taxpayers.versions(filing, kind, period):
        rejected = one.stage == FilingStage.REJECTED and one.delivery_reference
        if one.version < filing.version and rejected:
            return one.reference
    return ""


def _same_taxpayer(filing: Filing) -> tuple[ColumnElement[bool], ...]:
    """Of any tenant: a delivery that is surely another's is never taken for ours."""
    return (
        Filing.id != filing.id,
        Filing.tax_number == filing.tax_number,
        Filing.kind == filing.kind,
        Filing.channel == filing.channel,
    )


def _refuse_beside_unknown(filing_id: int) -> None:
    """Hold a declaration while another of its kind and taxpayer may have arrived.

    Digipoort cannot be asked by our reference: two of a kind at once could not be told
    apart when both answers get lost (README). All of them are locked, in order, so
    that two workers never pass here together.
    """
    filing = session().get_one(Filing, filing_id)
    mates = session().scalars(
        select(Filing)
        .where(*taxpayers.of_taxpayer(filing), Filing.kind == filing.kind)
        .where(Filing.stage.in_((*WORKING, FilingStage.STOPPED)))
        .order_by(Filing.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    for mate in mates.all():
        is_unknown = mate.sent_at is not None and not mate.delivery_reference
        if mate.id != filing_id and mate.channel == filing.channel and is_unknown:
            raise WaitUntil(
                "filing_waits_for_other",
                seconds=_OTHER_SECONDS,
                reference=mate.reference,
            )


def _check_still_ready(filing: Filing) -> None:
    """Raise AskUser when its administration may not file any more."""
    with tenant_scope(filing.tenant_id):
        session().refresh(filing.administration)
        administrations.check_ready(filing.administration)


def check_unchanged(filing: Filing) -> None:
    """Raise AskUser `filing_content_changed` unless these are the approved bytes."""
    if digest(filing.content) != filing.content_hash:
        raise AskUser("filing_content_changed", reference=filing.reference)
