"""How long rows are kept: a line per table with times, carried out by the clock.

A table is walked through by its ids, some thousand rows a transaction, and anew a day
after it was done: no statement is long, and none needs an index of its own. How long
the law keeps what was booked: `core.rules.keeping`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    delete,
    func,
    not_,
    or_,
    select,
    true,
    update,
)

from core.models import (
    ActorKind,
    InboxEvent,
    InboxState,
    LogEntry,
    Mark,
    ProblemReport,
    RequestState,
    Step,
    Takeover,
)
from core.plugin.engine.rounds import Part, alone, begin
from core.rules.keeping import LONGEST_YEARS
from core.rules.log_subjects import Subject
from core.runtime import log, throttle
from core.runtime.database import session, transaction
from core.runtime.tenancy import system_scope
from core.services.api import idempotency, webhooks_out
from core.services.crm import relation_import
from core.services.linking import choosing, oauth_flow
from core.services.mailing import mail, notices
from core.services.operations import problem_files
from core.services.people import links
from core.services.syncing import relation_lines

BATCH, MOST_BATCHES = 2000, 20
EVERY = timedelta(minutes=10)
REST = timedelta(days=1)
BODIES = timedelta(days=30)
LOG = timedelta(days=90)
LOG_OF_PEOPLE = timedelta(days=365)
LAW = timedelta(days=366 * (LONGEST_YEARS + 1))
"""As long as any law keeps it, with the rest of its year."""


@dataclass(frozen=True)
class Expires:
    """Rows whose time is over: deleted, or emptied where there are `values`."""

    name: str
    model: Any
    moment: Any
    after: timedelta
    which: ColumnElement[bool] = field(default_factory=true)
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def table(self) -> str:
        """The table's name."""
        return str(self.model.__tablename__)


@dataclass(frozen=True)
class Swept:
    """Rows that a part of the clock's rounds lets go after a time of its own."""

    table: str
    by: Callable[..., Any]


@dataclass(frozen=True)
class Stays:
    """Rows that stay as long as what they are of, or as the law says."""

    table: str
    why: str


_of_law = or_(
    LogEntry.subject.in_(
        (
            Subject.INVOICE,
            Subject.LICENCE,
            Subject.DECLARATION,
            Subject.CONFIGURATION,
        )
    ),
    LogEntry.invoice_id.is_not(None),
)
"""Entries that tell how books came about: invoices, declarations, how it was set."""
_by_person = LogEntry.actor != ActorKind.SYSTEM
_BOOKS, _TENANT, _STATE = "books: the law", "with its tenant", "where something stands"

RULES: Sequence[Expires | Swept | Stays] = (
    Expires("log", LogEntry, LogEntry.at, LOG, and_(not_(_of_law), not_(_by_person))),
    Expires(
        "log of people", LogEntry, LogEntry.at, LOG_OF_PEOPLE,
        and_(not_(_of_law), _by_person),
    ),
    Expires("log of books", LogEntry, LogEntry.at, LAW),
    Expires("exchanges", Step, Step.sent_at, BODIES, Step.exchange != "",
            {"exchange": ""}),
    Expires("hints", InboxEvent, InboxEvent.received_at, BODIES,
            InboxEvent.state != InboxState.NEW),
    Expires("reports", ProblemReport, ProblemReport.created_at, LOG_OF_PEOPLE,
            ProblemReport.state == RequestState.CLOSED),
    Expires("takeovers", Takeover, Takeover.ends_at, LOG_OF_PEOPLE),
    Swept("connection_choice", choosing.sweep),
    Swept("idempotency_key", idempotency.sweep),
    Swept("mail", mail.forget),
    Swept("notice", notices.forget),
    Swept("oauth_state", oauth_flow.sweep),
    Swept("one_time_link", links.sweep),
    Swept("problem_file", problem_files.forget),
    Swept("relation_import", relation_import.forget),
    Swept("relation_line", relation_lines.forget),
    Swept("throttle", throttle.sweep),
    Swept("webhook_delivery", webhooks_out.sweep),
    Stays("api_token", _TENANT),
    Stays("backfill", _BOOKS),
    Stays("connection", _TENANT),
    Stays("coupling", _TENANT),
    Stays("credential", "with its connection"),
    Stays("invoice_attachment", _BOOKS),
    Stays("licence", _BOOKS),
    Stays("link", "with its connection"),
    Stays("mark", _STATE),
    Stays("open_item", "with its invoice"),
    Stays("order_refund", _BOOKS),
    Stays("relation", "until its tenant deletes it"),
    Stays("relation_change", "with its relation"),
    Stays("relation_decision", "with its relation"),
    Stays("relation_distinct", "with its relation"),
    Stays("relation_link", "with its relation"),
    Stays("relation_merge", "with its relation"),
    Stays("relation_run", _TENANT),
    Stays("relation_sync", _STATE),
    Stays("relation_trouble", "until it is solved"),
    Stays("restore_point", _STATE),
    Stays("sales_invoice", _BOOKS),
    Stays("service_invoice", _BOOKS),
    Stays("service_request", _TENANT),
    Stays("shop_order", _BOOKS),
    Stays("tally", _STATE),
    Stays("tally_day", _BOOKS),
    Stays("tenant", "until it is erased"),
    Stays("transfer", _BOOKS),
    Stays("trial_use", "one trial per shop: hashes only"),
    Stays("turn", _STATE),
    Stays("user", _TENANT),
    Stays("waiting_invoice", "until it is sent"),
    Stays("webhook_endpoint", _TENANT),
)  # fmt: skip
"""Every table of the core with a moment; those of plugins stay with what they are of,
or are let go by the plugin."""


def _run(now: datetime) -> None:
    for rule in RULES:
        if isinstance(rule, Expires):
            with alone(f"retention: {rule.name}"):
                walk(rule, now)


PART = Part("retention", _run)


def walk(rule: Expires, now: datetime) -> None:
    """Go some way through a rule's table, if it is time; commits by itself."""
    name = f"retention {rule.name}"
    with system_scope():
        with transaction():
            place = begin(name, EVERY, now)
        for _each in range(MOST_BATCHES if place is not None else 0):
            with transaction():
                place = _step(rule, place or 0, now)
                # At the end it begins anew, a day later.
                rest = now if place else now + REST - EVERY
                session().execute(
                    update(Mark)
                    .where(Mark.name == name)
                    .values(value=place, read_at=rest)
                    .execution_options(synchronize_session=False)
                )
            if not place:
                return


def _step(rule: Expires, place: int, now: datetime) -> int:
    """Let go what is over in the next rows behind an id; return the last id of them.

    0 when there was none.
    """
    key = rule.model.id
    some = select(key).where(key > place).order_by(key).limit(BATCH).subquery()
    last = session().scalar(select(func.max(some.c.id)))
    if last is None:
        return 0
    over = (key > place, key <= last, rule.moment < now - rule.after, rule.which)
    if rule.values:
        change: Any = update(rule.model).where(*over).values(rule.values)
    else:
        change = delete(rule.model).where(*over)
    session().execute(
        change.execution_options(synchronize_session=False, **{log.EXPIRES: True})
    )
    return int(last)
