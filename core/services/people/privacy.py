"""Erasing personal data: all of a tenant.

What was never booked goes altogether. Of what was booked the numbers, dates, amounts
and VAT stay, without anybody's name (bookkeeping: article 52 AWR in the Netherlands,
seven years; article III.86 WER in Belgium); the documents themselves stand in the
tenant's own package. Our own invoices to the tenant stay as they are, and so does what
a plugin says the law keeps (filed declarations and their evidence).

The tenant's own sales invoices go with the tenant, who keeps them (*Alles downloaden*).
One customer: `core.services.people.customers`.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import structlog
from sqlalchemy import (
    ColumnElement,
    delete,
    exists,
    or_,
    select,
    update,
)

from core.domain.orders import (
    Address,
    Order,
    OrderLine,
    Refund,
    order_from_dict,
    order_to_dict,
    refund_to_dict,
)
from core.models import (
    Base,
    Connection,
    Coupling,
    Licence,
    LicenceState,
    Mail,
    OrderRefund,
    SalesInvoice,
    ServiceInvoice,
    ShopOrder,
    Step,
    StepState,
    Tenant,
    Transfer,
    TransferState,
)
from core.plugin.capabilities import Retention
from core.runtime import log
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk
from core.services.mailing import caught
from core.services.people import ending, takeout
from core.services.transfer import order_words, refunds

BATCH = 200
_KEPT: tuple[type[Base], ...] = (
    Connection, Coupling, Licence, OrderRefund, ServiceInvoice, ShopOrder, Tenant,
    Transfer,
)  # fmt: skip
"""Tables that keep rows when a tenant is erased, without anybody's name."""
logger = structlog.get_logger(__name__)


def anonymous(order: Order) -> Order:
    """Return an order of which only numbers, dates, amounts, VAT and country stay."""
    return replace(
        order,
        email="",
        customer_id="",
        vat_number="",
        billing=Address(country=order.billing.country),
        delivery=Address(country=order.delivery.country),
        lines=_without_words(order.lines),
        refunds=tuple(_without_reason(refund) for refund in order.refunds),
    )


def _without_words(lines: Iterable[OrderLine]) -> tuple[OrderLine, ...]:
    return tuple(replace(line, description="") for line in lines)


def _without_reason(refund: Refund) -> Refund:
    return replace(refund, reason="", lines=_without_words(refund.lines))


def erase_tenant(tenant_id: int) -> None:
    """Erase the tenant in scope; commits by itself, in steps that may be repeated."""
    for licence in session().scalars(select(Licence)).all():
        if licence.state != LicenceState.CANCELLED:
            ending.end_licence(licence)
    for connection in session().scalars(select(Connection)).all():
        ending.disconnect(connection)
    _forget_booked_names()
    caught.forget(Mail.tenant_id == tenant_id)
    with transaction():
        for retention in koppelwerk().registry.brought(Retention).values():
            retention.forget(tenant_id)
        _delete_rows(tenant_id)
        _blank_rows(tenant_id)
        with log.acting(log.Actor()):  # whoever asked for it is erased himself
            log.write(tenant_id, "data_erased")
    session().expunge_all()
    logger.info("tenant erased", tenant_id=tenant_id)


def _forget_booked_names() -> None:
    """Make every booked order anonymous, a batch per transaction."""
    last = 0
    while True:
        with transaction() as current:
            rows = current.scalars(
                select(ShopOrder)
                .where(ShopOrder.id > last, _is_booked_order())
                .order_by(ShopOrder.id)
                .limit(BATCH)
            ).all()
            for row in rows:
                forget_name(row)
        if not rows:
            return
        last = rows[-1].id
        session().expunge_all()


def forget_name(row: ShopOrder) -> None:
    """Make a booked order anonymous, and its refunds, in the caller's transaction."""
    before = row.payload
    row.payload = order_to_dict(anonymous(order_from_dict(before)))
    order_words.keep(row, before)
    for refund in refunds.of_order(row.id):
        refund.refund = refund_to_dict(_without_reason(refunds.refund_of(refund)))
        if refund.payload:
            credit = anonymous(order_from_dict(refund.payload))
            refund.payload = order_to_dict(credit)


def _is_booked() -> ColumnElement[bool]:
    """Tell of a transfer whether something of it may stand in the package."""
    sent = (TransferState.DONE, TransferState.HELD, TransferState.SENDING)
    return or_(
        Transfer.state.in_(sent),
        Transfer.booked_at.is_not(None),
        exists().where(
            Step.transfer_id == Transfer.id, Step.state != StepState.REJECTED
        ),
    )


def _is_booked_order() -> ColumnElement[bool]:
    return exists().where(
        Transfer.subject == "order", Transfer.subject_id == ShopOrder.id, _is_booked()
    )


def _is_of_booked_order() -> ColumnElement[bool]:
    return exists().where(
        Transfer.subject == "order",
        Transfer.subject_id == OrderRefund.order_id,
        _is_booked(),
    )


def _delete_rows(tenant_id: int) -> None:
    """Delete what need not stay: whatever refers to a row goes before it.

    Whether something was booked stands in the steps, so they go after the transfers
    that were not; deleting a transfer looks at no other table by then.
    """
    names = [table.name for table in Base.metadata.sorted_tables]
    kept = (*_KEPT, *kept_by_plugins(), Step)
    gone = [one for one in takeout.tenant_tables() if one not in kept]
    gone.sort(key=lambda one: names.index(takeout.name_of(one)), reverse=True)
    _delete(SalesInvoice, tenant_id, SalesInvoice.credits_id.is_not(None))
    for model in gone:
        _delete(model, tenant_id)
    _delete(Transfer, tenant_id, ~_is_booked())
    _delete(OrderRefund, tenant_id, ~_is_of_booked_order())
    _delete(ShopOrder, tenant_id, ~_is_booked_order())
    _delete(Step, tenant_id)


def kept_by_plugins() -> tuple[type[Base], ...]:
    """Return the tables of plugins that the law keeps."""
    found = koppelwerk().registry.brought(Retention).values()
    return tuple(model for retention in found for model in retention.kept)


def _delete(model: Any, tenant_id: int, *which: ColumnElement[bool]) -> None:
    session().execute(
        delete(model)
        .where(model.tenant_id == tenant_id, *which)
        .execution_options(synchronize_session=False, **{log.ENDS: True})
    )


def _blank_rows(tenant_id: int) -> None:
    """Take names out of the rows that stay."""
    blank: dict[Any, dict[str, Any]] = {
        Transfer: {"params": {}, "external_url": ""},
        Connection: {"external_name": "", "facts": {}, "settings": {}, "cursor": {}},
        Coupling: {"settings": {}},
    }
    for model, values in blank.items():
        session().execute(
            update(model)
            .where(model.tenant_id == tenant_id)
            .values(values)
            .execution_options(synchronize_session=False)
        )
    tenant = session().get_one(Tenant, tenant_id)
    tenant.name = f"#{tenant_id}"
    tenant.vat_number = tenant.extra_email = ""
    tenant.address = {}
    tenant.active = False
