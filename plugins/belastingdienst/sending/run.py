"""Driving approved declarations to an end state, one step a time.

What is due stands in the database; a wake-up only says when to look. A declaration
whose outcome is unknown is looked up through `delivery.advance`, never sent again by
itself.
"""

from datetime import timedelta
from functools import partial

import structlog

from core.domain.declarations import DeclarationKind
from core.domain.errors import (
    AskUser,
    ClientRefused,
    OutcomeUnknown,
    WaitUntil,
)
from core.domain.filings import FilingState, Progress
from core.plugin import log, mail
from core.plugin.capabilities import FilingChannel, TakesBack
from core.plugin.database import session, shared_now
from core.plugin.engine import Next, decide, leased, restored, rounds
from core.plugin.settings import SettingsError
from core.plugin.tables import LogLevel
from core.plugin.tenancy import tenant_scope
from plugins.belastingdienst.evidence import keeping
from plugins.belastingdienst.filing import filings, timeline
from plugins.belastingdienst.icp import owed
from plugins.belastingdienst.models import Filing
from plugins.belastingdienst.models.filing import FilingStage, FilingWish
from plugins.belastingdienst.sending import delivery, fresh, opening, polling, turn
from plugins.belastingdienst.sending.turn import HeldFiling
from plugins.belastingdienst.setup import administrations, taxpayers
from plugins.belastingdienst.watching import changes

_ENDS = {
    FilingState.ACCEPTED: (FilingStage.ACCEPTED, "filing_accepted_log"),
    FilingState.REJECTED: (FilingStage.REJECTED, "filing_rejected"),
    FilingState.CANCELLED: (FilingStage.CANCELLED, "filing_cancelled"),
}

REFUSED = "registration_refused"
"""Code of the log's entry that alarms the operator."""
REFUSED_SECONDS = 900
"""So long a declaration waits while our own registration is refused."""

logger = structlog.get_logger(__name__)

DUE = leased(filings.TASK, filings.QUEUE, turn.FILINGS)


def run(filing_id: int) -> None:
    """Take one declaration a step on; nothing when it is not due or is another's."""
    held = turn.take(filing_id)
    if held is not None:
        held.lease.serve(partial(_step, held), partial(_settle, held))


def _step(held: HeldFiling) -> None:
    filing = held.lease.read()
    if held.stage is FilingStage.APPROVED:
        turn.check_unchanged(filing)
        if held.attempt.sent_at is None:
            with tenant_scope(filing.tenant_id):
                administrations.check_ready(filing.administration)
            if not fresh.is_as_approved(held):
                return
    with opening.channel(filing) as channel:
        if held.stage is FilingStage.DELIVERED:
            _follow(held, channel)
        else:
            _deliver(held, channel)


def _deliver(held: HeldFiling, channel: FilingChannel) -> None:
    if held.wish is FilingWish.RESEND and _was_found(held, channel):
        return
    since = None if held.wish is FilingWish.RESEND else restored.lost_since()
    now = shared_now()
    session().rollback()
    delivery.advance(
        channel,
        held.attempt,
        now=now,
        known=held.known,
        save=held.save,
        restored_since=since,
    )


def _was_found(held: HeldFiling, channel: FilingChannel) -> bool:
    """Look once more before sending again what a person says did not arrive."""
    attempt = held.attempt
    session().rollback()
    if attempt.sent_at is None:
        return False
    try:
        receipt = channel.look_up(attempt.message, attempt.sent_at, held.known)
    except (AskUser, WaitUntil) as error:
        if error.code not in filings.UNDECIDED:
            raise
        receipt = None  # the person looked, and says that none of them is ours
    if receipt is None:
        held.start_over()
        return False
    delivery.adopt(attempt, receipt, held.save)
    return True


def _follow(held: HeldFiling, channel: FilingChannel) -> None:
    """Ask for the statuses; each answer that says something new is kept."""
    reference = held.lease.row.delivery_reference
    session().rollback()
    refusal = ""
    if held.wish is FilingWish.CANCEL and isinstance(channel, TakesBack):
        refusal = _cancel(channel, reference)
    progress = channel.status(reference)
    with held.work() as filing:
        if held.wish is FilingWish.CANCEL and refusal:
            timeline.note(filing, "cancel_refused", detail=refusal)
            held.write(asked=FilingWish.NOTHING)
        if timeline.add(filing, progress.statuses):
            keeping.add(filing, keeping.STATUS, progress.evidence)
        _note_progress(held, filing, progress)
    if progress.state is FilingState.ACCEPTED:
        with rounds.alone("look at filed periods", filing=held.lease.key):
            changes.look(session().get_one(Filing, held.lease.key))
            session().commit()


def _cancel(channel: TakesBack, reference: str) -> str:
    """Ask to take it back; return why not. A lost answer shows in the statuses."""
    try:
        channel.cancel(reference)
    except AskUser as error:
        return error.params.get("message") or error.code
    except OutcomeUnknown:
        logger.info("the answer to a cancellation got lost")
    return ""


def _note_progress(held: HeldFiling, filing: Filing, progress: Progress) -> None:
    """Store where it stands: at its end, or when to ask again."""
    now = shared_now()
    if progress.state.is_end:
        _end(held, filing, progress)
        return
    due_at = polling.next_poll(filing.delivered_at or now, now)
    if due_at is None:
        _stop(held, filing, "filing_no_end_state", {})
    else:
        held.write(due_at=due_at, code="", params={})


def _end(held: HeldFiling, filing: Filing, progress: Progress) -> None:
    stage, code = _ENDS[progress.state]
    last = next(one for one in reversed(progress.statuses) if one.state.is_end)
    params = {
        "status": last.code,
        "error": last.error_code or last.code,
        "message": (last.detail or last.description)[:500],
    }
    is_good = stage is FilingStage.ACCEPTED
    held.write(
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
    if is_good and filing.kind == DeclarationKind.ICP:
        owed.notice(filing.administration, taxpayers.period_of(filing))
    if stage is not FilingStage.CANCELLED:
        _mail(filing, code, params)


def _settle(held: HeldFiling, error: Exception) -> None:
    """Apply what the error's class decides; never sent again here."""
    if isinstance(error, SettingsError):
        error = AskUser(error.code, **error.params)
    with held.work() as filing:
        now = shared_now()
        base = filing.delivered_at or filing.sent_at or filing.approved_at or now
        poll = polling.next_poll(base, now)

        def pauses(_failures: int) -> float | None:
            return None if poll is None else (poll - now).total_seconds()

        if isinstance(error, ClientRefused):
            error = _waits_for_us(filing, error)
        decision = decide(error, subject=filing.reference, pauses=pauses)
        code, params = decision.code, decision.params
        if decision.next in (Next.WAIT, Next.RETRY):
            due_at = polling.after(now, decision.seconds)
            held.write(due_at=due_at, code=code, params=params)
        else:
            _stop(held, filing, code, params)


def _waits_for_us(filing: Filing, error: ClientRefused) -> WaitUntil:
    """Alarm the operator, once a day; the declaration goes on by itself."""
    if rounds.begin(REFUSED, timedelta(days=1), shared_now()) is not None:
        named = {**filings.named(filing), "plugin": "belastingdienst"}
        log.write(filing.tenant_id, REFUSED, level=LogLevel.ERROR, params=named)
    service = error.params["service"]
    return WaitUntil(error.code, seconds=REFUSED_SECONDS, service=service)


def _stop(held: HeldFiling, filing: Filing, code: str, params: dict[str, str]) -> None:
    """Leave it to a person, and say so by mail."""
    held.write(
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
        "belastingdienst_filing",
        dedup_key=f"filing:{filing.id}:{code}",
        code=code,
        params={**filings.named(filing), **params},
        filing_id=filing.id,
    )
