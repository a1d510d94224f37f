"""A worker's turn with one declaration: the lease, and what is saved around a call.

The attempt is saved, with a commit, before the call and after it. Every save asks for
the lease, so that a worker that slept writes nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from secrets import token_hex
from time import monotonic
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update

from core.domain.errors import AskUser, LeaseLost, WaitUntil
from core.plugin import log
from core.plugin.database import session, shared_now, transaction
from core.plugin.settings import core_settings
from plugins.accountview import evidence, filings, polling, timeline
from plugins.accountview.channels import Message, Receipt, Role
from plugins.accountview.delivery import Attempt
from plugins.accountview.models import Filing
from plugins.accountview.models.filing import FilingStage, FilingWish
from plugins.accountview.returns import DeclarationKind

WORKING = (FilingStage.APPROVED, FilingStage.DELIVERED)
_OTHER_SECONDS = 120


def is_due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return what makes a declaration somebody's turn."""
    free = or_(Filing.lease_until.is_(None), Filing.lease_until < now)
    return (Filing.stage.in_(WORKING), Filing.due_at <= now, free)


@dataclass
class Turn:
    """One declaration under our lease."""

    filing_id: int
    token: str
    stage: FilingStage
    wish: FilingWish
    attempt: Attempt
    known: frozenset[str]
    """Delivery references of other declarations of this taxpayer and kind."""

    def filing(self) -> Filing:
        """Return the row as it stands; LeaseLost when it is no longer ours."""
        found = session().scalar(
            select(Filing)
            .where(Filing.id == self.filing_id, Filing.lease_token == self.token)
            .execution_options(populate_existing=True)
            .with_for_update()
        )
        if found is None:
            raise LeaseLost
        return found

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
        """Change the row in the caller's transaction; LeaseLost when it is not ours."""
        changed = session().execute(
            update(Filing)
            .where(Filing.id == self.filing_id, Filing.lease_token == self.token)
            .values(**values, changed_at=shared_now())
            .returning(Filing.id)
            .execution_options(synchronize_session=False)
        )
        if changed.first() is None:
            raise LeaseLost

    def _begin(self, sent_at: datetime) -> None:
        """Save that it is about to be sent; only then it may be."""
        began = monotonic()
        with transaction():
            _refuse_beside_unknown(self.filing_id)
            filing = self.filing()
            self.write(
                sent_at=sent_at,
                misses=0,
                asked=FilingWish.NOTHING,
                code="",
                params={},
                lease_until=_lease_end(),
            )
            pieces = evidence.of(filing)
            if not pieces:
                evidence.add(filing, evidence.MESSAGE, filing.content)
            timeline.note(filing, "sent")
        if monotonic() - began > core_settings().send_seconds:
            raise LeaseLost  # slept meanwhile: another may look it up by now

    def _refused(self) -> None:
        """Save that it surely did not arrive."""
        with transaction():
            timeline.note(self.filing(), "not_arrived")
            self.write(sent_at=None, misses=0)

    def _missed(self, misses: int) -> None:
        with transaction():
            timeline.note(self.filing(), "looked_up")
            self.write(misses=misses)

    def _received(self, receipt: Receipt) -> None:
        with transaction():
            filing = self.filing()
            evidence.add(filing, evidence.RECEIPT, receipt.evidence)
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


def take(filing_id: int) -> Turn | None:
    """Lease a declaration that is due; None when it is not, or is another's."""
    token = token_hex(16)
    with transaction() as current:
        taken = current.execute(
            update(Filing)
            .where(Filing.id == filing_id, *is_due(shared_now()))
            .values(lease_token=token, lease_until=_lease_end())
            .returning(Filing.id)
            .execution_options(synchronize_session=False)
        )
        if taken.first() is None:
            return None
        filing = current.get_one(Filing, filing_id, populate_existing=True)
        return _turn(filing, token)


def give_back(turn: Turn) -> None:
    """End the lease, if it is still ours."""
    with transaction() as current:
        current.execute(
            update(Filing)
            .where(Filing.id == turn.filing_id, Filing.lease_token == turn.token)
            .values(lease_token="", lease_until=None)
            .execution_options(synchronize_session=False)
        )


def _lease_end() -> datetime:
    return shared_now() + timedelta(seconds=core_settings().lease_seconds)


def _turn(filing: Filing, token: str) -> Turn:
    attempt = Attempt(_message(filing), filing.sent_at, filing.misses)
    references = select(Filing.delivery_reference).where(
        *_same_taxpayer(filing), Filing.delivery_reference != ""
    )
    return Turn(
        filing.id,
        token,
        FilingStage(filing.stage),
        FilingWish(filing.asked),
        attempt,
        frozenset(session().scalars(references)),
    )


def _message(filing: Filing) -> Message:
    """Return the message as it was approved; the bytes themselves go."""
    return Message(
        reference=filing.reference,
        kind=DeclarationKind(filing.kind),
        period=filings.period_of(filing),
        tax_number=filing.tax_number,
        content=filing.content,
        role=Role.INTERMEDIARY if filing.is_intermediary else Role.ENTREPRENEUR,
        replaces=_replaced(filing),
    )


def _replaced(filing: Filing) -> str:
    """Return our reference of the rejected version that the channel knows."""
    kind, period = DeclarationKind(filing.kind), filings.period_of(filing)
    for one in filings.versions(filing.administration_id, kind, period):
        rejected = one.stage == FilingStage.REJECTED and one.delivery_reference
        if one.version < filing.version and rejected:
            return one.reference
    return ""


def _same_taxpayer(filing: Filing) -> tuple[ColumnElement[bool], ...]:
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
        .where(Filing.tax_number == filing.tax_number, Filing.kind == filing.kind)
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


def check_unchanged(filing: Filing) -> None:
    """Raise AskUser `filing_content_changed` unless these are the approved bytes."""
    if evidence.digest(filing.content) != filing.content_hash:
        raise AskUser("filing_content_changed", reference=filing.reference)
