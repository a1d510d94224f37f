"""What the user does with a refund: lets it be booked, puts it aside, has seen it.

Each in the caller's transaction; the answer is whether anything was done.
"""

from core.domain.clock import utcnow
from core.models import Coupling, Transfer, TransferState, Treatment
from core.plugin.work import URGENT
from core.rules.refunds import BOOKABLE
from core.runtime import jobs, log
from core.runtime.database import session
from core.services.transfer import refunds, transfers
from core.services.transfer.refund_offers import consider, decide, settle
from core.services.transfer.refund_previews import (
    ASKING,
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


def put_aside(credit: Transfer, *, user_id: int | None = None) -> bool:
    """*Zelf geboekt*: end a credit; what it takes back is left for no other."""
    session().refresh(credit, with_for_update=True)
    made = of_transfer(credit)
    is_held = credit.state == TransferState.HELD
    if made is None or not (is_held or transfers.may_put_aside(credit)):
        return False
    if made.judgement.case in BOOKABLE:
        settle(made, Treatment.BY_HAND)
    _end(credit, transfers.PUT_ASIDE)
    _note(credit, "put_aside_pressed", made, user_id)
    return True


def seen(credit: Transfer) -> bool:
    """*Gezien* of a credit that the user is only told of (`Subject.seen`)."""
    if credit.code in ASKING:
        return False
    made = of_transfer(credit)
    if made is not None and made.judgement.case in BOOKABLE:
        settle(made, Treatment.BY_HAND)
    _end(credit, "refund_seen")
    return True


def again(credit: Transfer) -> None:
    """*Verwerk* of a credit that did not go (`Subject.again`)."""
    made = of_transfer(credit)
    if made is None:
        return
    if made.refund.treatment == Treatment.CREDIT:
        credit.state, credit.code = TransferState.QUEUED, ""
        jobs.wake_after_commit("drain_urgent", queue="urgent")
    else:  # it was put aside: ask once more
        made.refund.treatment, made.refund.payload = Treatment.OPEN, {}
        credit.state, credit.code = TransferState.HELD, ""
        _reconsider(credit, made)
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
