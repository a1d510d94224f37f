"""What the user does with a refund: lets it be booked, sets it aside, has seen it.

Each in the caller's transaction; the answer is whether anything was done.
"""

from core.domain.clock import utcnow
from core.models import Coupling, Transfer, TransferState, Treatment
from core.plugin.work import URGENT
from core.rules.refunds import BOOKABLE
from core.runtime import jobs, log
from core.runtime.database import session
from core.services.transfer import refunds
from core.services.transfer.refund_offers import consider, decide, settle, tell
from core.services.transfer.refund_previews import (
    ASKING,
    TO_BOOK,
    Offer,
    asks,
    may_be_chargeback,
    of_transfer,
    reason,
)


def book(credit: Transfer, shown: str, *, user_id: int | None = None) -> bool:
    """*Boek creditering*: let a credit go as it was shown.

    False where nothing is asked any more, or what would be booked is not what was
    shown (`Offer.digest`).
    """
    session().refresh(credit, with_for_update=True)
    made = of_transfer(credit)
    if made is None or not asks(credit) or made.digest != shown:
        return False
    coupling = session().get_one(Coupling, credit.coupling_id)
    if reason(coupling, made) not in ASKING:
        return False
    decide(credit, made)
    credit.priority, credit.failures = URGENT, 0
    jobs.wake_after_commit("drain_urgent", queue="urgent")
    _note(credit, "credit_pressed", made, user_id)
    return True


def is_damages(credit: Transfer, *, user_id: int | None = None) -> bool:
    """*Schadevergoeding*: end a credit, as nothing of the sale is taken back."""
    session().refresh(credit, with_for_update=True)
    made = of_transfer(credit)
    if made is None or not asks(credit) or made.refund.treatment != Treatment.OPEN:
        return False
    made.refund.treatment = Treatment.COMPENSATION
    _end(credit, "refund_was_damages")
    _note(credit, "damages_pressed", made, user_id)
    return True


def is_chargeback(credit: Transfer, *, user_id: int | None = None) -> bool:
    """*De bank haalde het terug*: the sale stands, only its payment is undone."""
    session().refresh(credit, with_for_update=True)
    made = of_transfer(credit)
    if made is None or not may_be_chargeback(credit):
        return False
    refunds.says_bank_took_it(made.refund)
    _reconsider(credit, made)
    _note(credit, "chargeback_pressed", made, user_id)
    return True


def set_aside(credit: Transfer) -> None:
    """Leave what a credit takes back for no other (`Subject.set_aside`)."""
    made = of_transfer(credit)
    if made is not None and made.judgement.case in BOOKABLE:
        settle(made, Treatment.BY_HAND)


def take_back(credit: Transfer) -> None:
    """Ask once more about a credit, which never goes by itself (`Subject.take_back`);
    one that was decided before stays under Fouten as it was."""
    made = of_transfer(credit)
    if made is None or made.refund.treatment == Treatment.CREDIT:
        return
    made.refund.treatment, made.refund.payload = Treatment.OPEN, {}
    credit.state, credit.code = TransferState.HELD, ""
    session().flush()
    anew = of_transfer(credit) or made
    coupling = session().get_one(Coupling, credit.coupling_id)
    tell(credit, anew, reason(coupling, anew) or TO_BOOK)


def seen(credit: Transfer) -> bool:
    """*Gezien* of a credit that the user is only told of (`Subject.seen`)."""
    if credit.code in ASKING:
        return False
    set_aside(credit)
    _end(credit, "refund_seen")
    return True


def again(credit: Transfer) -> None:
    """*Verwerk* of a credit that did not go (`Subject.again`)."""
    made = of_transfer(credit)
    if made is None or made.refund.treatment != Treatment.CREDIT:
        return
    credit.state, credit.code = TransferState.QUEUED, ""
    jobs.wake_after_commit("drain_urgent", queue="urgent")
    credit.params = {**credit.params, "number": made.order.number}
    credit.changed_at = utcnow()


def _reconsider(credit: Transfer, made: Offer) -> None:
    session().flush()
    known = refunds.of_order(made.order.id)
    refund = next(each for each in known if each.id == made.refund.id)
    consider(credit, made.sale, made.order, refund, known)


def _end(credit: Transfer, code: str) -> None:
    credit.state, credit.code = TransferState.SKIPPED, code
    credit.changed_at = utcnow()


def _note(credit: Transfer, code: str, made: Offer, user_id: int | None) -> None:
    log.write(
        credit.tenant_id,
        code,
        transfer_id=credit.id,
        user_id=user_id,
        number=made.refund.number,
    )
