"""What the tests book."""

from datetime import UTC, datetime
from decimal import Decimal

from core.domain.orders import Address, LineKind, Order, OrderLine

_MOMENT = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
"""The third of March in Amsterdam."""


def _line(
    kind: LineKind, text: str, count: int, incl: str, vat: str, rate: int
) -> OrderLine:
    return OrderLine(
        kind, text, Decimal(count), Decimal(incl), Decimal(vat), Decimal(rate)
    )


ORDER = Order(
    source_id="1",
    number="W1",
    ordered_at=_MOMENT,
    updated_at=_MOMENT,
    currency="EUR",
    total_incl_vat=Decimal("36.89"),
    vat_amount=Decimal("5.40"),
    lines=(
        _line(LineKind.GOODS, "Kopje", 3, "20.00", "3.47", 21),
        _line(LineKind.GOODS, "Boek", 1, "10.94", "0.90", 9),
        _line(LineKind.SHIPPING, "Verzending", 1, "5.95", "1.03", 21),
    ),
    email="Klant@example.com",
    billing=Address(name="Anna van der Klant", city="Delft", country="NL"),
)
"""A paid order of a private person: three cups of 20 euros together, and a book."""
