"""Webshop orders that a sales invoice was made of: set aside, so that each is booked
once, as the invoice."""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import select

from core.domain.errors import AskUser
from core.domain.orders import OrderState
from core.models import Connection, Coupling, SalesInvoice, ShopOrder, Transfer
from core.plugin.capabilities import Orders
from core.plugin.setups import clearing_accounts, payment_lines
from core.runtime.database import session
from core.runtime.extensions import koppelwerk
from core.services.transfer import orders, setting_aside
from core.services.transfer.setting_aside import Aside, Said


def set_aside(order: ShopOrder, *, user_id: int) -> None:
    """Set all of an order's transfers aside, in the caller's transaction.

    Raises AskUser `order_not_invoiced` where a package has it, or may have.
    """
    for one in _transfers(order.id):
        if one.set_aside_at is not None:
            continue
        said = Said(Aside.INVOICED, order.number)
        if not setting_aside.set_aside(one, said, user_id=user_id):
            raise AskUser("order_not_invoiced", number=order.number)


def give_back(invoice: SalesInvoice) -> None:
    """Put the order of a draft that goes back where it stood."""
    if invoice.order_id is None:
        return
    for one in _transfers(invoice.order_id):
        if one.code == Aside.INVOICED:
            setting_aside.take_back(one)


def check(invoice: SalesInvoice) -> None:
    """Refuse to send a draft whose order is no sale any more, or is partly paid back.

    Raises AskUser `order_of_draft_changed`.
    """
    row = session().get(ShopOrder, invoice.order_id) if invoice.order_id else None
    if row is None:
        return
    order = orders.load(row)
    if row.state == OrderState.CANCELLED or order.refunds or order.refunded_amount:
        raise AskUser("order_of_draft_changed", number=row.number)


def _transfers(order_id: int) -> Sequence[Transfer]:
    return session().scalars(
        select(Transfer).where(
            Transfer.subject == "order", Transfer.subject_id == order_id
        )
    ).all()  # fmt: skip


def accounts(
    target_ids: Collection[int], order_ids: Collection[int]
) -> dict[tuple[int, int | None], dict[str, str]]:
    """Return the account that money of each payment method came in on, by connection
    of a package and by order, as the order's shop is coupled with that package."""
    if not order_ids:
        return {}
    rows = session().execute(
        select(ShopOrder.id, Coupling)
        .join(Coupling, Coupling.source_id == ShopOrder.connection_id)
        .where(ShopOrder.id.in_(order_ids), Coupling.target_id.in_(target_ids))
    )
    return dict(_accounts((order_id, coupling) for order_id, coupling in rows))


def _accounts(
    rows: Iterator[tuple[int, Coupling]],
) -> Iterator[tuple[tuple[int, int | None], dict[str, str]]]:
    packages = koppelwerk().registry.brought(Orders)
    for order_id, coupling in rows:
        target = session().get_one(Connection, coupling.target_id)
        lines = payment_lines(packages[target.plugin].payment_mapping, coupling)
        yield (coupling.target_id, order_id), clearing_accounts(coupling, lines)
