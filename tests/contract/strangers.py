"""A linked card that somebody in the package gave to another party: what becomes of
the invoices of the relation it was of. The same questions for each package."""

import time
from collections.abc import Callable
from typing import Any, Protocol

import pytest
from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.models import Connection, RelationRun, RelationSync, RelationTrouble, RunState
from core.runtime import jobs
from core.runtime.database import session, transaction
from core.services.connections import connections
from core.services.syncing import relation_conflicts, relation_sync
from tests.contract.previews import confirm_preview

OUT = {"out": True, "debtors_in": False, "creditors_in": False}
DONE = ("done", "")
REFUSED = ("failed", "debtor_other_party")
UNITY = "NL004495445B01"
NEAR = (
    ("Bakkerij Jansen BV", "Bakkerij Jansen NV", "1000 AA", ""),
    ("Visser Transport BV", "Visser Transport Holding BV", "1000 AA", ""),
    ("Drogist 12", "Drogist 13", "1000 AA", ""),
    ("Jansen", "Jansen", "9999 ZZ", ""),
    ("Alfa Beheer BV", "Beta Verhuur BV", "1000 AA", UNITY),
)
"""A relation's name, and of the card under its number the name, postal code and VAT
number: another legal form, a holding, a branch, a namesake elsewhere, one fiscal unity.
All relations live at 1000 AA."""
ANSWERS = pytest.mark.parametrize("answer", ["same", "other_number", "left_out"])


class Sold(Protocol):
    """A tenant with one relation that is invoiced in a package."""

    def send(self) -> int:
        """Send the relation an invoice and let it be booked; return its id."""

    def again(self, invoice_id: int) -> None:
        """Press *Verwerk*."""

    def where(self, invoice_id: int) -> tuple[str, str]:
        """State and code of the booking."""

    def cards(self) -> dict[str, str]:
        """Return name by number of the package's debtors."""

    def billed(self) -> list[str]:
        """Return whose cards invoices are booked on, by name now, oldest first."""

    def give_away(self) -> None:
        """Let somebody make the card another party's."""

    def give_back(self) -> None:
        """Let somebody put the card back as it was."""

    def calls(self) -> int:
        """Count what was asked of the package."""


def in_step(connection_id: int) -> None:
    """Switch the sync on, out alone, and let it run."""
    with transaction():
        connection = session().get_one(Connection, connection_id)
        connections.save_section(connection, "relations", OUT)
        relation_sync.saved(connection)
    confirm_preview(connection_id)
    work(connection_id)


def near_ones_are_asked_about(
    connection_id: int, cards: Callable[[], Any], invoiced: Callable[[], list[Any]]
) -> None:
    """The first meeting writes nothing on cards of near-same parties, and no invoice
    is booked on one."""
    before = cards()
    found = invoiced()
    assert found == [REFUSED] * len(NEAR), found
    in_step(connection_id)
    assert questions() == ["relation_other_party"] * len(NEAR)
    assert cards() == before


def run(connection_id: int) -> None:
    """Press *Koppeling uitvoeren*, and work until it ends."""
    with transaction():
        relation_sync.begin(session().get_one(Connection, connection_id), by_user=True)
    work(connection_id)


def work(connection_id: int) -> None:
    """Work until the run that began has ended."""
    for _turn in range(20):
        with transaction() as current:
            current.execute(update(RelationRun).values(due_at=utcnow()))
            current.execute(update(RelationSync).values(lease_until=None))
        jobs.run_task("relation_sync", connection_id)
        session().rollback()
        session().expire_all()
        last = relation_sync.recent_runs(connection_id, 1)[0]
        if last.state != RunState.RUNNING:
            assert last.state == RunState.DONE, last.code
            return
        time.sleep(0.1)
    raise AssertionError(f"still {last.phase} {last.code}")


def questions() -> list[str]:
    """Return the codes of what the sync could not bring in step."""
    session().rollback()
    return list(session().scalars(select(RelationTrouble.code)))


def nothing_goes_to_a_stranger(
    sold: Sold, connection_id: int, answer: str, *, per_drain: int = 0
) -> None:
    """The invoice waits with a question, and a person's answer is followed.

    `per_drain`: what the package is asked whatever the invoices are.
    """
    assert sold.where(sold.send()) == DONE
    in_step(connection_id)
    assert questions() == []
    [own] = sold.cards().values()
    sold.give_away()
    run(connection_id)
    assert questions() == ["relation_other_party"]
    before = sold.calls()
    second = sold.send()
    assert sold.where(second) == REFUSED
    assert sold.calls() - before <= per_drain  # it was known: nothing is asked
    with transaction():
        connection = session().get_one(Connection, connection_id)
        assert relation_conflicts.choose(connection, answer) == 1
    if answer == "same":  # at once
        sold.again(second)
        assert sold.where(second) == DONE
        work(connection_id)
        assert len(sold.billed()) == 2
        return
    sold.again(second)
    assert sold.where(second) == REFUSED
    work(connection_id)
    sold.again(second)
    if answer == "other_number":
        assert sold.where(second) == DONE
        assert len(sold.cards()) == 2
        assert sold.billed()[-1] == own
    else:
        assert sold.where(second) == REFUSED
        assert len(sold.billed()) == 1


def a_card_that_is_back_is_booked_on(sold: Sold, connection_id: int) -> None:
    """Somebody puts the card back: after the next run the invoice goes by itself."""
    sold.send()
    in_step(connection_id)
    sold.give_away()
    run(connection_id)
    second = sold.send()
    assert sold.where(second) == REFUSED
    sold.give_back()
    run(connection_id)
    assert questions() == []
    sold.again(second)
    assert sold.where(second) == DONE
    assert len(sold.billed()) == 2
