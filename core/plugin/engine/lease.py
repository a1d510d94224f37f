"""Leases: due rows that one worker at a time holds, and that only the holder writes.

A lease has a token, an attempt number and an end by the clock that all workers share.
A worker that died gives nothing back: its lease runs out. A worker that slept finds
that another has the row, and writes nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_hex
from time import monotonic
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import ColumnElement, Select, inspect, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.domain.clock import utcnow
from core.domain.errors import LeaseLost
from core.models import Base
from core.plugin.database import session, shared_now, transaction
from core.plugin.engine import fairness, room
from core.plugin.engine.terms import terms

HELD = 20.0
"""Seconds after which a lease is renewed before anything more is sent."""
SIGN_OF_LIFE = 24.0
"""Seconds after the last sign of life of its holder that a lease ends."""
AT_ONCE = 200
"""Rows that one look of the dispatcher wakes."""

Row = TypeVar("Row", bound=Base)
Conditions = Sequence[ColumnElement[bool]]


@dataclass(frozen=True)
class Columns:
    """The names of a table's lease columns; as `core.models.base.Leased` has them."""

    until: str = "lease_until"
    token: str = "lease_token"  # noqa: S105  a column's name
    attempt: str = "attempt"
    """Empty: attempts are not counted."""
    taken_at: str = ""
    """When it was last taken; empty: that is not kept."""


def is_free(
    until: InstrumentedAttribute[datetime | None], now: datetime
) -> ColumnElement[bool]:
    """Return: nobody holds it (any more)."""
    return or_(until.is_(None), until < now)


@dataclass(frozen=True, eq=False)
class DueRows(Generic[Row]):
    """The rows of one table that workers take on a lease."""

    model: type[Row]
    due: Callable[[datetime], Conditions]
    """What makes a row due by the shared clock, beside being free."""
    order_by: Sequence[Any] = ()
    term: timedelta | None = None
    """How long a lease lasts; None: the setting `lease_seconds`."""
    beats: bool = False
    """Who holds it gives a sign of life each third of the term, so it is short."""
    fair: bool = False
    """The tenant served longest ago with this kind goes first."""
    columns: Columns = field(default_factory=Columns)

    @property
    def key(self) -> ColumnElement[int]:
        """The column a row is known by."""
        (column,) = inspect(self.model).primary_key
        return cast("ColumnElement[int]", getattr(self.model, column.name))

    @property
    def kind(self) -> str:
        """The name under which its tenants have their turns."""
        return str(self.model.__tablename__)

    @property
    def owner(self) -> ColumnElement[int]:
        """Whose turn a row takes."""
        return fairness.owner_of(self._column("tenant_id"))

    def is_due(self, now: datetime) -> Conditions:
        """Return what makes a row somebody's to take."""
        return (is_free(self._column(self.columns.until), now), *self.due(now))

    def due_keys(self, now: datetime) -> Sequence[int]:
        """Return which rows the dispatcher wakes a worker for."""
        query = select(self.key).where(*self.is_due(now)).order_by(*self.order_by)
        return session().scalars(query.limit(AT_ONCE)).all()

    def next_keys(self, most: int, *which: ColumnElement[bool]) -> Sequence[int]:
        """Return the rows whose turn is next, the first first."""
        query = self._in_turn(select(self.key), self.fair, shared_now(), *which)
        return session().scalars(query.limit(most)).all()

    def served_since(self, moment: datetime) -> ColumnElement[bool]:
        """Return: the row's tenant had its turn after a moment (shared clock)."""
        return fairness.served_since(self.kind, self.owner, moment)

    def take(self, key: int) -> "Lease[Row] | None":
        """Take this row; None when it is not due, or is another's."""
        return self._take(self.key == key)

    def take_next(self, *which: ColumnElement[bool]) -> "Lease[Row] | None":
        """Take the row whose turn it is, in `order_by`; None when nothing is due."""
        return self._take(*which)

    def take_of(self, owner: int, *which: ColumnElement[bool]) -> "Lease[Row] | None":
        """Take the next row of this owner; it has its turn."""
        return self._take(self._is_of(owner), *which, in_turn=False)

    def waiting(self) -> Sequence[int]:
        """Return whose rows are due, who was served longest ago first.

        It looks at everything that is due: ask it now and then, not for every row.
        """
        with transaction() as current:
            query = select(self.owner).where(*self.is_due(shared_now()))
            query = fairness.longest_waiting(query, self.kind, self.owner)
            return current.scalars(query.group_by(self.owner, *fairness.BY)).all()

    def _is_of(self, owner: int) -> ColumnElement[bool]:
        tenant = self._column("tenant_id")
        return tenant.is_(None) if owner == fairness.NOBODY else tenant == owner

    def _take(
        self, *which: ColumnElement[bool], in_turn: bool = True
    ) -> "Lease[Row] | None":
        with transaction():
            return self.taken(*which, in_turn=in_turn)

    def taken(
        self, *which: ColumnElement[bool], in_turn: bool = True
    ) -> "Lease[Row] | None":
        """Take a row in the caller's transaction; none while the disk is short."""
        if room.is_short():
            return None
        now, current = shared_now(), session()
        row = current.scalar(self._next(now, *which, in_turn=in_turn))
        if row is None:
            return None
        ahead = now - utcnow()
        lease = Lease(self, row, token_hex(16), now + self.length(), ahead=ahead)
        setattr(row, self.columns.until, lease.until)
        setattr(row, self.columns.token, lease.token)
        if self.columns.attempt:
            lease.attempt = getattr(row, self.columns.attempt) + 1
            setattr(row, self.columns.attempt, lease.attempt)
        if self.columns.taken_at:
            setattr(row, self.columns.taken_at, now)
        if self.fair:
            fairness.served(self.kind, lease.owner, now)
        current.flush()
        return lease

    def _next(
        self, now: datetime, *which: ColumnElement[bool], in_turn: bool
    ) -> Select[Row]:
        query = select(self.model)
        return (
            self._in_turn(query, self.fair and in_turn, now, *which)
            .limit(1)
            .with_for_update(skip_locked=True, of=self.model)
            .execution_options(populate_existing=True)
        )

    def _in_turn(
        self, query: Select[Any], fair: bool, now: datetime, *which: ColumnElement[bool]
    ) -> Select[Any]:
        query = query.where(*which, *self.is_due(now))
        if fair:
            query = fairness.longest_waiting(query, self.kind, self.owner)
        return query.order_by(*self.order_by)

    def take_all(
        self, keys: Sequence[int], token: str, until: datetime, **values: Any
    ) -> None:
        """Put rows under a lease in the caller's transaction, which keeps others from
        them; for a batch under the lease of what it belongs to."""
        attempt = self._column(self.columns.attempt)
        held = {
            self.columns.until: until,
            self.columns.token: token,
            self.columns.attempt: attempt + 1,
        }
        self._update((self.key.in_(keys),), {**held, **values})

    def change(self, token: str, *which: ColumnElement[bool], **values: Any) -> int:
        """Change rows of a token, in the caller's transaction; return how many."""
        held = self._column(self.columns.token) == token
        return self._update((*which, held), values)

    def _update(self, which: Conditions, values: dict[str, Any]) -> int:
        changed = session().execute(
            update(self.model)
            .where(*which)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        count: int = changed.rowcount  # type: ignore[attr-defined]  # of an update
        return count

    def length(self) -> timedelta:
        """Return how long a lease lasts."""
        seconds = float(terms().lease_seconds)
        if self.beats:
            seconds = min(seconds, SIGN_OF_LIFE)
        return self.term or timedelta(seconds=seconds)

    def _column(self, name: str) -> InstrumentedAttribute[Any]:
        column: InstrumentedAttribute[Any] = getattr(self.model, name)
        return column


@dataclass
class Lease(Generic[Row]):
    """One row in the hands of one worker."""

    rows: DueRows[Row]
    row: Row
    """As it stood when it was taken, or when it was last `read`."""
    token: str
    until: datetime
    attempt: int = 0
    held_at: float = field(default_factory=monotonic)
    """When the lease was last seen to be ours, by the monotonic clock."""
    ahead: timedelta = timedelta()
    """How far the shared clock was ahead of this host's when it was taken."""
    key: int = field(init=False)

    def __post_init__(self) -> None:
        (self.key,) = inspect(self.rows.model).primary_key_from_instance(self.row)

    @property
    def owner(self) -> int:
        """The tenant whose turn it takes; 0: nobody's."""
        return getattr(self.row, "tenant_id", None) or fairness.NOBODY

    def now(self) -> datetime:
        """Return this moment by the shared clock, without asking for it."""
        return utcnow() + self.ahead

    @contextmanager
    def work(self, *, release: bool = False) -> Iterator[Session]:
        """Commit under the lease what is done inside; with `release` it ends there.

        Raises LeaseLost, before anything is written, when another worker has the row.
        """
        began = monotonic()
        with transaction() as current:
            self.hold()
            yield current
            current.flush()
            if release:
                self.release()
        self.held_at = began

    def hold(self) -> None:
        """Hold it for another term, in the caller's transaction; else LeaseLost."""
        self.until = shared_now() + self.rows.length()
        if not self.write(**{self.rows.columns.until: self.until}):
            raise LeaseLost

    def make_sure(self) -> None:
        """Make sure that it is still ours, right before something is sent.

        Raises LeaseLost when another has it, or when this process slept meanwhile.
        """
        if monotonic() - self.held_at > HELD:
            with self.work():
                pass
        if monotonic() - self.held_at > terms().send_seconds:
            raise LeaseLost

    def read(self) -> Row:
        """Return the row as it stands, in the current transaction."""
        self.row = session().get_one(self.rows.model, self.key, populate_existing=True)
        return self.row

    def release(self) -> None:
        """End the lease in the caller's transaction, if it is still ours."""
        self.write(**{self.rows.columns.until: None, self.rows.columns.token: ""})

    def serve(
        self, step: Callable[[], None], failed: Callable[[Exception], None]
    ) -> None:
        """Take the row a step on and give it back; `failed` settles what went wrong.

        Nothing more is written once another worker has the row.
        """
        try:
            step()
        except LeaseLost:
            session().rollback()
            return
        except Exception as error:
            session().rollback()
            with suppress(LeaseLost):
                failed(error)
        self.give_back()

    def give_back(self) -> None:
        """End the lease, if it is still ours; commits by itself."""
        with transaction():
            self.release()

    def write(self, **values: Any) -> int:
        """Change the row in the caller's transaction; return 0 when it is not ours."""
        return self.rows.change(self.token, *self._fence(), **values)

    def _fence(self) -> Conditions:
        own = self.rows.key == self.key
        if not self.rows.columns.attempt:
            return (own,)
        return own, getattr(self.rows.model, self.rows.columns.attempt) == self.attempt
