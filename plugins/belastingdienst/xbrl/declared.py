"""What an instance declares, read back from its bytes for whoever approves it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from core.domain.declarations import (
    Box,
    Customer,
    DeclarationKind,
    IcpKind,
    Rubric,
    TaxPeriod,
)
from plugins.belastingdienst.xbrl import icp, ob
from plugins.belastingdienst.xbrl.reader import Fact, Message, NotXbrl, read

_TUPLE_KINDS = {
    **{name: (kind, False) for kind, name in icp.TUPLES.items()},
    **{f"{name}Correction": (kind, True) for kind, name in icp.TUPLES.items()},
}
_DIMENSION_KINDS = {name: kind for kind, name in icp.DIMENSIONAL_AMOUNTS.items()}
_TOTALS = {
    "5a": ob.OWED,
    "5d": ob.REDUCTION,
    "5g": ob.PAYABLE,
    "total_new": ob.TOTAL_NEW,
    "total_old": ob.TOTAL_OLD,
    "additional": ob.ADDITIONAL,
}
_TUPLE_FACTS = 3


@dataclass(frozen=True)
class Row:
    """One ICP row."""

    kind: IcpKind
    customer: Customer
    amount: Decimal
    is_correction: bool = False


@dataclass(frozen=True)
class Declared:
    """A declaration as its bytes say it, in whole euros."""

    kind: DeclarationKind
    period: TaxPeriod
    tax_number: str
    boxes: Mapping[Rubric, Box] = field(default_factory=dict)
    totals: Mapping[str, Decimal] = field(default_factory=dict)
    """5a, 5d, 5g; of a suppletie `total_new`, `total_old`, `additional`."""
    rows: tuple[Row, ...] = ()
    division: str = ""
    """Own btw-id of a part of a fiscal unity, in an ICP declaration."""

    @property
    def payable(self) -> Decimal:
        """To pay: 5g, or what a suppletie adds; of ICP the sum of its rows."""
        if self.kind is DeclarationKind.ICP:
            return sum((row.amount for row in self.rows), Decimal(0))
        name = "5g" if self.kind is DeclarationKind.VAT_RETURN else "additional"
        return self.totals.get(name, Decimal(0))

    def stored(self) -> dict[str, Any]:
        """Return it as plain values, to keep and to compare."""
        division = {"division": self.division} if self.division else {}
        return {
            **division,
            "tax_number": self.tax_number,
            "boxes": {
                rubric.value: [str(box.turnover), str(box.vat)]
                for rubric, box in self.boxes.items()
            },
            "totals": {name: str(amount) for name, amount in self.totals.items()},
            "rows": [_stored_row(row) for row in self.rows],
        }


def _stored_row(row: Row) -> list[str]:
    country, number = row.customer.country, row.customer.vat_number
    correction = "correction" if row.is_correction else ""
    return [row.kind.value, country, number, str(row.amount), correction]


def read_back(content: bytes, kind: DeclarationKind) -> Declared:
    """Read what the bytes declare; NotXbrl when they are no such declaration."""
    message = read(content)
    try:
        context = next(iter(message.contexts.values()))
        start, end = date.fromisoformat(context.start), date.fromisoformat(context.end)
        period = TaxPeriod(start, end)
        rows = tuple(_rows(message)) if kind is DeclarationKind.ICP else ()
        boxes = {} if kind is DeclarationKind.ICP else _boxes(message)
        totals = dict(_totals(message))
    except (KeyError, InvalidOperation, StopIteration, ValueError) as error:
        raise NotXbrl(str(error)) from error
    division = message.value(icp.DIVISION) or ""
    return Declared(kind, period, context.identifier, boxes, totals, rows, division)


def _boxes(message: Message) -> dict[Rubric, Box]:
    return {
        rubric: Box(
            _amount(message, ob.TURNOVER.get(rubric)),
            _amount(message, ob.VAT.get(rubric)),
        )
        for rubric in Rubric
    }


def _amount(message: Message, name: str | None) -> Decimal:
    return Decimal((message.value(name) if name else None) or "0")


def _totals(message: Message) -> Iterator[tuple[str, Decimal]]:
    for short, name in _TOTALS.items():
        value = message.value(name)
        if value is not None:
            yield short, Decimal(value)


def _rows(message: Message) -> Iterator[Row]:
    """Yield the rows: tuples have three facts each, dimensions one with its context."""
    inside = [fact for fact in message.facts if fact.parent in _TUPLE_KINDS]
    for start in range(0, len(inside), _TUPLE_FACTS):
        yield _tuple_row(inside[start : start + _TUPLE_FACTS])
    for fact in message.facts:
        if not fact.parent and fact.name in _DIMENSION_KINDS:
            members = message.contexts[fact.context].members
            number = members["VATNumberDimension"]
            customer = Customer(members["CountryCodeEUDimension"], number)
            yield Row(_DIMENSION_KINDS[fact.name], customer, Decimal(fact.value))


def _tuple_row(facts: list[Fact]) -> Row:
    kind, is_correction = _TUPLE_KINDS[facts[0].parent]
    texts = {fact.name: fact.value for fact in facts if not fact.is_amount}
    (amount,) = (Decimal(fact.value) for fact in facts if fact.is_amount)
    customer = Customer(texts[icp.COUNTRY], texts[icp.VAT_NUMBER])
    return Row(kind, customer, amount, is_correction)
