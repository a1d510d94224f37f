"""Reminding of declarations before their deadline, and once when it has passed."""

from datetime import date, datetime, timedelta

from sqlalchemy import select

from core.domain.clock import local_date
from core.domain.declarations import DeclarationKind
from core.plugin import log, mail
from core.plugin.database import insert_for, session, transaction
from core.plugin.engine import rounds
from core.plugin.tables import LogLevel, Tenant, TenantPlugin
from plugins.belastingdienst.figures import period_figures, reading
from plugins.belastingdienst.filing import obligations
from plugins.belastingdienst.filing.obligations import Obligation
from plugins.belastingdienst.law.dates import Urgency
from plugins.belastingdienst.models import Administration, Reminder

PLUGIN = "belastingdienst"
MARK = "belastingdienst_reminders"
EVERY = timedelta(hours=1)


def tick(now: datetime) -> bool:
    """Remind where there is reason to; tell whether it was time to look.

    Looks once an hour, commits by itself.
    """
    with transaction():
        begun = rounds.begin(MARK, EVERY, now)
    if begun is None:
        return False
    for tenant_id, timezone in _tenants():
        with rounds.alone("deadlines", tenant=tenant_id), transaction():
            _remind_tenant(tenant_id, local_date(now, timezone), timezone, now)
    return True


def _tenants() -> list[tuple[int, str]]:
    rows = session().execute(
        select(Tenant.id, Tenant.timezone)
        .join(TenantPlugin, TenantPlugin.tenant_id == Tenant.id)
        .where(TenantPlugin.plugin == PLUGIN, TenantPlugin.enabled, Tenant.active)
        .order_by(Tenant.id)
    )
    found = [(tenant_id, timezone) for tenant_id, timezone in rows]
    session().rollback()
    return found


def _remind_tenant(tenant_id: int, today: date, timezone: str, now: datetime) -> None:
    found = session().scalars(
        select(Administration)
        .where(Administration.tenant_id == tenant_id)
        .order_by(Administration.id)
    )
    for obligation in obligations.of(found.all(), today):
        if not obligation.is_read and today <= obligation.figures.end:
            _read(obligation)
        is_early = obligation.urgency is Urgency.EARLY
        if (
            obligation.is_open
            and obligation.administration.remind_days
            and not is_early
        ):
            _remind(obligation, timezone, now)


def _read(obligation: Obligation) -> None:
    """Have a running period read: a month of it is over, and ICP is due over it."""
    row = period_figures.of(obligation.administration, obligation.figures)
    if not row.reading and not row.code:
        reading.ask(row)


def _remind(obligation: Obligation, timezone: str, now: datetime) -> None:
    """Send one mail before the deadline and one after it, per declaration."""
    administration = obligation.administration
    since = local_date(administration.created_at, timezone)
    is_late = obligation.urgency is Urgency.LATE
    if is_late and since > obligation.last_day:
        return  # it was not filed by us in those days
    what = "icp" if obligation.kind is DeclarationKind.ICP else "filing"
    code = f"{what}_deadline_{'passed' if is_late else 'near'}"
    if not _is_new(obligation, code, now):
        return
    words = {
        "administration": administration.description,
        "period": obligation.period.code,
        "date": obligation.last_day.isoformat(),
    }
    log.write(administration.tenant_id, code, level=LogLevel.WARNING, params=words)
    mail.to_tenant(
        administration.tenant_id,
        "belastingdienst_deadline",
        dedup_key=f"{code}:{administration.id}:{obligation.period.code}",
        code=code,
        params=words,
    )


def _is_new(obligation: Obligation, code: str, now: datetime) -> bool:
    """Note a reminder; tell whether it was not given before."""
    made = (
        insert_for(Reminder)
        .values(
            tenant_id=obligation.administration.tenant_id,
            administration_id=obligation.administration.id,
            kind=obligation.kind,
            starts_on=obligation.period.start,
            ends_on=obligation.period.end,
            code=code,
            at=now,
        )
        .on_conflict_do_nothing()
        .returning(Reminder.id)
    )
    return session().execute(made).first() is not None
