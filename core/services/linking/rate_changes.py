"""A change of VAT rates that is known ahead is told to those whom it concerns, once."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select

from core.domain.money import plain
from core.models import LogEntry, LogLevel
from core.plugin.capabilities import Orders
from core.plugin.engine import rounds
from core.rules.vatrates import RateChange, changes_between
from core.runtime import log
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk
from core.services.mailing import mail

CODE = "vat_rates_change"
AHEAD = timedelta(days=30)
EVERY = timedelta(days=1)
_AS_TOLD = timedelta(days=60)
"""How far back is looked for what was told already."""


def tick(now: datetime) -> None:
    """Look once a day at the rates of the next 30 days (dispatcher)."""
    with transaction():
        if rounds.begin(CODE, EVERY, now) is None:
            return
        tell(changes_between(now.date(), (now + AHEAD).date()), now)


def tell(changes: Iterable[RateChange], now: datetime) -> None:
    """Tell each tenant who sells to a country of its change, by log and mail."""
    for change in changes:
        for tenant_id in sorted(_concerned(change.country)):
            if not _is_told(tenant_id, change, now):
                _tell(tenant_id, change)


def _concerned(country: str) -> set[int]:
    models = {
        each.vat_mapping for each in koppelwerk().registry.brought(Orders).values()
    }
    return {
        tenant_id
        for model in models
        for tenant_id in session().scalars(
            select(model.tenant_id).where(model.country == country).distinct()
        )
    }


def _is_told(tenant_id: int, change: RateChange, now: datetime) -> bool:
    entries = session().scalars(
        select(LogEntry).where(
            LogEntry.tenant_id == tenant_id,
            LogEntry.code == CODE,
            LogEntry.at >= now - _AS_TOLD,
        )
    )
    wanted = (change.country, change.on.isoformat())
    return any((e.params.get("country"), e.params.get("on")) == wanted for e in entries)


def _tell(tenant_id: int, change: RateChange) -> None:
    words = {
        "country": change.country,
        "on": change.on.isoformat(),
        "ends": " · ".join(map(plain, change.ends)) or "—",
        "begins": " · ".join(map(plain, change.begins)) or "—",
    }
    log.write(tenant_id, CODE, level=LogLevel.WARNING, params=words)
    key = f"rates:{tenant_id}:{change.country}:{change.on}"
    mail.to_tenant(tenant_id, CODE, dedup_key=key, **words)
