"""The calls of a month: counted before they are made, held below the limit, foretold.

The vendor allows 5,000 calls a month by SOAP (contract 2, E003.1). Whether opening
and closing a session count is not known, so they are counted too. Of REST no limit is
known: its calls are counted and never refused by us.

A client takes it as any `core.net.ratelimit.CallLimit`. What remains of its own is what
`Limiter` cannot promise: the month is the tenant's calendar month, not thirty days; the
count is in the database, since Redis may be lost and the vendor does not forget; a part
is kept for bookings; and the user is shown what went and what the month will take.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import select

from core.domain.clock import utcnow
from core.domain.errors import KoppelwerkError, WaitUntil
from core.plugin import connections
from core.plugin.database import insert_for, session, transaction
from core.plugin.tables import Connection, Tenant
from plugins.eboekhouden.models import EBoekhoudenCalls
from plugins.eboekhouden.refusals import SERVICE
from plugins.eboekhouden.settings import settings

RESERVE_SHARE = 10
"""One call in ten is kept for bookings: reading relations stops there."""
RUNS_OUT = "eboekhouden_calls_run_out"
DAYS = 31
"""Of the longest month, by which costs are told beforehand."""
CALLS_PER_RUN = 3
"""By SOAP: a session is opened, all relations come in one call, it is closed."""
_DAILY_RUNS = 2
"""Ledger accounts and open items, each in a session of its own, once a day."""
_MARGIN_SECONDS = 300
"""The vendor's month may begin a little after ours."""


@dataclass(frozen=True)
class Forecast:
    """What the dashboard shows of a connection's calls this month."""

    calls: int
    """So far."""
    expected: int
    """At the month's end, when it goes on as it went until now."""
    limit: int | None
    """None: no limit is known (REST)."""

    @property
    def exceeds(self) -> bool:
        """Tell whether the month would end above the limit."""
        return self.limit is not None and self.expected > self.limit


def forecast(calls: int, now: datetime, limit: int | None) -> Forecast:
    """Foretell the calls at the month's end; `now` in the tenant's local time.

    In proportion to the time that passed; in the first day as if a day had passed,
    since the first loads say nothing about the rest.
    """
    begin, end = month_bounds(now)
    day = Decimal(86_400)
    passed = max(Decimal(int((now - begin).total_seconds())), day)
    whole = Decimal(int((end - begin).total_seconds()))
    expected = (calls * whole / passed).quantize(Decimal(1), ROUND_HALF_UP)
    return Forecast(calls, max(int(expected), calls), limit)


def month_bounds(now: datetime) -> tuple[datetime, datetime]:
    """Return the first moment of the month and of the next one, local time."""
    begin = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    days = monthrange(now.year, now.month)[1]
    return begin, begin + timedelta(days=days)


def cost_of_runs(minutes: int, relations: int | None = None) -> int:
    """Return how many calls a month scheduled runs every so many minutes take.

    Without bookings. `relations`: over REST each one is a call of its own; None: SOAP.
    """
    runs = DAYS * 24 * 60 // minutes
    per_run = CALLS_PER_RUN if relations is None else CALLS_PER_RUN + relations
    return runs * per_run + DAYS * _DAILY_RUNS * CALLS_PER_RUN


class Budget:
    """Counts one connection's calls; the `CallCounter` that its client gets."""

    def __init__(
        self, connection: Connection, *, limit: int | None, for_booking: bool
    ) -> None:
        """Bind to a connection. `for_booking`: may use the reserve as well."""
        self._connection_id = connection.id
        self._tenant_id = connection.tenant_id
        tenant = session().get_one(Tenant, connection.tenant_id)
        self._zone = ZoneInfo(tenant.timezone)
        self._limit = limit
        self._for_booking = for_booking

    @property
    def ceiling(self) -> int | None:
        """How many calls this client may make a month, all connections' own."""
        if self._limit is None or self._for_booking:
            return self._limit
        return self._limit - self._limit // RESERVE_SHARE

    def acquire(self, endpoint: str) -> None:
        """Count one call, committed before it is made.

        Raises WaitUntil `eboekhouden_month_limit` instead when none is left. Ending a
        session is always let through: it frees what was begun within the limit.
        """
        ceiling = self.ceiling
        ends = endpoint in ("CloseSession", "DELETE /v1/session")
        if ceiling is not None and not ends and self.calls() >= ceiling:
            session().rollback()
            raise self.refused()
        statement = insert_for(EBoekhoudenCalls).values(
            tenant_id=self._tenant_id,
            connection_id=self._connection_id,
            month=self._month(),
            calls=1,
        )
        statement = statement.on_conflict_do_update(
            index_elements=["connection_id", "month"],
            set_={"calls": EBoekhoudenCalls.calls + 1},
        )
        with transaction() as current:
            current.execute(statement)

    def calls(self) -> int:
        """Return how many calls were made this month."""
        found = session().scalar(
            select(EBoekhoudenCalls.calls).where(
                EBoekhoudenCalls.connection_id == self._connection_id,
                EBoekhoudenCalls.month == self._month(),
            )
        )
        return found or 0

    def refused(self) -> KoppelwerkError:
        """Return the error that waits for the next month.

        A booking that finds no call left holds the whole connection up; a reading
        leaves the reserve to the bookings.
        """
        now = self._now()
        seconds = (month_bounds(now)[1] - now).total_seconds() + _MARGIN_SECONDS
        return WaitUntil(
            "eboekhouden_month_limit",
            seconds=seconds,
            whole_connection=self._for_booking,
            service=SERVICE,
            limit=self._limit if self._limit is not None else "-",
        )

    def forecast(self) -> Forecast:
        """Return the calls so far and at the month's end."""
        return forecast(self.calls(), self._now(), self._limit)

    def note(self) -> None:
        """Let the connection's dot warn while the month would end above the limit.

        In the caller's transaction.
        """
        code = RUNS_OUT if self.forecast().exceeds else ""
        connections.warn(self._connection_id, code)

    def _now(self) -> datetime:
        return utcnow().astimezone(self._zone)

    def _month(self) -> str:
        return self._now().strftime("%Y-%m")


def budget_of(connection: Connection, *, for_booking: bool = False) -> Budget:
    """Return a connection's budget; only SOAP has a limit."""
    return Budget(connection, limit=limit_of(connection), for_booking=for_booking)


def limit_of(connection: Connection) -> int | None:
    """Return how many calls a connection may make a month; None: no limit known."""
    if is_rest(connection.facts):
        return None
    return settings().eboekhouden_calls_per_month or None


def is_rest(facts: Mapping[str, object]) -> bool:
    """Tell whether a connection was made by access token."""
    return facts.get("interface") == "rest"
