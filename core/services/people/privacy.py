"""Erasing personal data: of a whole tenant, or of one customer of its shop.

What was never booked goes altogether. Of what was booked the numbers, dates, amounts
and VAT stay, without anybody's name (bookkeeping: article 52 AWR in the Netherlands,
seven years; article III.86 WER in Belgium); the documents themselves stand in the
tenant's own package. Our own invoices to the tenant stay as they are, and so does what
a plugin says the law keeps (filed declarations and their evidence).

The tenant's own sales invoices go with the tenant, who keeps them (*Alles downloaden*).
Of one customer they stay: a sent invoice must name its buyer for seven years, and so
does the relation it is for.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog
from sqlalchemy import (
    ColumnElement,
    String,
    Text,
    and_,
    delete,
    exists,
    or_,
    select,
    type_coerce,
    update,
)

from core.domain import jsontext
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
    LogEntry,
    Mail,
    OrderRefund,
    OrderWord,
    ProblemReport,
    Relation,
    RelationContact,
    SalesInvoice,
    ServiceInvoice,
    ShopOrder,
    Step,
    StepState,
    Takeover,
    Tenant,
    TenantPlugin,
    Transfer,
    TransferState,
    User,
)
from core.models.base import Json
from core.plugin.capabilities import Retention
from core.runtime import log
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk
from core.services.crm import contacts
from core.services.people import ending, takeout
from core.services.people.accounts import normal_email
from core.services.transfer import order_words, refunds

BATCH = 200
_KEPT: tuple[type[Base], ...] = (
    Connection, Coupling, Licence, OrderRefund, ServiceInvoice, ShopOrder, Tenant,
    Transfer,
)  # fmt: skip
"""Tables that keep rows when a tenant is erased, without anybody's name."""
_NO_CUSTOMERS: tuple[type[Base], ...] = (
    *_KEPT, LogEntry, Mail, OrderWord, Step, Takeover, TenantPlugin, User,
)  # fmt: skip
"""Tables in which a customer is not looked for by e-mail address."""

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Erased:
    """What became of a customer's orders."""

    deleted: int
    kept: int


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
                _forget_name(row)
        if not rows:
            return
        last = rows[-1].id
        session().expunge_all()


def _forget_name(row: ShopOrder) -> None:
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
    kept = (*_KEPT, *_kept_by_plugins(), Step)
    gone = [one for one in takeout.tenant_tables() if one not in kept]
    gone.sort(key=lambda one: names.index(takeout.name_of(one)), reverse=True)
    _delete(SalesInvoice, tenant_id, SalesInvoice.credits_id.is_not(None))
    for model in gone:
        _delete(model, tenant_id)
    _delete(Transfer, tenant_id, ~_is_booked())
    _delete(OrderRefund, tenant_id, ~_is_of_booked_order())
    _delete(ShopOrder, tenant_id, ~_is_booked_order())
    _delete(Step, tenant_id)


def _kept_by_plugins() -> tuple[type[Base], ...]:
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


def customer_data(email: str) -> dict[str, Any]:
    """Return everything we hold of one customer of the tenant in scope."""
    rows = _orders_of(email)
    transfers = _transfers_of(rows)
    found = {
        "email": email,
        "orders": [_shown(row) for row in rows],
        "transfers": [_shown(row) for row in transfers],
        "steps": [_shown(row) for row in _steps_of(transfers)],
    }
    for model in _searched():
        others = [_shown(row) for row in _mentioning(model, email)]
        found[takeout.name_of(model)] = others
    return {name: value for name, value in found.items() if value}


def count_orders(email: str) -> int:
    """Return how many orders of a customer we hold."""
    return len(_orders_of(email))


def erase_customer(email: str) -> Erased:
    """Erase one customer of the tenant in scope, in the caller's transaction."""
    rows = _orders_of(email)
    kept = 0
    for row in rows:
        transfers = _transfers_of([row])
        steps = _steps_of(transfers)
        _forget_trail(transfers, steps)
        if any(_may_stand(one, steps) for one in transfers):
            _forget_name(row)
            kept += 1
        else:
            ids = [transfer.id for transfer in transfers]
            log.forget(LogEntry.transfer_id.in_(ids))
            for one in (*transfers, row):
                session().delete(one)
    session().flush()
    log.forget(log.mentioning(normal_email(email)))
    for model in _searched():
        for one in _mentioning(model, email):
            if isinstance(one, RelationContact):
                contacts.forget(one)
            elif not _is_on_invoice(one):
                session().delete(one)
    return Erased(len(rows) - kept, kept)


def _is_on_invoice(row: Base) -> bool:
    """Tell whether a row must stay because a sales invoice names its buyer."""
    if isinstance(row, SalesInvoice):
        return True
    if not isinstance(row, Relation):
        return False
    wanted = select(SalesInvoice.id).where(SalesInvoice.relation_id == row.id).limit(1)
    return session().scalar(wanted) is not None


def _may_stand(transfer: Transfer, steps: Sequence[Step]) -> bool:
    sent = (TransferState.DONE, TransferState.HELD, TransferState.SENDING)
    return (
        transfer.state in sent
        or transfer.booked_at is not None
        or any(
            step.transfer_id == transfer.id and step.state != StepState.REJECTED
            for step in steps
        )
    )


def _forget_trail(transfers: Sequence[Transfer], steps: Sequence[Step]) -> None:
    """Empty what was said and sent about a customer's documents."""
    for step in steps:
        step.exchange = ""
        step.result = {}
    for transfer in transfers:
        transfer.params = {}
        session().execute(
            delete(ProblemReport)
            .where(ProblemReport.transfer_id == transfer.id)
            .execution_options(synchronize_session=False)
        )
        log.forget(
            LogEntry.transfer_id == transfer.id, left={"number": transfer.number}
        )


def _orders_of(email: str) -> list[ShopOrder]:
    """Return a customer's orders; the text is searched first, then read exactly."""
    wanted = normal_email(email)
    if not wanted:
        return []
    rows = session().scalars(
        select(ShopOrder)
        .where(_contains(ShopOrder.payload, wanted))
        .order_by(ShopOrder.id)
    )
    return [row for row in rows if normal_email(row.payload["email"]) == wanted]


def _transfers_of(rows: Sequence[ShopOrder]) -> list[Transfer]:
    of = [row.id for row in rows]
    back = select(OrderRefund.id).where(OrderRefund.order_id.in_(of))
    mine = or_(
        and_(Transfer.subject == "order", Transfer.subject_id.in_(of)),
        and_(Transfer.subject == "credit", Transfer.subject_id.in_(back)),
    )
    return list(session().scalars(select(Transfer).where(mine).order_by(Transfer.id)))


def _steps_of(transfers: Sequence[Transfer]) -> list[Step]:
    ids = [transfer.id for transfer in transfers]
    return list(session().scalars(select(Step).where(Step.transfer_id.in_(ids))))


def _searched() -> list[Any]:
    """Return the tables whose rows go when they mention a customer's address."""
    closed = (*_NO_CUSTOMERS, *_kept_by_plugins(), *takeout.CLOSED)
    return [model for model in takeout.tenant_tables() if model not in closed]


def _mentioning(model: Any, email: str) -> list[Any]:
    """Return the rows that hold an address; not those with a longer one around it."""
    wanted = normal_email(email)
    columns = [
        column
        for column in takeout.open_columns(model).values()
        if isinstance(column.type, String | Json)
    ]
    near = or_(False, *(_contains(column, wanted) for column in columns))
    whole = re.compile(
        rf"(?<![\w.+%-]){re.escape(wanted)}(?![\w-]|\.\w)", re.IGNORECASE
    )
    return [
        row
        for row in session().scalars(select(model).where(near))
        if any(whole.search(jsontext.dumps(getattr(row, one.key))) for one in columns)
    ]


def _contains(column: Any, text: str) -> ColumnElement[bool]:
    inside = jsontext.dumps(text)[1:-1]
    return type_coerce(column, Text).icontains(inside, autoescape=True)


def _shown(row: Base) -> dict[str, Any]:
    columns = takeout.open_columns(type(row))
    return {name: takeout.plain(getattr(row, name)) for name in columns}
