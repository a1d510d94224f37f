"""Declarations as their owner sees them: prepared, approved, withdrawn, filed again.

Everything here is a person's deliberate act, in the caller's transaction. What a worker
does with an approved declaration stands in `sending.run`.
"""

from base64 import b32encode
from collections.abc import Collection, Sequence
from secrets import token_bytes
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.exc import IntegrityError

from core.domain.clock import utcnow
from core.domain.declarations import DeclarationKind, TaxPeriod
from core.domain.errors import AskUser
from core.plugin import log, wakeups
from core.plugin.database import session, shared_now
from core.plugin.evidence import digest
from core.plugin.tables import LogLevel
from plugins.belastingdienst.channels import routes
from plugins.belastingdienst.figures import vat_check
from plugins.belastingdienst.filing import drafts, icp_drafts, other_books, timeline
from plugins.belastingdienst.filing.drafts import Draft
from plugins.belastingdienst.icp import owed
from plugins.belastingdienst.icp.vat_numbers import NumberCheck
from plugins.belastingdienst.models import Administration, Filing
from plugins.belastingdienst.models.filing import FilingStage, FilingWish
from plugins.belastingdienst.setup import taxpayers
from plugins.belastingdienst.watching import corrections, statements

TASK = "belastingdienst.file"
QUEUE = "default"
UNDECIDED = ("delivery_absent", "delivery_ambiguous", "filing_after_restore")
"""Codes with which only a person can tell whether a declaration arrived."""
_REFERENCE_BYTES = 11


def prepare(
    administration: Administration,
    period: TaxPeriod,
    kind: DeclarationKind,
    *,
    user_id: int | None,
    numbers: Sequence[NumberCheck] = (),
) -> Filing:
    """Make and check a declaration, for a person to approve.

    `numbers` is what VIES said of the customers of an ICP declaration.

    One with the same figures that waits already is returned as it is; other figures
    make a new version. Raises `drafts.NotPrepared` with every problem, and AskUser
    `filing_under_way`, `filing_accepted`, `filing_of_other_administration`,
    `filing_overlaps`, `icp_not_due`, or those of a suppletie (`History.suppletie`).
    """
    taxpayers.one_at_a_time(administration)
    known = taxpayers.versions(administration, kind, period)
    taxpayers.refuse_second(known, administration, kind)
    if kind is DeclarationKind.VAT_RETURN:
        corrections.adopt(administration, period)
    reference = _new_reference()
    draft, parts = _draft(administration, period, kind, reference, numbers)
    waiting = next((one for one in known if one.stage == FilingStage.PREPARED), None)
    as_now = draft.declared.stored(), parts
    if waiting is not None and (waiting.figures, waiting.parts) == as_now:
        return waiting
    if waiting is not None:
        _end(waiting, "filing_superseded", "superseded", user_id)
    version = known[0].version + 1 if known else 1
    filing = _row(administration, kind, version, reference, draft)
    filing.prepared_by_id, filing.parts = user_id, parts
    filing.vat_checks = [one.stored() for one in numbers]
    session().add(filing)
    try:
        session().flush()
    except IntegrityError as error:  # somebody else was first
        raise AskUser("filing_under_way", reference=reference) from error
    owed.carry(filing, draft.carried)
    timeline.note(filing, "prepared", user_id=user_id)
    _log(filing, "filing_prepared", user_id)
    return filing


def _draft(
    administration: Administration,
    period: TaxPeriod,
    kind: DeclarationKind,
    reference: str,
    numbers: Sequence[NumberCheck] | None = None,
    without: int | None = None,
) -> tuple[Draft, dict[str, Any]]:
    """Make a declaration as it would be now, and what it says by period.

    Errors as `prepare`, and those of `statements.of`.
    """
    if kind is DeclarationKind.ICP:
        now = utcnow()
        return icp_drafts.make(administration, period, reference, now, numbers), {}
    taxpayers.refuse_overlap(administration, kind, period)
    made = statements.of(administration, period, kind, without=without)
    return drafts.make(administration, made, kind, reference, utcnow()), made.parts


def _new_reference() -> str:
    """Return a reference that nobody can guess: 20 signs, as the header takes."""
    return "KW" + b32encode(token_bytes(_REFERENCE_BYTES)).decode().rstrip("=")


def _row(
    administration: Administration,
    kind: DeclarationKind,
    version: int,
    reference: str,
    draft: Draft,
) -> Filing:
    profile = administration.profile
    if profile is None:
        raise AskUser("profile_missing", administration=administration.description)
    declared = draft.declared
    return Filing(
        tenant_id=administration.tenant_id,
        administration_id=administration.id,
        kind=kind,
        starts_on=declared.period.start,
        ends_on=declared.period.end,
        version=version,
        reference=reference,
        tax_number=declared.tax_number,
        division=declared.division,
        scope=draft.scope,
        is_intermediary=administration.is_intermediary,
        channel=profile.channel,
        profile_id=profile.id,
        content=draft.content,
        content_hash=digest(draft.content),
        figures=declared.stored(),
        warnings=[
            {"code": problem.code, "params": problem.params}
            for problem in draft.warnings
        ],
        payable=declared.payable,
        stage=FilingStage.PREPARED,
    )


def approve(
    filing: Filing,
    content_hash: str,
    *,
    user_id: int,
    without: Collection[int] = (),
) -> None:
    """Approve exactly the bytes that were looked at; a worker sends them.

    `without` are the other administrations of the taxpayer (their ids) of which a
    person said that their figures do not belong in it, or were filled in.

    Raises `drafts.NotPrepared` when it may no longer go (an onderneming was blocked),
    AskUser `filing_content_changed` for another hash, `filing_figures_changed` when
    the figures are no longer those, `filing_other_books` for an administration of
    which nobody said so, and `filing_moved_on` when it does not wait.
    """
    taxpayers.one_at_a_time(filing.administration)
    session().refresh(filing)
    if filing.stage != FilingStage.PREPARED:
        raise AskUser("filing_moved_on", reference=filing.reference)
    known = {content_hash, filing.content_hash, digest(filing.content)}
    if len(known) != 1:
        raise AskUser("filing_content_changed", reference=filing.reference)
    draft = check_still_right(filing)
    others = other_books.beside(filing)
    if any(one.id not in without for one in others):
        raise AskUser("filing_other_books", names=other_books.named(others))
    if filing.kind == DeclarationKind.SUPPLETIE:
        corrections.fold(filing)
    values = {
        "stage": FilingStage.APPROVED,
        "approved_by_id": user_id,
        "approved_at": utcnow(),
        "vat_accounts": vat_check.written(draft.vat_accounts),
        "due_at": shared_now(),
    }
    _move(filing, values, Filing.stage == FilingStage.PREPARED)
    left_out = other_books.named(others)
    told = str(_("Zonder %(names)s", names=left_out)) if left_out else ""
    timeline.note(filing, "approved", user_id=user_id, detail=told)
    _log(filing, "filing_approved", user_id)
    _wake(filing)


def check_still_right(filing: Filing) -> Draft:
    """Refuse what was prepared with other figures, or for another profile.

    Returns it as it would be made now. Errors as `approve`.
    """
    administration, kind = filing.administration, DeclarationKind(filing.kind)
    period = taxpayers.period_of(filing)
    draft, parts = _draft(
        administration, period, kind, filing.reference, without=filing.id
    )
    profile = administration.profile
    as_now = (draft.declared.stored(), profile and profile.id)
    is_moved = bool(filing.parts) and filing.parts != parts
    if is_moved or as_now != (filing.figures, filing.profile_id):
        raise AskUser("filing_figures_changed", reference=filing.reference)
    return draft


def withdraw(filing: Filing, *, user_id: int) -> None:
    """Take back what was not sent yet; AskUser `filing_moved_on` otherwise."""
    now = shared_now()
    stages = (FilingStage.PREPARED, FilingStage.APPROVED, FilingStage.STOPPED)
    _move(
        filing,
        _ended("filing_withdrawn"),
        Filing.stage.in_(stages),
        Filing.sent_at.is_(None),
        Filing.delivery_reference == "",
        or_(Filing.lease_until.is_(None), Filing.lease_until < now),
    )
    timeline.note(filing, "withdrawn", user_id=user_id)
    _log(filing, "filing_withdrawn", user_id)


def refile(
    filing: Filing, *, user_id: int, numbers: Sequence[NumberCheck] = ()
) -> Filing:
    """Prepare the next version of a rejected or cancelled one; errors as `prepare`."""
    if filing.stage not in taxpayers.ENDED_BADLY:
        raise AskUser("filing_moved_on", reference=filing.reference)
    kind = DeclarationKind(filing.kind)
    period = taxpayers.period_of(filing)
    return prepare(
        filing.administration, period, kind, user_id=user_id, numbers=numbers
    )


def retry(filing: Filing, *, user_id: int) -> None:
    """Let a stopped one go on: sent when it surely was not, else looked up or asked."""
    delivered = bool(filing.delivery_reference)
    stage = FilingStage.DELIVERED if delivered else FilingStage.APPROVED
    values = {"stage": stage, "due_at": shared_now(), "code": "", "params": {}}
    _move(filing, values, Filing.stage == FilingStage.STOPPED)
    timeline.note(filing, "retried", user_id=user_id)
    _log(filing, "filing_retried", user_id)
    _wake(filing)


def resend(filing: Filing, *, user_id: int) -> None:
    """Send again what a person says did not arrive; looked for once more before it."""
    values = {
        "stage": FilingStage.APPROVED,
        "asked": FilingWish.RESEND,
        "due_at": shared_now(),
        "code": "",
        "params": {},
    }
    _move(filing, values, *_undecided())
    timeline.note(filing, "resend_asked", user_id=user_id)
    _log(filing, "filing_sent_again", user_id, level=LogLevel.WARNING)
    _wake(filing)


def arrived(filing: Filing, delivery_reference: str, *, user_id: int) -> None:
    """Take a person's word that it arrived, with the channel's reference.

    AskUser `filing_reference_taken` when another declaration has that one.
    """
    taken = select(Filing.id).where(
        Filing.id != filing.id,
        Filing.channel == filing.channel,
        Filing.delivery_reference == delivery_reference,
    )
    if session().scalar(taken.limit(1)):
        raise AskUser("filing_reference_taken", kenmerk=delivery_reference)
    now = shared_now()
    values = {
        "stage": FilingStage.DELIVERED,
        "delivery_reference": delivery_reference,
        "delivered_at": now,
        "due_at": now,
        "code": "",
        "params": {},
    }
    _move(filing, values, *_undecided())
    timeline.note(filing, "entered", user_id=user_id, detail=delivery_reference)
    _log(filing, "filing_entered", user_id, kenmerk=delivery_reference)
    _wake(filing)


def cancel(filing: Filing, *, user_id: int) -> None:
    """Ask the channel to take a delivered one back; where it can."""
    values = {"asked": FilingWish.CANCEL, "due_at": shared_now()}
    _move(
        filing,
        values,
        Filing.stage == FilingStage.DELIVERED,
        Filing.channel.in_(_taking_back()),
    )
    timeline.note(filing, "cancel_asked", user_id=user_id)
    _log(filing, "filing_cancel_asked", user_id)
    _wake(filing)


def _taking_back() -> list[str]:
    return [name for name, (_, one) in routes.all_routes().items() if one.takes_back]


def may_cancel(filing: Filing) -> bool:
    """Tell whether the channel can be asked to take it back."""
    is_there = filing.stage == FilingStage.DELIVERED
    is_asked = filing.asked == FilingWish.CANCEL
    return is_there and filing.channel in _taking_back() and not is_asked


def may_withdraw(filing: Filing) -> bool:
    """Tell whether it surely was not sent and can be taken back here."""
    stages = (FilingStage.PREPARED, FilingStage.APPROVED, FilingStage.STOPPED)
    at_channel = filing.sent_at is not None or filing.delivery_reference
    return filing.stage in stages and not at_channel


def is_undecided(filing: Filing) -> bool:
    """Tell whether a person has to say if it arrived."""
    return filing.stage == FilingStage.STOPPED and filing.code in UNDECIDED


def _undecided() -> tuple[ColumnElement[bool], ...]:
    return (
        Filing.stage == FilingStage.STOPPED,
        Filing.code.in_(UNDECIDED),
        Filing.delivery_reference == "",
    )


def _move(
    filing: Filing, values: dict[str, Any], *conditions: ColumnElement[bool]
) -> None:
    """Change a filing if it still stands so; AskUser `filing_moved_on` otherwise.

    The conditions are in the statement itself: of two at once, one gets through.
    """
    changed = session().execute(
        update(Filing)
        .where(Filing.id == filing.id, *conditions)
        .values(**values, changed_at=utcnow())
        .returning(Filing.id)
        .execution_options(synchronize_session=False)
    )
    if changed.first() is None:
        raise AskUser("filing_moved_on", reference=filing.reference)
    session().refresh(filing)


def _ended(code: str) -> dict[str, Any]:
    return {"stage": FilingStage.CANCELLED, "code": code, "due_at": None}


def _end(filing: Filing, code: str, event: str, user_id: int | None) -> None:
    _move(filing, _ended(code), Filing.stage == FilingStage.PREPARED)
    timeline.note(filing, event, user_id=user_id)


def _wake(filing: Filing) -> None:
    wakeups.wake_after_commit(TASK, filing.id, queue=QUEUE)


def _log(
    filing: Filing,
    code: str,
    user_id: int | None,
    *,
    level: LogLevel = LogLevel.INFO,
    **more: str,
) -> None:
    log.write(
        filing.tenant_id, code, level=level, user_id=user_id,
        params={**named(filing), **more},
    )  # fmt: skip


def named(filing: Filing) -> dict[str, str]:
    """Return what a text needs to say which declaration it is about."""
    return {
        "reference": filing.reference,
        "period": taxpayers.period_of(filing).code,
        "administration": filing.administration.description,
    }


def page(before_id: int | None, limit: int) -> list[Filing]:
    """Return the declarations of the tenant in scope, the newest first."""
    found = select(Filing).order_by(Filing.id.desc()).limit(limit)
    if before_id is not None:
        found = found.where(Filing.id < before_id)
    return list(session().scalars(found))
