"""Orders and configuration that the tests of this plugin share."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from core.domain.money import total
from core.domain.orders import Address, LineKind, Order, OrderLine, SaleKind
from core.rules.sale_checks import VatRule
from plugins.eaccounting.mapping import RuledLine

HIGH = "ef4f9ed7-209e-4308-bb2c-26f6dfd1229c"
LOW = "0b6f0c4d-1c1e-4b0e-9d55-6a4a2e2f7c11"
NONE = "5f0c9f6a-55a4-4b57-9a3e-3d6b9a0d7e10"
CODES = {Decimal(21): HIGH, Decimal(9): LOW, Decimal(0): NONE}
ACCOUNTS = {Decimal(21): 1520, Decimal(9): 1530, Decimal(0): None}
ORDERED_AT = datetime(2023, 3, 1, 12, tzinfo=UTC)


def address(**changes: str) -> Address:
    """The customer of the manual's field tables."""
    values = {
        "name": "Sophie Fischer",
        "street": "Stationstraat 12",
        "postal_code": "1000AA",
        "city": "Amsterdam",
        "country": "NL",
        **changes,
    }
    return Address(**values)


def line(
    description: str = "Overhemd",
    incl: str = "121.00",
    vat: str = "21.00",
    rate: str = "21",
    quantity: str = "1",
    *,
    number: str = "SKU-1",
    kind: LineKind = LineKind.GOODS,
) -> OrderLine:
    """One order line; amounts in euros for the whole quantity."""
    return OrderLine(
        kind, description, Decimal(quantity), Decimal(incl), Decimal(vat),
        Decimal(rate), number,
    )  # fmt: skip


def order(lines: Sequence[OrderLine], **changes: Any) -> Order:
    """A Dutch consumer's order of these lines."""
    values: dict[str, Any] = {
        "source_id": "1",
        "number": "ORD.UH.09875",
        "ordered_at": ORDERED_AT,
        "updated_at": ORDERED_AT,
        "currency": "EUR",
        "total_incl_vat": total(item.amount_incl_vat for item in lines),
        "vat_amount": total(item.vat_amount for item in lines),
        "lines": tuple(lines),
        "email": "sophie@example.com",
        "billing": address(),
        "delivery": address(),
        "payment_method": "iDEAL",
        "invoice_number": "INV.FD.10293",
        **changes,
    }
    return Order(**values)


def ruled(lines: Sequence[OrderLine]) -> list[RuledLine]:
    """The lines with a Dutch configuration of 21, 9 and 0 percent."""
    return [
        RuledLine(
            item,
            VatRule(
                SaleKind.COUNTRY, "NL", item.vat_rate, CODES[item.vat_rate], "8100"
            ),
            ACCOUNTS[item.vat_rate],
        )
        for item in lines
    ]


def basket() -> list[OrderLine]:
    """Two rates, a quantity, a discount that does not divide, and shipping."""
    return [
        line("Overhemd", "49.90", "8.66", quantity="2"),
        line("Thee, groen", "10.00", "0.83", "9", "3", number="THEE"),
        line("PostNL", "4.95", "0.86", number="", kind=LineKind.SHIPPING),
    ]
