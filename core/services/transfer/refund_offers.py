"""What becomes of a refund in each package: booked by itself, asked or only told.

A credit is a transfer of subject `credit`, made once its sale is booked. While the user
has to be told or asked it is held; once decided it goes like any other document.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from core.domain.clock import utcnow
from core.domain.orders import order_to_dict
from core.domain.packages import Booked
from core.models import (
    Coupling,
    LogLevel,
    OrderRefund,
    ShopOrder,
    Transfer,
    TransferState,
    Treatment,
)
from core.rules.booked_content import digest
from core.runtime import jobs, log
from core.runtime.database import session
from core.services.transfer import making, refunds, transfers
from core.services.transfer.journal import Job
from core.services.transfer.refund_previews import (
    TO_BOOK,
    Offer,
    named_in,
    of_transfer,
    offer_of,
    reason,
)
from core.services.transfer.refunds import SUBJECT

OVERLOOKED = timedelta(days=2)
"""How far back a refund is looked for whose sale was booked at the same moment."""


def offer(order: ShopOrder, known: Sequence[OrderRefund]) -> None:
    """Make the credits of an order that are not there yet, and look again at those that
    nobody decided on, in the caller's transaction."""
    sales = session().scalars(
        select(Transfer)
        .where(Transfer.subject == "order", Transfer.subject_id == order.id)
        .execution_options(populate_existing=True)
    )
    for sale in sales.all():
        if sale.state in transfers.BOOKED or sale.set_aside_at is not None:
            for refund in known:
                consider(_credit(sale, refund), sale, order, refund, known)


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
    sale, credit = aliased(Transfer), aliased(Transfer)
    missed = exists().where(
        sale.subject == "order",
        sale.subject_id == OrderRefund.order_id,
        sale.state.in_(transfers.BOOKED),
        ~exists().where(
            credit.subject == SUBJECT,
            credit.subject_id == OrderRefund.id,
            credit.target_id == sale.target_id,
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
            tell(credit, made, reason(coupling, made) or TO_BOOK)


def _credit(sale: Transfer, refund: OrderRefund) -> Transfer:
    """Return the transfer of a refund to where its sale stands; make it when absent."""
    making.make(
        session().get_one(Coupling, sale.coupling_id),
        SUBJECT,
        refund.id,
        number=refund.number,
        amount=-refund.amount,
        state=TransferState.HELD,
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


def consider(
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
    named = named_in([order.connection_id])[order.connection_id]
    made = offer_of(sale, order, refund, known, named)
    code = reason(coupling, made)
    if not code:
        decide(credit, made)
        return
    tell(credit, made, code)


def tell(credit: Transfer, made: Offer, code: str) -> None:
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


def decide(credit: Transfer, made: Offer) -> None:
    """Fix the credit document and queue it, in the caller's transaction."""
    settle(made, Treatment.CREDIT)
    credit.state, credit.code = TransferState.QUEUED, ""
    credit.params = {"number": made.order.number}
    credit.amount = made.credit.total_incl_vat
    credit.due_at = credit.changed_at = utcnow()
    jobs.wake_after_commit("drain", queue="default")


def settle(made: Offer, treatment: Treatment) -> None:
    row = made.refund
    if row.treatment != Treatment.CREDIT:
        row.treatment = treatment
    if not row.payload:
        row.payload = order_to_dict(made.credit)
        row.content_hash = digest(row.payload)
    session().flush()
