"""A shop with orders and refunds, recorded as its plugin would."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from core.domain.orders import (
    Address,
    LineKind,
    Order,
    OrderLine,
    OrderState,
    Reading,
    Refund,
    RefundKind,
)
from core.models import Connection, ConnectionState, ShopOrder, Tenant
from core.runtime.database import session
from core.services.transfer import orders

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
PLACES = {"NL": ("1012AB", "Amsterdam"), "XI": ("BT1 5GS", "Belfast")}
"""Postcode and place where only they tell the area."""
_ELSEWHERE = {
    "ES": "28013", "FR": "75001", "DE": "10115", "IT": "00184", "GR": "10552",
    "FI": "00100", "PT": "1000-001", "DK": "1050",
}  # fmt: skip


def shop(owner: Tenant, name: str = "Winkel") -> Connection:
    """Connect a shop, long ago."""
    made = Connection(
        tenant_id=owner.id, plugin="ownshop", state=ConnectionState.CONNECTED,
        external_id=name, external_name=name, created_at=LONG_AGO,
    )  # fmt: skip
    session().add(made)
    session().flush()
    return made


def address(country: str, name: str = "Klant") -> Address:
    """Return an address in a country, or in Northern Ireland (XI)."""
    postcode, city = PLACES.get(country, (_ELSEWHERE.get(country, "1000"), "Stad"))
    code = "GB" if country == "XI" else country
    return Address(
        name=name, street="Straat 1", postal_code=postcode, city=city, country=code
    )


def line(
    incl: str, vat: str, rate: str, kind: LineKind = LineKind.GOODS, name: str = "Fiets"
) -> OrderLine:
    """Return an order line of one piece."""
    return OrderLine(kind, name, Decimal(1), Decimal(incl), Decimal(vat), Decimal(rate))


def order(
    number: str,
    at: str,
    country: str,
    lines: Iterable[OrderLine],
    *,
    refunds: Iterable[Refund] = (),
    **more: Any,
) -> Order:
    """Return an order at a moment in UTC (ISO)."""
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    kept, back = tuple(lines), tuple(refunds)
    where = address(country)
    last = max((one.refunded_at for one in back), default=moment)
    values: dict[str, Any] = {
        "billing": where, "delivery": where, "is_business": False, **more
    }  # fmt: skip
    return Order(
        source_id=number, number=number, ordered_at=moment,
        updated_at=last + timedelta(minutes=len(back)), currency="EUR",
        total_incl_vat=sum((one.amount_incl_vat for one in kept), Decimal(0)),
        vat_amount=sum((one.vat_amount for one in kept), Decimal(0)),
        lines=kept, refunds=back,
        refunded_amount=sum((one.amount for one in back), Decimal(0)),
        **values,
    )  # fmt: skip


def refund(
    name: str, at: str, lines: Iterable[OrderLine], kind: RefundKind | None = None
) -> Refund:
    """Return a refund of lines (positive amounts) at a moment in UTC (ISO)."""
    taken = tuple(lines)
    amount = sum((one.amount_incl_vat for one in taken), Decimal(0))
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    return Refund(name, amount, moment, kind or RefundKind.RETURNED, lines=taken)


def record(
    connection: Connection,
    *found: Order,
    state: OrderState = OrderState.READY,
) -> list[ShopOrder]:
    """Have the product record orders; return their rows."""
    orders.record(connection, [Reading(one, state) for one in found])
    session().flush()
    names = [one.source_id for one in found]
    rows = session().query(ShopOrder).filter(ShopOrder.source_id.in_(names))
    return list(rows.order_by(ShopOrder.id))
