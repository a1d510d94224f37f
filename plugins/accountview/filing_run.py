"""Driving approved declarations to an end state, one step a turn.

What is due stands in the database; a wake-up only says when to look. A declaration
whose outcome is unknown is looked up through `delivery.advance`, never sent again by
itself.
"""

from datetime import datetime

import structlog
from sqlalchemy import select

from core.domain.errors import (
    AskUser,
    AuthenticationLost,
    KoppelwerkError,
    LeaseLost,
    OutcomeUnknown,
    RetryLater,
    Stop,
    WaitUntil,
)
from core.plugin import log, mail, wakeups
from core.plugin.database import session, shared_now, transaction
from core.plugin.settings import SettingsError
from core.plugin.tables import LogLevel
from core.plugin.tenancy import tenant_scope
from plugins.accountview import (
    administrations,
    delivery,
    evidence,
    filing_turn,
    filings,
    opening,
    polling,
    timeline,
)
from plugins.accountview.autoreport import AutoReport
from plugins.accountview.channels import FilingChannel, FilingState, Progress
from plugins.accountview.filing_turn import Turn
from plugins.accountview.models import Filing
from plugins.accountview.models.filing import FilingStage, FilingWish

MOST = 200
"""Declarations that one look wakes."""
_ENDS = {
    FilingState.ACCEPTED: (FilingStage.ACCEPTED, "filing_accepted_log"),
    FilingState.REJECTED: (FilingStage.REJECTED, "filing_rejected"),
    FilingState.CANCELLED: (FilingStage.CANCELLED, "filing_cancelled"),
}
_FOR_A_PERSON = (AskUser, AuthenticationLost, Stop, SettingsError)

logger = structlog.get_logger(__name__)


def wake_due(now: datetime) -> None:
    """Wake a worker for each declaration that is due."""
    due = select(Filing.id).where(*filing_turn.is_due(now)).order_by(Filing.due_at)
    for filing_id in session().scalars(due.limit(MOST)).all():
        wakeups.wake(filings.QUEUE, filings.TASK, filing_id)


def run(filing_id: int) -> None:
    """Take one declaration a step on; nothing when it is not due or is another's."""
    turn = filing_turn.take(filing_id)
    if turn is None:
        return
    try:
        _step(turn)
    except LeaseLost:
        session().rollback()
        return
    except Exception as error:
        session().rollback()
        _settle(turn, error)
    filing_turn.give_back(turn)


def _step(turn: Turn) -> None:
    filing = turn.filing()
    if turn.stage is FilingStage.APPROVED:
        filing_turn.check_unchanged(filing)
        if turn.attempt.sent_at is None:
            with tenant_scope(filing.tenant_id):
                administrations.check_ready(filing.administration)
    with opening.channel(filing) as channel:
        if turn.stage is FilingStage.DELIVERED:
            _follow(turn, channel)
        else:
            _deliver(turn, channel)


def _deliver(turn: Turn, channel: FilingChannel) -> None:
    if turn.wish is FilingWish.RESEND and _was_found(turn, channel):
        return
    delivery.advance(
        channel, turn.attempt, now=shared_now(), known=turn.known, save=turn.save
    )


def _was_found(turn: Turn, channel: FilingChannel) -> bool:
    """Look once more before sending again what a person says did not arrive."""
    attempt = turn.attempt
    session().rollback()
    if attempt.sent_at is None:
        return False
    try:
        receipt = channel.look_up(attempt.message, attempt.sent_at, turn.known)
    except (AskUser, WaitUntil) as error:
        if error.code not in filings.UNDECIDED:
            raise
        receipt = None  # the person looked, and says that none of them is ours
    if receipt is None:
        turn.start_over()
        return False
    delivery.adopt(attempt, receipt, turn.save)
    return True


def _follow(turn: Turn, channel: FilingChannel) -> None:
    """Ask for the statuses; each answer that says something new is kept."""
    session().rollback()
    reference = _reference(turn)
    refusal = ""
    if turn.wish is FilingWish.CANCEL and isinstance(channel, AutoReport):
        refusal = _cancel(channel, reference)
    progress = channel.status(reference)
    with transaction():
        filing = turn.filing()
        if turn.wish is FilingWish.CANCEL and refusal:
            timeline.note(filing, "cancel_refused", detail=refusal)
            turn.write(asked=FilingWish.NOTHING)
        if timeline.add(filing, progress.statuses):
            evidence.add(filing, evidence.STATUS, progress.evidence)
        _note_progress(turn, filing, progress)


def _reference(turn: Turn) -> str:
    with transaction():
        return turn.filing().delivery_reference


def _cancel(channel: AutoReport, reference: str) -> str:
    """Ask to take it back; return why not. A lost answer shows in the statuses."""
    try:
        channel.cancel(reference)
    except AskUser as error:
        return error.params.get("message") or error.code
    except OutcomeUnknown:
        logger.info("the answer to a cancellation got lost")
    return ""


def _note_progress(turn: Turn, filing: Filing, progress: Progress) -> None:
    """Store where it stands: at its end, or when to ask again."""
    now = shared_now()
    if progress.state.is_end:
        _end(turn, filing, progress)
        return
    due_at = polling.next_poll(filing.delivered_at or now, now)
    if due_at is None:
        _stop(turn, filing, "filing_no_end_state", {})
    else:
        turn.write(due_at=due_at, code="", params={})


def _end(turn: Turn, filing: Filing, progress: Progress) -> None:
    stage, code = _ENDS[progress.state]
    last = next(one for one in reversed(progress.statuses) if one.state.is_end)
    params = {
        "status": last.code,
        "error": last.error_code or last.code,
        "message": (last.detail or last.description)[:500],
    }
    is_good = stage is FilingStage.ACCEPTED
    turn.write(
        stage=stage,
        due_at=None,
        asked=FilingWish.NOTHING,
        code="" if is_good else code,
        params={} if is_good else params,
    )
    level = LogLevel.ERROR if stage is FilingStage.REJECTED else LogLevel.INFO
    log.write(
        filing.tenant_id, code, level=level, params={**filings.named(filing), **params}
    )
    if stage is not FilingStage.CANCELLED:
        _mail(filing, code, params)


def _settle(turn: Turn, error: Exception) -> None:
    """Decide by the error's class what happens next; never sent again here."""
    try:
        with transaction():
            _settled(turn, turn.filing(), error)
    except LeaseLost:
        return


def _settled(turn: Turn, filing: Filing, error: Exception) -> None:
    now = shared_now()
    if isinstance(error, WaitUntil):
        _wait(turn, error, polling.after(now, error.seconds))
        return
    if isinstance(error, _FOR_A_PERSON):
        _stop(turn, filing, error.code, error.params)
        return
    if not isinstance(error, KoppelwerkError):
        logger.error("filing crashed", filing=filing.id, exc_info=error)
        error = RetryLater("internal_error", transfer=filing.reference)
    base = filing.delivered_at or filing.sent_at or filing.approved_at or now
    due_at = polling.next_poll(base, now)
    if due_at is None:
        _stop(turn, filing, error.code, error.params)
    else:
        _wait(turn, error, due_at)


def _wait(turn: Turn, error: KoppelwerkError, due_at: datetime) -> None:
    turn.write(due_at=due_at, code=error.code, params=error.params)


def _stop(turn: Turn, filing: Filing, code: str, params: dict[str, str]) -> None:
    """Leave it to a person, and say so by mail."""
    turn.write(
        stage=FilingStage.STOPPED,
        due_at=None,
        asked=FilingWish.NOTHING,
        code=code,
        params=params,
    )
    timeline.note(filing, "stopped")
    named = filings.named(filing)
    log.write(filing.tenant_id, "filing_stopped", level=LogLevel.ERROR, params=named)
    _mail(filing, code, params)


def _mail(filing: Filing, code: str, params: dict[str, str]) -> None:
    """Tell the owners; one mail per cause of a declaration."""
    mail.to_tenant(
        filing.tenant_id,
        "accountview_filing",
        dedup_key=f"filing:{filing.id}:{code}",
        code=code,
        params={**filings.named(filing), **params},
        filing_id=filing.id,
    )
