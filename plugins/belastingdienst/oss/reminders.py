"""Reminding of the one stop shop: before the last day, and once when it has passed."""

from datetime import date, datetime, timedelta

from flask_babel import LazyString
from sqlalchemy import func, select

from core.domain.clock import local_date
from core.plugin import log, mail
from core.plugin.database import session, transaction
from core.plugin.engine import rounds
from core.plugin.tables import LogLevel, Tenant, TenantPlugin
from plugins.belastingdienst.law.dates import Filing, last_to_file
from plugins.belastingdienst.law.spans import Span
from plugins.belastingdienst.models import Administration, OssRegister
from plugins.belastingdienst.oss import reading, registers
from plugins.belastingdienst.oss.returns import Books
from plugins.belastingdienst.texts import oss_texts

PLUGIN = "belastingdienst"


def remind_all(now: datetime) -> None:
    """Remind where there is reason to, and have old readings renewed; commits."""
    with transaction():
        reading.ask_old(now)
    found = session().execute(
        select(OssRegister.id, Tenant.timezone)
        .join(Tenant, Tenant.id == OssRegister.tenant_id)
        .join(TenantPlugin, TenantPlugin.tenant_id == Tenant.id)
        .where(TenantPlugin.plugin == PLUGIN, TenantPlugin.enabled, Tenant.active)
        .order_by(OssRegister.id)
    )
    known = [(register_id, timezone) for register_id, timezone in found]
    session().rollback()
    for register_id, timezone in known:
        with rounds.alone("one stop shop", register=register_id), transaction():
            _remind(register_id, local_date(now, timezone))


def _remind(register_id: int, today: date) -> None:
    register = session().get(OssRegister, register_id, with_for_update=True)
    if register is None:
        return
    taxpayer = registers.taxpayer(register.tenant_id, register.tax_number)
    span = Books(register, taxpayer, today).next_open()
    if span is None or today <= span.end:
        return
    last_day = last_to_file(Filing.OSS, span)
    is_late = today > last_day
    days = _remind_days(register)
    is_near = last_day - timedelta(days=days) <= today
    if not days or not is_near or not _is_new(register, span, is_late=is_late):
        return
    register.reminded_for, register.reminded_late = span.start, is_late
    _tell(register, span, last_day, is_late=is_late)


def _remind_days(register: OssRegister) -> int:
    """Return how long before the last day is reminded; 0: never."""
    found = session().scalar(
        select(func.max(Administration.remind_days)).where(
            Administration.tenant_id == register.tenant_id,
            Administration.tax_number == register.tax_number,
        )
    )
    return found or 0


def _is_new(register: OssRegister, span: Span, *, is_late: bool) -> bool:
    if register.reminded_for != span.start:
        return True
    return is_late and not register.reminded_late


def _tell(register: OssRegister, span: Span, last_day: date, *, is_late: bool) -> None:
    code = "oss_deadline_passed" if is_late else "oss_deadline_near"
    params = {
        "number": register.tax_number,
        "period": span.code,
        "date": last_day.isoformat(),
    }
    log.write(register.tenant_id, code, level=LogLevel.WARNING, params=params)
    mail.to_tenant(
        register.tenant_id,
        "belastingdienst_oss",
        dedup_key=f"{code}:{register.id}:{span.code}",
        code=code,
        period=LazyString(oss_texts.quarter, span),
        last_day=last_day.isoformat(),
    )
