"""How much mail in its own words a tenant may send a day, from our domain.

Anybody can begin a trial, and what leaves here bears our name: without a limit it
would be a way to send anything to anybody.
"""

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from core.domain.errors import TooOften
from core.models import Licence, LicenceState, Tenant
from core.runtime import throttle
from core.runtime.database import session, shared_now
from core.runtime.extensions import settings

DAY = timedelta(days=1)


def use(tenant_id: int, *, is_stranger: bool) -> None:
    """Count one mail in the caller's transaction; raise TooOften when it is too many.

    The day begins with its first mail. One to a stranger, an address that the tenant
    does not have as the relation's own, counts for a lower limit as well.
    """
    for key, limit in _limits(is_trial(tenant_id), is_stranger).items():
        again_at = throttle.use(f"{key}:{tenant_id}", limit, DAY)
        if again_at is not None:
            zone = ZoneInfo(session().get_one(Tenant, tenant_id).timezone)
            raise TooOften(
                key,
                seconds=(again_at - shared_now()).total_seconds(),
                limit=limit,
                again=f"{again_at.astimezone(zone):%d-%m-%Y %H:%M}",
            )


def is_trial(tenant_id: int) -> bool:
    """Tell whether a tenant has licences, none of them paid."""
    owned = Licence.tenant_id == tenant_id
    paid = func.count().filter(Licence.state == LicenceState.PAID)
    number, number_paid = (
        session()
        .execute(select(func.count(), paid).select_from(Licence).where(owned))
        .one()
    )
    return number > 0 and number_paid == 0


def _limits(is_trial: bool, is_stranger: bool) -> dict[str, int]:
    """Return the limits by the code of their refusal."""
    given = settings()
    found = {
        "mails_of_today": given.mails_per_day_trial if is_trial else given.mails_per_day
    }
    if is_stranger:
        found["mails_to_strangers"] = (
            given.mails_to_strangers_trial if is_trial else given.mails_to_strangers
        )
    return found
