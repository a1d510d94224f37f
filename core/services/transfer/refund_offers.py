"""What becomes of a refund in each package: booked by itself, asked or only told.

A credit is a transfer of subject `credit`, made once its sale is booked. While the user
has to be told or asked it is held; once decided it goes like any other document.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import exists, select

from core.domain.clock import utcnow
from core.domain.orders import Order, order_from_dict, order_to_dict
from core.domain.packages import Booked
from core.models import (
    Connection,
    Coupling,
    LogLevel,
    OrderRefund,
    ShopOrder,
    Transfer,
    TransferState,
    Treatment,
)
from core.plugin.capabilities import Orders
from core.plugin.work import URGENT
from core.rules.booked_content import digest
from core.rules.refunds import (
    BOOKABLE,
    PAYMENT_ONLY,
    Judgement,
    RefundCase,
    RefundPolicy,
    credit_order,
    judge,
)
from core.runtime import jobs, log
from core.runtime.database import insert_for, session
from core.runtime.extensions import koppelwerk
from core.services.transfer import refunds, transfers
from core.services.transfer.journal import Job
from core.services.transfer.refunds import SUBJECT

TO_BOOK = "refund_to_book"
ASKING = (
    TO_BOOK,
    "refund_rates_assumed",
    "refund_reason_unknown",
    "refund_maybe_told",
    "chargeback_to_book",
    "chargeback_reversal_to_book",
)
"""Codes of what is booked when the user says so; of the others he is only told."""
_TOLD = {
    RefundCase.TOO_MUCH: "refund_exceeds_sale",
    RefundCase.MONEY_IN: "refund_money_in",
    RefundCase.COMPENSATION: "refund_is_damages",
    RefundCase.CHARGEBACK: "charged_back",
    RefundCase.CHARGEBACK_REVERSED: "chargeback_reversed",
}
_PAYMENTS = {
    RefundCase.CHARGEBACK: "chargeback_to_book",
    RefundCase.CHARGEBACK_REVERSED: "chargeback_reversal_to_book",
}
OVERLOOKED = timedelta(days=2)
"""How far back a refund is looked for whose sale was booked at the same moment."""


@dataclass(frozen=True)
class Offer:
    """A refund as it would be (or was) booked."""

    refund: OrderRefund
    order: ShopOrder
    sale: Transfer
    judgement: Judgement
    credit: Order
    """Without lines where only a payment is taken back, or nothing can be booked."""

    @property
    def digest(self) -> str:
        """What tells one preview from another."""
        return digest(order_to_dict(self.credit))


def offer(order: ShopOrder, known: Sequence[OrderRefund]) -> None:
    """Make the credits of an order that are not there yet, and look again at those that
    nobody decided on, in the caller's transaction."""
    sales = session().scalars(
        select(Transfer)
        .where(Transfer.subject == "order", Transfer.subject_id == order.id)
        .execution_options(populate_existing=True)
    )
    for sale in sales.all():
        if sale.state in transfers.BOOKED or transfers.is_put_aside(sale):
            for refund in known:
                _consider(_credit(sale, refund), sale, order, refund, known)


def sale_booked(job: Job, _booked: Booked) -> dict[str, str]:
    """Offer what was refunded before an order was booked (`Subject.done`)."""
    known = refunds.of_order(job.subject_id)
    if known:
        offer(session().get_one(ShopOrder, job.subject_id), known)
    return {}


def sale_seen(transfer: Transfer) -> bool:
    """*Gezien* of a sale, after which its refunds may go (`Subject.seen`)."""
    transfers.sale_seen(transfer)
    session().flush()
    order = session().get_one(ShopOrder, transfer.subject_id)
    offer(order, refunds.of_order(order.id))
    return True


def heal() -> None:
    """Offer refunds that were recorded while their sale was being booked."""
    sale, credit = Transfer.__table__.alias(), Transfer.__table__.alias()
    missed = exists().where(
        sale.c.subject == "order",
        sale.c.subject_id == OrderRefund.order_id,
        sale.c.state.in_(transfers.BOOKED),
        ~exists().where(
            credit.c.subject == SUBJECT,
            credit.c.subject_id == OrderRefund.id,
            credit.c.target_id == sale.c.target_id,
        ),
    )
    wanted = (
        select(OrderRefund.order_id)
        .where(OrderRefund.created_at > utcnow() - OVERLOOKED, missed)
        .distinct()
        .limit(100)
    )
    for order_id in session().scalars(wanted).all():
        order = session().get_one(ShopOrder, order_id)
        offer(order, refunds.of_order(order_id))


def reconsider(coupling: Coupling) -> None:
    """Look again at what of a coupling's refunds is held, after its policy changed.

    None goes by itself: what was asked before stays a question.
    """
    held = session().scalars(
        select(Transfer).where(
            Transfer.coupling_id == coupling.id,
            Transfer.subject == SUBJECT,
            Transfer.state == TransferState.HELD,
        )
    )
    for credit in held.all():
        made = of_transfer(credit)
        if made is not None:
            _tell(credit, made, _reason(coupling, made) or TO_BOOK)


def _credit(sale: Transfer, refund: OrderRefund) -> Transfer:
    """Return the transfer of a refund to where its sale stands; make it when absent."""
    now = utcnow()
    session().execute(
        insert_for(Transfer)
        .values(
            tenant_id=sale.tenant_id,
            coupling_id=sale.coupling_id,
            target_id=sale.target_id,
            subject=SUBJECT,
            subject_id=refund.id,
            number=refund.number,
            amount=-refund.amount,
            state=TransferState.HELD,
            code="",
            params={},
            due_at=now,
            created_at=now,
            changed_at=now,
        )
        .on_conflict_do_nothing()
    )
    return session().scalars(
        select(Transfer)
        .where(
            Transfer.target_id == sale.target_id,
            Transfer.subject == SUBJECT,
            Transfer.subject_id == refund.id,
        )
        .with_for_update()
    ).one()  # fmt: skip


def _consider(
    credit: Transfer,
    sale: Transfer,
    order: ShopOrder,
    refund: OrderRefund,
    known: Sequence[OrderRefund],
) -> None:
    """Let a held credit go, or say why it does not."""
    if credit.state != TransferState.HELD:
        return
    coupling = session().get_one(Coupling, credit.coupling_id)
    made = _offer(sale, order, refund, known)
    code = _reason(coupling, made)
    if not code:
        _decide(credit, made)
        return
    _tell(credit, made, code)


def _tell(credit: Transfer, made: Offer, code: str) -> None:
    """Say once why a credit is held."""
    credit.amount = -made.refund.amount
    params = {
        "number": made.order.number,
        "refunded": str(abs(made.refund.amount)),
        "booked": str(made.sale.amount),
    }
    if (code, params) == (credit.code, credit.params):
        return
    credit.code, credit.params, credit.changed_at = code, params, utcnow()
    log.write(
        credit.tenant_id,
        code,
        level=LogLevel.WARNING,
        transfer_id=credit.id,
        connection_id=credit.target_id,
        params=params,
    )


def _offer(
    sale: Transfer,
    order: ShopOrder,
    row: OrderRefund,
    known: Sequence[OrderRefund],
) -> Offer:
    sold, refund = order_from_dict(order.payload), refunds.refund_of(row)
    judgement = judge(sold, refund, refunds.credited_before(row, known))
    if row.payload:
        made = order_from_dict(row.payload)
    else:
        made = credit_order(sold, refund, row.number, judgement.lines)
    return Offer(row, order, sale, judgement, made)


def _reason(coupling: Coupling, made: Offer) -> str:
    """Return why a credit does not go by itself; empty when it does."""
    return _why_told(coupling, made) or _why_asked(coupling, made)


def _why_told(coupling: Coupling, made: Offer) -> str:
    """Return why nothing of ours can book a refund; empty when it can be asked."""
    case, refund, sale = made.judgement.case, made.refund, made.sale
    if case not in BOOKABLE and case not in PAYMENT_ONLY:
        return _TOLD[case]
    if transfers.is_put_aside(sale):
        return "refund_of_own_booking"
    if coupling.refunds == RefundPolicy.NOT or refund.treatment == Treatment.BY_HAND:
        return _TOLD.get(case, "refund_not_passed_on")
    if case in PAYMENT_ONLY and not _is_settled(coupling, made.credit):
        return _TOLD[case]
    if sale.document not in _package(coupling).credits:
        return _TOLD.get(case, "refund_not_possible")
    is_changed = sale.state == TransferState.HELD and sale.code in transfers.CHANGED
    return "refund_after_change" if is_changed else ""


def _why_asked(coupling: Coupling, made: Offer) -> str:
    judgement, refund = made.judgement, made.refund
    is_by_itself = coupling.refunds == RefundPolicy.BY_ITSELF
    if refund.treatment == Treatment.CREDIT:
        return "" if is_by_itself else TO_BOOK
    if refund.is_doubtful:
        return "refund_maybe_told"
    if judgement.asks_why:
        return "refund_reason_unknown"
    if judgement.is_divided:
        return "refund_rates_assumed"
    # A change that was seen may have taken the refund along: never by itself then.
    was_changed = made.sale.code in {f"seen_{code}" for code in transfers.CHANGED}
    if is_by_itself and not was_changed:
        return ""
    return _PAYMENTS.get(judgement.case, TO_BOOK)


def _is_settled(coupling: Coupling, credit: Order) -> bool:
    """Tell whether the payment that is taken back was booked on a clearing account."""
    methods = {payment.method for payment in credit.payments}
    if not methods:
        return False
    model = _package(coupling).payment_mapping
    chosen = set(
        session().scalars(
            select(model.method).where(
                model.coupling_id == coupling.id, model.clearing_account != ""
            )
        )
    )
    return methods <= chosen


def _package(coupling: Coupling) -> Orders:
    connection = session().get_one(Connection, coupling.target_id)
    return koppelwerk().registry.brought(Orders)[connection.plugin]


def _decide(credit: Transfer, made: Offer) -> None:
    """Fix the credit document and queue it, in the caller's transaction."""
    _settle(made, Treatment.CREDIT)
    credit.state, credit.code = TransferState.QUEUED, ""
    credit.params = {"number": made.order.number}
    credit.amount = made.credit.total_incl_vat
    credit.due_at = credit.changed_at = utcnow()
    jobs.wake_after_commit("drain", queue="default")


def _settle(made: Offer, treatment: Treatment) -> None:
    row = made.refund
    if row.treatment != Treatment.CREDIT:
        row.treatment = treatment
    if not row.payload:
        row.payload = order_to_dict(made.credit)
        row.content_hash = digest(row.payload)
    session().flush()


# --- what the user does ------------------------------------------------------------


def of_transfer(credit: Transfer) -> Offer | None:
    """Return what a credit would book, or did; None where its order is gone."""
    return of_transfers([credit]).get(credit.id)


def of_transfers(credits: Iterable[Transfer]) -> dict[int, Offer]:
    """Return the same of many, by transfer; others than credits are left out."""
    wanted = {each.id: each for each in credits if each.subject == SUBJECT}
    if not wanted:
        return {}
    refund_ids = {each.subject_id for each in wanted.values()}
    of = select(OrderRefund.order_id).where(OrderRefund.id.in_(refund_ids))
    known: defaultdict[int, list[OrderRefund]] = defaultdict(list)
    for row in session().scalars(
        select(OrderRefund).where(OrderRefund.order_id.in_(of)).order_by(OrderRefund.id)
    ):
        known[row.order_id].append(row)
    orders = {
        row.id: row
        for row in session().scalars(select(ShopOrder).where(ShopOrder.id.in_(known)))
    }
    sales = {
        (row.target_id, row.subject_id): row
        for row in session().scalars(
            select(Transfer).where(
                Transfer.subject == "order", Transfer.subject_id.in_(known)
            )
        )
    }
    refunds_by_id = {row.id: row for rows in known.values() for row in rows}
    found = {}
    for credit in wanted.values():
        row = refunds_by_id.get(credit.subject_id)
        sale = row and sales.get((credit.target_id, row.order_id))
        if row and sale:
            order = orders[row.order_id]
            found[credit.id] = _offer(sale, order, row, known[row.order_id])
    return found


def asks(credit: Transfer) -> bool:
    """Tell whether the user can let a credit be booked."""
    return credit.state == TransferState.HELD and credit.code in ASKING


def book(credit: Transfer, shown: str, *, user_id: int | None = None) -> bool:
    """*Boek creditering*: let a credit go as it was shown, in the caller's transaction.

    False where nothing is asked any more, or what would be booked is not what was
    shown (`Offer.digest`).
    """
    session().refresh(credit, with_for_update=True)
    made = of_transfer(credit)
    if made is None or not asks(credit) or made.digest != shown:
        return False
    coupling = session().get_one(Coupling, credit.coupling_id)
    if _reason(coupling, made) not in ASKING:
        return False
    _decide(credit, made)
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


def put_aside(credit: Transfer, *, user_id: int | None = None) -> bool:
    """*Zelf geboekt*: end a credit; what it takes back is left for no other."""
    session().refresh(credit, with_for_update=True)
    made = of_transfer(credit)
    is_held = credit.state == TransferState.HELD
    if made is None or not (is_held or transfers.may_put_aside(credit)):
        return False
    if made.judgement.case in BOOKABLE:
        _settle(made, Treatment.BY_HAND)
    _end(credit, transfers.PUT_ASIDE)
    _note(credit, "put_aside_pressed", made, user_id)
    return True


def seen(credit: Transfer) -> bool:
    """*Gezien* of a credit that the user is only told of (`Subject.seen`)."""
    if credit.code in ASKING:
        return False
    made = of_transfer(credit)
    if made is not None and made.judgement.case in BOOKABLE:
        _settle(made, Treatment.BY_HAND)
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
    _consider(credit, made.sale, made.order, refund, known)


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
