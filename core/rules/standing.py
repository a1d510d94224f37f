"""What state a coupling is in: from facts to one colour, one reason, one way out.

Pure. Each rule knows one kind of fact; they stand in order of gravity and the first
that has something to say is the answer, on every screen, in the API and in mails. Red:
nothing goes until somebody acts. Amber: it goes, or will by itself, but look. Grey:
somebody wanted it so, or it has not begun.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from core.domain.errors import ClientRefused

LATE = timedelta(minutes=90)
"""A run this long overdue means that nothing works for us (manual 004: hourly)."""
ASKS = ("relations_preview_needed",)
"""Codes of a run that waits for a person."""
BY_USER = ("ended_by_user", "cancelled_by_user")
"""Reasons of an end that its user chose; any other came from outside."""
SOON = 7
"""Days before the end of a licence from which on the dot warns (the first mail)."""
LAST = 1
"""Days before its end from which on every page says so (the second mail)."""


class Dot(StrEnum):
    """The colour; each has a word that stands beside it."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    GREY = "grey"


class Way(StrEnum):
    """What the one button does."""

    ORDER = "order"
    """Order a year."""
    PAY = "pay"
    """See the invoice that is open."""
    LICENSE = "license"
    """Begin a licence for a coupling that has none."""
    INSTALL = "install"
    """Go on with the installation."""
    SWITCH_ON = "switch_on"
    CONNECT = "connect"
    CONFIGURE = "configure"
    LOOK = "look"
    """See a preview that waits to be confirmed."""
    CHECK = "check"
    """*Status controleren*."""
    VIEW = "view"
    """See what the plugin's page says."""
    ASK = "ask"
    """Ask us."""


OWNERS = frozenset((Way.ORDER, Way.PAY, Way.LICENSE, Way.INSTALL, Way.CONFIGURE))
"""Ways that only an owner may go."""
MAKERS = frozenset((Way.SWITCH_ON, Way.CONNECT, Way.CHECK))
"""Ways that ask for the right to make connections of the side's plugin."""


class SideName(StrEnum):
    """Where a reason is found."""

    SOURCE = "source"
    TARGET = "target"
    NEITHER = ""


@dataclass(frozen=True)
class SideFacts:
    """What the dot of a connection is derived from."""

    state: str
    """`new`, `connected`, `paused` or `ended`."""
    enabled: bool = True
    reason: str = ""
    last_run_error: str = ""
    next_run_at: datetime | None = None
    not_before: datetime | None = None
    warning: str = ""
    """Code of what the plugin warns of: all works, but not for long."""
    rests: bool = False
    """It gave no usable answer so often that it is tried now and then only."""
    was_read: bool = True
    """A scheduled run was made since it was connected."""


@dataclass(frozen=True)
class LicenceFacts:
    """A licence, as it covers a coupling."""

    state: str
    """`trial`, `paid`, `expired` or `cancelled`."""
    days_left: int
    """Whole days after today on which it still holds; below nil: it is over."""
    reason: str = ""
    """Code of why it ended."""
    owes: bool = False
    """An invoice of it waits for its payment."""
    was_paid: bool = False
    """A year of it was paid once; else it is, or was, a trial."""

    @property
    def is_trial(self) -> bool:
        """Whether its days are those of a trial."""
        return self.state == "trial" or not self.was_paid

    @property
    def is_live(self) -> bool:
        """Whether what it covers may be booked."""
        return self.state in ("trial", "paid") and self.days_left >= 0

    @property
    def is_resumable(self) -> bool:
        """Whether it goes on by itself once the shop is connected again."""
        is_removed = self.state == "cancelled" and self.reason not in BY_USER
        return is_removed and self.days_left >= 0

    @property
    def is_going(self) -> bool:
        """Whether its days count down."""
        return self.is_live or self.is_resumable


@dataclass(frozen=True)
class CouplingFacts:
    """What the state of a coupling is derived from."""

    source: SideFacts
    target: SideFacts
    licence: LicenceFacts | None = None
    """None: the coupling has none of its own."""
    licensed: bool = True
    """Whether it may book by its licence, or without one (`coverage`)."""
    enabled: bool = True
    is_configured: bool = True
    missing: str = ""
    """Code of the first thing that Configuratie lacks."""


@dataclass(frozen=True)
class Status:
    """A dot with the codes of its text (`core.texts`) and of the error behind it."""

    dot: Dot
    code: str
    cause: str = ""
    """Code of the error that led to it; empty when there is none."""
    way: Way | None = None
    """The one thing to do about it; None: nothing, or not for this user."""
    books: bool = True
    """Whether documents go, now or by themselves in a while."""
    side: SideName = SideName.NEITHER
    is_for_others: bool = False
    """There is something to do, but not for this user."""


@dataclass(frozen=True)
class Rights:
    """What a user may do about a coupling."""

    is_owner: bool = True
    makes_source: bool = True
    makes_target: bool = True

    def allow(self, way: Way, side: SideName) -> bool:
        """Tell whether the user may go a way at a side."""
        if way in OWNERS:
            return self.is_owner
        if way not in MAKERS:
            return True
        return {
            SideName.SOURCE: self.makes_source,
            SideName.TARGET: self.makes_target,
            SideName.NEITHER: self.makes_source and self.makes_target,
        }[side]


def side_status(facts: SideFacts, now: datetime) -> Status:
    """Return the dot of a connection by itself."""
    if not facts.enabled:
        return Status(Dot.GREY, "status_switched_off", way=Way.SWITCH_ON, books=False)
    if facts.state != "connected":
        return _not_connected(facts)
    return _hindered(facts, now) or Status(Dot.GREEN, "status_connected")


def _not_connected(facts: SideFacts) -> Status:
    if facts.state == "paused" and facts.reason == ClientRefused.CODE:
        return Status(Dot.AMBER, "status_held", facts.reason, books=False)
    dot, code, cause = Dot.GREY, "status_new", ""
    if facts.state == "ended" and facts.reason in (*BY_USER, ""):
        code, cause = "status_ended", facts.reason
    elif facts.state == "ended":
        dot, code, cause = Dot.RED, "status_removed", facts.reason
    elif facts.state == "paused":
        dot, code, cause = Dot.RED, "status_paused", facts.reason
    elif facts.last_run_error:
        dot, code, cause = Dot.RED, "status_not_made", facts.last_run_error
    return Status(dot, code, cause, Way.CONNECT, books=False)


def _hindered(facts: SideFacts, now: datetime) -> Status | None:
    """Return what stands in the way of a side that is connected."""
    failed = facts.last_run_error
    if failed in ASKS:
        return Status(Dot.AMBER, "status_asks", failed, Way.LOOK)
    if failed:
        return Status(Dot.AMBER, "status_run_failed", failed, Way.CHECK)
    if facts.not_before is not None and facts.not_before > now:
        return Status(Dot.AMBER, "status_rests" if facts.rests else "status_waiting")
    if facts.next_run_at is not None and facts.next_run_at + LATE < now:
        return Status(Dot.AMBER, "status_late", way=Way.ASK)
    if facts.warning:
        return Status(Dot.AMBER, "status_warning", facts.warning, Way.VIEW)
    return None


def coupling_status(
    facts: CouplingFacts, now: datetime, rights: Rights | None = None
) -> Status:
    """Return the state of a coupling; the gravest fact wins.

    With `rights` as that user may act on it.
    """
    found = (
        _licence_over(facts)
        or _switched_off(facts)
        or _broken(facts, now)
        or _unconfigured(facts)
        or _worst_hindrance(facts, now)
        or _licence_ending(facts)
        or _first_reading(facts)
        or Status(Dot.GREEN, "status_good")
    )
    return found if rights is None else _as_allowed(found, rights)


def _as_allowed(found: Status, rights: Rights) -> Status:
    if found.way is None or rights.allow(found.way, found.side):
        return found
    return replace(found, way=None, is_for_others=True)


def _licence_over(facts: CouplingFacts) -> Status | None:
    licence = facts.licence
    if licence is None:
        if facts.licensed:
            return None
        return Status(Dot.RED, "status_unlicensed", way=Way.LICENSE, books=False)
    if licence.is_live:
        return None
    if licence.is_resumable and facts.source.state != "connected":
        return None  # the side says why, and connecting it is the way out
    is_wanted = licence.reason in BY_USER
    cause = BY_USER[-1] if is_wanted else licence.reason
    cause = cause or f"{_KIND.get(licence.state, 'year')}_over"
    return Status(
        Dot.GREY if is_wanted else Dot.RED,
        "status_licence_over",
        cause,
        Way.PAY if licence.owes else Way.ORDER,
        books=False,
    )


_KIND = {"trial": "trial", "paid": "year"}
"""What the words for a licence that is just over begin with."""


def _switched_off(facts: CouplingFacts) -> Status | None:
    for name, side in _sides(facts):
        if not side.enabled:
            return Status(
                Dot.GREY, "status_switched_off", way=Way.SWITCH_ON, books=False,
                side=name,
            )  # fmt: skip
    if facts.enabled:
        return None
    return Status(Dot.GREY, "status_coupling_off", way=Way.ASK, books=False)


def _sides(facts: CouplingFacts) -> tuple[tuple[SideName, SideFacts], ...]:
    return (SideName.SOURCE, facts.source), (SideName.TARGET, facts.target)


def _worst(found: Sequence[Status]) -> Status | None:
    """Return the first of those with the gravest colour."""
    order = (Dot.RED, Dot.AMBER, Dot.GREY)
    return min(found, key=lambda each: order.index(each.dot), default=None)


def _broken(facts: CouplingFacts, now: datetime) -> Status | None:
    found = [
        replace(side_status(side, now), side=name)
        for name, side in _sides(facts)
        if side.state != "connected"
    ]
    worst = _worst(found)
    if worst is not None and worst.way and _is_installing(facts):
        return replace(worst, way=Way.INSTALL)
    return worst


def _is_installing(facts: CouplingFacts) -> bool:
    licence = facts.licence
    return licence is not None and licence.is_live and not facts.is_configured


def _unconfigured(facts: CouplingFacts) -> Status | None:
    if facts.is_configured and not facts.missing:
        return None
    way = Way.INSTALL if _is_installing(facts) else Way.CONFIGURE
    code = "status_incomplete" if facts.is_configured else "status_unconfigured"
    return Status(Dot.AMBER, code, facts.missing, way, books=facts.is_configured)


def _worst_hindrance(facts: CouplingFacts, now: datetime) -> Status | None:
    found = ((name, _hindered(side, now)) for name, side in _sides(facts))
    return _worst([replace(each, side=name) for name, each in found if each])


def _licence_ending(facts: CouplingFacts) -> Status | None:
    licence = facts.licence
    if licence is None or licence.days_left > SOON:
        return None
    way = Way.PAY if licence.owes else Way.ORDER
    return Status(Dot.AMBER, f"status_{_KIND[licence.state]}_ends", way=way)


def _first_reading(facts: CouplingFacts) -> Status | None:
    if facts.source.was_read:
        return None
    return Status(Dot.GREEN, "status_first_reading", side=SideName.SOURCE)


def side_within(own: Status, couplings: Sequence[Status]) -> Status:
    """Return the dot of a connection as its couplings let it work.

    A side that works is no comfort when nothing that uses it may book.
    """
    if not couplings or not own.books:
        return own
    if all(each.code in LICENCE_CODES for each in couplings):
        return couplings[0]
    endings = [each for each in couplings if each.code in ENDING_CODES]
    return endings[0] if endings and own.dot == Dot.GREEN else own


LICENCE_CODES = ("status_licence_over", "status_unlicensed")
"""States in which the licence keeps everything from going."""
ENDING_CODES = ("status_trial_ends", "status_year_ends")


def is_loud(status: Status, licence: LicenceFacts | None) -> bool:
    """Tell whether every page says it: licence over, app removed, or the last days."""
    if status.dot == Dot.RED and status.code in (*LICENCE_CODES, "status_removed"):
        return True
    is_ending = status.code in ENDING_CODES
    return is_ending and licence is not None and licence.days_left <= LAST
