"""How the KOR and EU-KOR of a taxpayer stand; told at 80 % and when it is passed.

Looked at once a day. The day of the sale that passes the limit is kept: from then on
returns are due again, whatever the settings say.
"""

from collections.abc import Iterator, Mapping, Sequence
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
from plugins.belastingdienst.law import dates, small_business
from plugins.belastingdienst.law.doubts import Doubt
from plugins.belastingdienst.law.small_business import Standing, Statement
from plugins.belastingdienst.law.spans import Span, before, quarter_of
from plugins.belastingdienst.models import Administration, Taxpayer
from plugins.belastingdienst.sales import turnover
from plugins.belastingdienst.setup import kor, taxpayers
from plugins.belastingdienst.setup.kor import Stretch

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
    joined: tuple[Doubt, ...]
    """What stood in the way of the KOR when it began."""
    union: Standing | None
    states: tuple[tuple[str, Standing | None, tuple[Doubt, ...]], ...]
    """Per other state: None where its limit is unknown."""
    quarters: tuple[Quarter, ...]
    """Ended ones, the newest first."""
    at_once: Quarter | None
    """Due within fifteen working days: the sale that passed 100,000 was in it."""
    is_whole: bool
    known_late: Mapping[str, date]
    """Shops of which orders are here only from a day within what counts."""

    def is_complete(self, quarter: Quarter) -> bool:
        """Tell whether the orders of a whole quarter are here."""
        start = quarter.statement.quarter.start
        return all(first <= start for first in self.known_late.values())


def is_near(standing: Standing) -> bool:
    """Tell whether 80 % of a limit is reached."""
    return standing.counted >= standing.limit * WARN


def of(
    taxpayer: Taxpayer, found: Sequence[Administration], today: date
) -> Standings | None:
    """Return how a taxpayer stands on a local day; None: he is in no such scheme.

    `found` are his administrations.
    """
    stretches = kor.of(taxpayer.tenant_id, taxpayer.tax_number)
    in_home = kor.current(stretches, today)
    in_union = _holds(taxpayer.union_scheme_since, taxpayer.union_scheme_until)
    since = taxpayer.union_scheme_since
    if not in_home and not in_union:
        return None
    known = turnover.of(found, today.year)
    sales = known.sales
    home = small_business.home_standing(today.year, sales) if in_home else None
    joined = tuple(_may_join(in_home, stretches, sales)) if in_home else ()
    if not in_union or since is None:
        return Standings(
            home, joined, None, (), (), None, known.is_whole, known.known_late
        )
    states = sorted({one.country for one in sales} - {"NL"} & set(MEMBER_STATES))
    return Standings(
        home,
        joined,
        small_business.union_standing(today.year, sales),
        tuple(_state(state, today.year, sales) for state in states),
        tuple(_quarters(sales, since, today)),
        _at_once(sales, today.year),
        known.is_whole,
        known.known_late,
    )


def _holds(since: date | None, until: date | None) -> bool:
    return since is not None and until is None


def _may_join(
    now: Stretch,
    stretches: Sequence[Stretch],
    sales: Sequence[small_business.Turnover],
) -> Iterator[Doubt]:
    """Yield what stood in the way on its first day, as far as that is known here."""
    before = [one.end for one in stretches if one.end < now.start]
    earlier = [one for one in sales if one.on < now.start]
    yield from small_business.may_join(now.start, max(before, default=None), earlier)


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


def _at_once(sales: Sequence[small_business.Turnover], year: int) -> Quarter | None:
    within = [one for one in sales if one.country in MEMBER_STATES]
    standing = small_business.union_standing(year, within)
    if standing.ends_on is None or not standing.passed_by:
        return None
    made = small_business.until_passed(
        quarter_of(standing.ends_on), within, standing, MEMBER_STATES
    )
    if made is None:
        return None
    return Quarter(made, small_business.told_until(standing.ends_on))


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
        with rounds.alone("small business", taxpayer=taxpayer_id), transaction():
            _look(taxpayer_id, local_date(now, timezone))


def _watched() -> list[tuple[int, str]]:
    rows = session().execute(
        select(Tenant.id, Tenant.timezone)
        .join(TenantPlugin, TenantPlugin.tenant_id == Tenant.id)
        .where(
            TenantPlugin.plugin == _PLUGIN,
            TenantPlugin.enabled,
            Tenant.active,
        )
        .order_by(Tenant.id)
    )
    zones = {one.id: one.timezone for one in rows}
    found = [
        (_taxpayer_id(*number), zones[number[0]])
        for number, days in kor.of_tenants(zones).items()
        if days[-1].goes_on
    ]
    session().commit()
    return found


def _taxpayer_id(tenant_id: int, tax_number: str) -> int:
    """Return the row of a taxpayer, made where nothing was said of him."""
    named = {"tenant_id": tenant_id, "tax_number": tax_number}
    one = select(Administration).filter_by(**named).limit(1)
    return taxpayers.of(session().scalars(one).one()).id


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
    since = kor.of(row.tenant_id, row.tax_number)[-1].start
    row.small_business_passed_on = _passed_on(row, since, sales, today.year)
    if standing.ends_on is not None:
        _tell(row, PASSED, standing)
    elif is_near(standing):
        _tell(row, NEAR, standing)


def _passed_on(
    row: Taxpayer, since: date, sales: Sequence[small_business.Turnover], year: int
) -> date | None:
    """Return the first day since the scheme began on which it had ended.

    A new year does not move it: `sales` are those of two years, what was passed
    before them stays as it was kept.
    """
    kept = row.small_business_passed_on
    if kept is not None and since <= kept < date(year - 1, 1, 1):
        return kept
    both = (small_business.home_standing(each, sales) for each in (year - 1, year))
    days = (max(one.ends_on, since) for one in both if one.ends_on is not None)
    return min(days, default=None)


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
