"""*Zelf geboekt* and *Negeren*: ending what the user does not want us to send.

What was set aside is sent by nobody until it is taken back: its state is no worker's,
and the engine asks for `Transfer.set_aside_at` besides (`leases.is_due` and the
statement before each write). Only that of which nothing was sent may be set aside: of
the rest *Verwerk* looks up first what became of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import select

from core.domain.clock import utcnow
from core.domain.orders import OrderState
from core.models import ShopOrder, Step, Transfer, TransferState
from core.runtime import log
from core.runtime.database import session
from core.services.transfer.steps import may_be_there
from core.services.transfer.subjects import SUBJECTS

MAY_END = (TransferState.WAITING, TransferState.FAILED)
"""States in which a document of which nothing was sent may be set aside."""
TAKEN_BACK = "taken_back"
"""Code of what was set aside before it was kept why it stood under Fouten."""
ORDER_ENDED = "order_ended_meanwhile"
LONGEST = 200


class Aside(StrEnum):
    """How a document was set aside: the code that it then has."""

    BY_HAND = "booked_by_hand"
    IGNORED = "ignored"
    INVOICED = "invoiced_here"
    """A sales invoice was made of it here, which is booked in its place."""


@dataclass(frozen=True)
class Said:
    """What the user says of what is set aside."""

    how: Aside
    text: str
    """Number or reference in the package, or the reason to ignore it."""
    on: date | None = None
    """Date of the booking by hand, if it was given."""

    def params(self) -> dict[str, str]:
        """Return the values of the words for `how`."""
        name = "reason" if self.how == Aside.IGNORED else "reference"
        on = {"on": self.on.isoformat()} if self.on else {}
        return {name: self.text.strip()[:LONGEST], **on}


def may_be_sent(ids: Iterable[int]) -> set[int]:
    """Return of which documents something was sent, or may have been."""
    found = select(Step.transfer_id).where(Step.transfer_id.in_(ids), may_be_there())
    return set(session().scalars(found))


def may_set_aside(transfer: Transfer) -> bool:
    """Tell whether a document may be set aside: nothing of it may have gone."""
    is_open = transfer.state in MAY_END or SUBJECTS[transfer.subject].asks(transfer)
    return is_open and not may_be_sent([transfer.id])


def set_aside(transfer: Transfer, said: Said, *, user_id: int | None = None) -> bool:
    """Set a document aside in the caller's transaction; False where it may not be."""
    session().refresh(transfer, with_for_update=True)
    if not may_set_aside(transfer):
        return False
    was = {"state": transfer.state, "code": transfer.code, "params": transfer.params}
    SUBJECTS[transfer.subject].set_aside(transfer)
    transfer.state, transfer.code = TransferState.SKIPPED, said.how
    transfer.params = {**said.params(), "was": was}
    transfer.set_aside_at = transfer.changed_at = utcnow()
    _note(transfer, f"{said.how}_pressed", user_id, **said.params())
    return True


def take_back(transfer: Transfer, *, user_id: int | None = None) -> bool:
    """*Terugzetten*: put a document back where it stood, in the caller's transaction.

    Nothing is sent by it. False where it was not set aside.
    """
    session().refresh(transfer, with_for_update=True)
    if transfer.set_aside_at is None:
        return False
    was = transfer.params.get("was") or {}
    transfer.state = TransferState(was.get("state", TransferState.FAILED))
    transfer.code = was.get("code", TAKEN_BACK)
    transfer.params = was.get("params", {})
    transfer.set_aside_at, transfer.changed_at = None, utcnow()
    if _is_over(transfer):
        transfer.state, transfer.code = TransferState.SKIPPED, ORDER_ENDED
    SUBJECTS[transfer.subject].take_back(transfer)
    _note(transfer, "taken_back_pressed", user_id)
    return True


def _is_over(transfer: Transfer) -> bool:
    """Tell whether an order was cancelled while it was set aside."""
    if transfer.subject != "order":
        return False
    order = session().get_one(ShopOrder, transfer.subject_id)
    return order.state == OrderState.CANCELLED


def _note(transfer: Transfer, code: str, user_id: int | None, **values: str) -> None:
    log.write(
        transfer.tenant_id,
        code,
        transfer_id=transfer.id,
        user_id=user_id,
        params={"number": transfer.number, **values},
    )
