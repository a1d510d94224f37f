"""Licences: begun as a trial, reminded of, paid, expired, cancelled.

A licence that is no running trial and not paid lets orders wait (tab Open says why);
they go on by themselves after a payment. Which couplings that concerns is decided in
`coverage`.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from secrets import choice

from sqlalchemy import and_, or_, select, update

from core.domain.clock import local_date, utcnow
from core.models import (
    Connection,
    ConnectionState,
    Coupling,
    Licence,
    LicenceState,
    LogLevel,
    ServiceInvoice,
    Tenant,
)
from core.plugin.engine.rounds import alone
from core.rules.standing import BY_USER
from core.runtime import log, throttle
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk, settings
from core.services.licensing import trials
from core.services.licensing.coverage import LIVE, align
from core.services.mailing import mail

ENDED_BY_USER = "ended_by_user"
"""Reason of a connection that was ended here; any other was ended from outside."""
PAUSE = timedelta(seconds=50)
"""The calendar is looked at once in this time, by whichever process comes first."""
REMINDERS = {1: "trial_week", 2: "trial_day"}
_WEEK, _DAY = timedelta(days=7), timedelta(days=1)
_EAST = timedelta(hours=14)
"""No time zone is further ahead of UTC: the latest local date there is now."""
_READABLE = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_BATCH = 200


def of_tenant() -> list[Licence]:
    """Return the licences in scope, oldest first."""
    return list(session().scalars(select(Licence).order_by(Licence.id)))


def begin(tenant: Tenant, source_plugin: str, target_plugin: str) -> Licence:
    """Return a new licence on trial in the caller's transaction.

    One of the same pair whose installation did not get to a coupling is used again, and
    so is one whose app was removed: its days go on when the shop is connected.
    The trial counts from today, not from the end of the installation.
    """
    today = local_date(utcnow(), tenant.timezone)
    unused = and_(Licence.state.in_(LIVE), Licence.coupling_id.is_(None))
    removed = and_(
        Licence.state == LicenceState.CANCELLED,
        Licence.reason.not_in(BY_USER),
        Licence.ends_on >= today,
    )
    known = session().scalars(
        select(Licence)
        .where(
            Licence.tenant_id == tenant.id,
            Licence.source_plugin == source_plugin,
            Licence.target_plugin == target_plugin,
            or_(unused, removed),
        )
        .order_by(Licence.id)
    )
    found = known.first()
    if found is not None:
        return found
    licence = Licence(
        tenant_id=tenant.id,
        key=_new_key(),
        source_plugin=source_plugin,
        target_plugin=target_plugin,
        state=LicenceState.TRIAL,
        ends_on=today + timedelta(days=settings().trial_days),
    )
    session().add(licence)
    session().flush()
    log.write(tenant.id, "licence_begun", licence=licence.key)
    return licence


def _new_key() -> str:
    groups = ("".join(choice(_READABLE) for _ in range(4)) for _ in range(3))
    return "-".join(("KW", *groups))


def attach(licence: Licence, coupling: Coupling) -> None:
    """Let a licence cover a coupling, in the caller's transaction.

    The trial ends at once when the shop or the company had one before.
    """
    licence.coupling_id = coupling.id
    licence.source_id = coupling.source_id
    licence.target_id = coupling.target_id
    session().flush()
    log.write(licence.tenant_id, "licence_attached", licence=licence.key)
    claim_trial(licence, (coupling.source, coupling.target))
    align(licence.tenant_id)


def resume(licence: Licence) -> None:
    """Let a licence go on whose app was removed, now that the shop is there again.

    In the caller's transaction. It keeps its end: what was left of the trial or of the
    paid year. One that its user ended stays ended.
    """
    if licence.state != LicenceState.CANCELLED or licence.reason in BY_USER:
        return
    tenant = session().get_one(Tenant, licence.tenant_id)
    state = LicenceState.PAID if _was_paid(licence) else LicenceState.TRIAL
    licence.state, licence.reason, licence.cancelled_at = state, "", None
    session().flush()
    if licence.ends_on < local_date(utcnow(), tenant.timezone):
        _expire(licence)
        return
    log.write(
        licence.tenant_id,
        "licence_resumed",
        licence=licence.key,
        ends_on=_day_text(licence.ends_on),
    )
    align(licence.tenant_id)


def _was_paid(licence: Licence) -> bool:
    paid = select(ServiceInvoice.id).where(
        ServiceInvoice.licence_id == licence.id, ServiceInvoice.paid_at.is_not(None)
    )
    return session().scalar(paid.limit(1)) is not None


def claim_trial(licence: Licence, sides: Sequence[Connection]) -> None:
    """Note that shop and company have their trial; end it when it is not the first."""
    if licence.state != LicenceState.TRIAL or trials.is_first(licence, sides):
        return
    _end(licence, LicenceState.EXPIRED, "trial_used")
    mail.to_tenant(
        licence.tenant_id,
        "trial_refused",
        dedup_key=f"trial_refused:{licence.id}",
        **_words(licence),
    )
    align(licence.tenant_id)


def pay(invoice: ServiceInvoice) -> bool:
    """Mark an invoice as paid in the caller's transaction; False if it was already.

    The licence runs a year on: from its end while it runs, else from today.
    """
    marked = session().scalar(
        update(ServiceInvoice)
        .where(ServiceInvoice.id == invoice.id, ServiceInvoice.paid_at.is_(None))
        .values(paid_at=utcnow())
        .returning(ServiceInvoice.id)
    )
    if marked is None:
        return False
    log.write(invoice.tenant_id, "invoice_paid", invoice=invoice.number)
    licence = _locked(invoice.licence_id) if invoice.licence_id else None
    if licence is not None:
        _renew(licence, invoice)
    return True


def _renew(licence: Licence, invoice: ServiceInvoice) -> None:
    tenant = session().get_one(Tenant, licence.tenant_id)
    today = local_date(utcnow(), tenant.timezone)
    runs = licence.state in LIVE and licence.ends_on >= today
    licence.ends_on = _year_later(licence.ends_on if runs else today)
    licence.state = LicenceState.PAID
    licence.reason = ""
    licence.cancelled_at = None
    licence.reminders = 0
    session().flush()
    log.write(
        licence.tenant_id,
        "licence_paid",
        licence=licence.key,
        ends_on=_day_text(licence.ends_on),
    )
    mail.to_tenant(
        licence.tenant_id,
        "licence_paid",
        dedup_key=f"licence_paid:{invoice.id}",
        invoice=invoice.number,
        **_words(licence),
    )
    align(licence.tenant_id)


def _year_later(day: date) -> date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year + 1, day=28)


def cancel(licence: Licence, reason: str) -> None:
    """End a licence for good in the caller's transaction; `reason` is a code."""
    if licence.state == LicenceState.CANCELLED:
        return
    _end(licence, LicenceState.CANCELLED, reason)
    licence.cancelled_at = utcnow()
    mail.to_tenant(
        licence.tenant_id,
        "licence_cancelled",
        open_invoice=_open_number(licence),
        is_resumable=reason not in BY_USER,
        **_words(licence),
    )
    align(licence.tenant_id)


def _open_number(licence: Licence) -> str:
    """Return the number of an invoice that waits for its payment; empty: none."""
    found = session().scalar(
        select(ServiceInvoice)
        .where(
            ServiceInvoice.licence_id == licence.id, ServiceInvoice.paid_at.is_(None)
        )
        .limit(1)
    )
    return found.number if found else ""


def _end(licence: Licence, state: LicenceState, reason: str) -> None:
    licence.state = state
    licence.reason = reason
    session().flush()
    code = "licence_cancelled" if state == LicenceState.CANCELLED else "licence_expired"
    log.write(licence.tenant_id, code, level=LogLevel.WARNING, licence=licence.key)


def tick(now: datetime) -> None:
    """Look at the calendar, once in a while (dispatcher)."""
    if throttle.allow("licences", 1, PAUSE):
        look(now)


def look(now: datetime) -> None:
    """Remind and expire by the tenants' local dates, cancel what left its shop.

    Commits by itself, a licence at a time; may run in several places at once.
    """
    for licence_id in _due(now):
        with alone("licences", licence=licence_id), transaction():
            licence = _locked(licence_id)
            if licence is not None:
                _follow_calendar(licence, now)
    for licence_id in _removed_from_shop():
        with alone("licences", licence=licence_id), transaction():
            licence = _locked(licence_id)
            if licence is not None:
                reason = session().get_one(Connection, licence.source_id).reason
                cancel(licence, reason)
                licence.source_id = None
    with transaction():
        align()


def _due(now: datetime) -> list[int]:
    """Return the licences for which the calendar may have something to say."""
    latest = (now + _EAST).date()
    reminded = Licence.reminders
    near = or_(
        and_(reminded == 0, Licence.ends_on <= latest + _WEEK),
        and_(reminded == 1, Licence.ends_on <= latest + _DAY),
        Licence.ends_on < latest,
    )
    rows = session().scalars(
        select(Licence.id).where(Licence.state.in_(LIVE), near).limit(_BATCH)
    )
    found = list(rows)
    session().rollback()
    return found


def _removed_from_shop() -> list[int]:
    """Return the licences whose shop ended the connection by itself."""
    rows = session().scalars(
        select(Licence.id)
        .join(Connection, Connection.id == Licence.source_id)
        .where(
            Licence.state != LicenceState.CANCELLED,
            Connection.state == ConnectionState.ENDED,
            Connection.reason != ENDED_BY_USER,
        )
        .limit(_BATCH)
    )
    found = list(rows)
    session().rollback()
    return found


def _locked(licence_id: int) -> Licence | None:
    """Return a licence as it is now, held until the end of the transaction."""
    return session().scalar(
        select(Licence)
        .where(Licence.id == licence_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _follow_calendar(licence: Licence, now: datetime) -> None:
    if licence.state not in LIVE:
        return
    tenant = session().get_one(Tenant, licence.tenant_id)
    left = licence.ends_on - local_date(now, tenant.timezone)
    if left < timedelta():
        _expire(licence)
        return
    wanted = 2 if left <= _DAY else 1 if left <= _WEEK else 0
    if wanted > licence.reminders:
        licence.reminders = wanted
        kind = REMINDERS[wanted]
        mail.to_tenant(
            licence.tenant_id,
            kind,
            dedup_key=f"{kind}:{licence.id}:{licence.ends_on}",
            **_words(licence),
        )


def _expire(licence: Licence) -> None:
    is_trial = licence.state == LicenceState.TRIAL
    words = _words(licence)
    _end(licence, LicenceState.EXPIRED, "trial_over" if is_trial else "year_over")
    mail.to_tenant(
        licence.tenant_id,
        "licence_expired",
        dedup_key=f"licence_expired:{licence.id}:{licence.ends_on}",
        **words,
    )
    align(licence.tenant_id)


def title(licence: Licence) -> str:
    """Return what a licence is for, in the plugins' own names."""
    return title_of(licence.source_plugin, licence.target_plugin)


def title_of(*names: str) -> str:
    """Return what goes from one plugin to another, in their own names."""
    plugins = koppelwerk().registry.plugins
    return " → ".join(
        str(plugins[name].manifest.title) if name in plugins else name for name in names
    )


def _words(licence: Licence) -> dict[str, str]:
    """Return what every mail about a licence says."""
    return {
        "licence": licence.key,
        "licence_id": str(licence.id),
        "title": title(licence),
        "state": LicenceState(licence.state).value,
        "ends_on": _day_text(licence.ends_on),
    }


def _day_text(day: date) -> str:
    return f"{day:%d-%m-%Y}"
