"""What every sender of a batch does the same way."""

from collections.abc import Callable, Container, Iterable
from dataclasses import replace
from typing import TypeVar

from core.domain.errors import AskUser
from core.domain.orders import Order
from core.plugin import orders
from core.plugin.work import Job, Step
from core.rules.sale_checks import with_free_lines

T = TypeVar("T")


def orders_of(jobs: Iterable[Job]) -> dict[int, Order]:
    """Return the orders of a batch by transfer.

    Debtors are matched on the e-mail address, so it is in lower case.
    """
    return {job.transfer_id: normalised(orders.load(job.subject_row)) for job in jobs}


def may_be_there(jobs: Iterable[Job], name: str = "") -> dict[int, list[Step]]:
    """Return by transfer the writes of a batch whose outcome is not known.

    Only those called `name`, when given. One look-up of the package may serve them all.
    """
    found = {
        job.transfer_id: [
            step
            for key, step in job.steps.items()
            if step.is_open and name in ("", key)
        ]
        for job in jobs
    }
    return {key: steps for key, steps in found.items() if steps}


def normalised(order: Order) -> Order:
    """Return an order as it is booked: its e-mail address as debtors are matched on
    it, its free lines at the rate of the others."""
    return replace(with_free_lines(order), email=order.email.strip().lower())


def checked(
    check: Callable[[], T], *, stale: Container[str], refresh: Callable[[], bool]
) -> T:
    """Return what a check before booking finds; once more, where the index was old.

    `stale` are the codes of refusals that the user solves in the package, which may not
    have been read since; `refresh` reads it, and returns False when that was done a
    moment ago. Raises the AskUser of the check.
    """
    try:
        return check()
    except AskUser as error:
        if error.code not in stale or not refresh():
            raise
    return check()
