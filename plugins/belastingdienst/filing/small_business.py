"""How the KOR and EU-KOR of a taxpayer stand; told at 80 % and when it is passed.

Looked at once a day. The day of the sale that passes the limit is kept: from then on
returns are due again, whatever the settings say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select

from core.domain.clock import local_date
from core.domain.errors import AskUser
from core.plugin import log, mail
from core.plugin.database import session, transaction
from core.plugin.engine import rounds
from core.plugin.tables import LogLevel, Tenant, TenantPlugin
from core.rules.vatrates import MEMBER_STATES
from plugins.belastingdienst.figures import turnover
from plugins.belastingdienst.law import dates, small_business
from plugins.belastingdienst.law.doubts import Doubt
from plugins.belastingdienst.law.small_business import Standing, Statement
from plugins.belastingdienst.law.spans import Span, before, quarter_of
from plugins.belastingdienst.models import Administration, Taxpayer

MARK = "belastingdienst_small_business"
EVERY = timedelta(days=1)
WARN = Decimal("0.8")
NEAR, PASSED = "small_business_near", "small_business_passed"
SHOWN = 4
"""Statements of quarters on the page."""
_PLUGIN = "belastingdienst"


@dataclass(frozen=True)
class Quarter:
    """A quarterly statement under the EU-KOR, and until when it is due."""

    statement: Statement
    last_day: date


@dataclass(frozen=True)
class Standings:
    """How a taxpayer stands; None: he is not in that scheme."""

    home: Standing | None
    union: Standing | None
    states: tuple[tuple[str, Standing | None, tuple[Doubt, ...]], ...]
    """Per other state: None where its limit is unknown."""
    quarters: tuple[Quarter, ...]
    """Ended ones, the newest first."""
    is_whole: bool


def is_near(standing: Standing) -> bool:
    """Tell whether 80 % of a limit is reached."""
    return standing.counted >= standing.limit * WARN


def of(
    taxpayer: Taxpayer, found: Sequence[Administration], today: date
) -> Standings | None:
    """Return how a taxpayer stands on a local day; None: he is in no such scheme.

    `found` are his administrations.
    """
    in_home = _holds(taxpayer.small_business_since, taxpayer.small_business_until)
    in_union = _holds(taxpayer.union_scheme_since, taxpayer.union_scheme_until)
    since = taxpayer.union_scheme_since
    if not in_home and not in_union:
        return None
    known = turnover.of(found, today.year)
    sales = known.sales
    home = small_business.home_standing(today.year, sales) if in_home else None
    if not in_union or since is None:
        return Standings(home, None, (), (), known.is_whole)
    states = sorted({one.country for one in sales} - {"NL"} & set(MEMBER_STATES))
    return Standings(
        home,
        small_business.union_standing(today.year, sales),
        tuple(_state(state, today.year, sales) for state in states),
        tuple(_quarters(sales, since, today)),
        known.is_whole,
    )


def _holds(since: date | None, until: date | None) -> bool:
    return since is not None and until is None


def _state(
    state: str, year: int, sales: Sequence[small_business.Turnover]
) -> tuple[str, Standing | None, tuple[Doubt, ...]]:
    try:
        standing, doubts = small_business.national_standing(year, state, sales)
    except AskUser as error:
        return state, None, (Doubt(error.code, state, dict(error.params)),)
    return state, standing, doubts


def _quarters(
    sales: Sequence[small_business.Turnover], since: date, today: date
) -> list[Quarter]:
    made: list[Quarter] = []
    span = before(quarter_of(today))
    while len(made) < SHOWN and span.end >= since:
        if span.start.year >= today.year - 1:
            made.append(_quarter(span, sales))
        else:
            break
        span = before(span)
    return made


def _quarter(span: Span, sales: Sequence[small_business.Turnover]) -> Quarter:
    within = [one for one in sales if one.country in MEMBER_STATES]
    statement = small_business.statement(span, within, MEMBER_STATES)
    last = dates.last_to_file(dates.Filing.SMALL_BUSINESS, span)
    return Quarter(statement, last)


def tick(now: datetime) -> None:
    """Look once a day at who is under the KOR, and tell; commits per taxpayer."""
    with transaction():
        begun = rounds.begin(MARK, EVERY, now)
    if begun is None:
        return
    for taxpayer_id, timezone in _watched():
        with transaction():
            _look(taxpayer_id, local_date(now, timezone))


def _watched() -> list[tuple[int, str]]:
    rows = session().execute(
        select(Taxpayer.id, Tenant.timezone)
        .join(Tenant, Tenant.id == Taxpayer.tenant_id)
        .join(TenantPlugin, TenantPlugin.tenant_id == Tenant.id)
        .where(
            TenantPlugin.plugin == _PLUGIN,
            TenantPlugin.enabled,
            Tenant.active,
            Taxpayer.small_business_since.is_not(None),
            Taxpayer.small_business_until.is_(None),
        )
        .order_by(Taxpayer.id)
    )
    found = [(key, timezone) for key, timezone in rows]
    session().rollback()
    return found


def _look(taxpayer_id: int, today: date) -> None:
    row = session().get_one(Taxpayer, taxpayer_id)
    found = session().scalars(
        select(Administration).where(
            Administration.tenant_id == row.tenant_id,
            Administration.tax_number == row.tax_number,
        )
    )
    sales = turnover.of(found.all(), today.year).sales
    standing = small_business.home_standing(today.year, sales)
    since = row.small_business_since
    passed = standing.ends_on
    row.small_business_passed_on = max(passed, since) if passed and since else None
    if passed is not None:
        _tell(row, PASSED, standing)
    elif is_near(standing):
        _tell(row, NEAR, standing)


def _tell(row: Taxpayer, code: str, standing: Standing) -> None:
    """Say each thing once a year."""
    told = f"{standing.year}:{code}"
    if row.small_business_told == told:
        return
    row.small_business_told = told
    words = {
        "tax_number": row.tax_number,
        "amount": str(standing.counted),
        "limit": str(standing.limit),
        "sale": standing.passed_by or str(standing.year - 1),
        "date": standing.ends_on.isoformat() if standing.ends_on else "",
    }
    log.write(row.tenant_id, code, level=LogLevel.WARNING, params=words)
    mail.to_tenant(
        row.tenant_id,
        "belastingdienst_small_business",
        dedup_key=f"kor:{row.id}:{told}",
        code=code,
        params=words,
    )
