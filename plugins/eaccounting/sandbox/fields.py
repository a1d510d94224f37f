"""Field tables and the check of a request body against them.

The vendor replaces on PUT: a writable field that is not in the body becomes null (or
zero, or false). Read-only fields in a body are ignored. A field that the contract
does not name is refused, since every schema there is closed.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from plugins.eaccounting.sandbox.errors import VALIDATION, ApiError, FieldError

Body = dict[str, Any]

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE)
_DATE = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
    r"(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?\Z"
)
_INT32 = (Decimal(-(2**31)), Decimal(2**31 - 1))
_EMPTY: dict[str, Any] = {"bool": False, "int": 0, "number": 0}


@dataclass
class Field:
    """One property of a resource."""

    name: str
    kind: str
    nullable: bool = False
    longest: int | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    places: int | None = None
    required: bool = False
    read_only: bool = False

    def empty(self) -> Any:
        """Return the value of a field nobody filled."""
        if self.kind == "list":
            return []
        return None if self.nullable else _EMPTY.get(self.kind)

    def problem(self, value: Any) -> str | None:
        """Say what is wrong with a value, or None."""
        if value is None:
            return None if self.nullable else "must not be null"
        if not _KINDS[self.kind](value):
            return f"is not a {self.kind}"
        if self.kind == "text":
            return self._text_problem(value)
        if self.kind in ("int", "number"):
            return self._number_problem(value)
        return None

    def _text_problem(self, value: str) -> str | None:
        if self.longest is not None and _units(value) > self.longest:
            return f"must be at most {self.longest} characters"
        return "is required" if self.required and not value.strip() else None

    def _number_problem(self, value: int | Decimal) -> str | None:
        if self.low is not None and value < self.low:
            return f"must be between {self.low} and {self.high}"
        if self.high is not None and value > self.high:
            return f"must be between {self.low} and {self.high}"
        if self.places is not None and decimals(value) > self.places:
            return f"has more than {self.places} decimals"
        return None


def _units(text: str) -> int:
    """Count as .NET does: an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def decimals(value: int | Decimal) -> int:
    """Count the decimals that matter: 1.50 has one."""
    exponent = Decimal(value).normalize().as_tuple().exponent
    return max(0, -int(exponent))


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_KINDS: dict[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "int": _whole,
    "number": lambda value: _whole(value) or isinstance(value, Decimal),
    "uuid": lambda value: isinstance(value, str) and bool(_UUID.match(value)),
    "date": lambda value: isinstance(value, str) and bool(_DATE.match(value)),
    "list": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def _field(line: str) -> Field:
    name, kind, *rest = line.split()
    field = Field(name, kind.rstrip("?"), nullable=kind.endswith("?"))
    if field.kind == "int":
        field.low, field.high = _INT32
    for part in rest:
        if part == "required":
            field.required = True
        elif part == "ro":
            field.read_only = True
        elif ".." in part:
            field.low, field.high = map(Decimal, part.split(".."))
        elif part.startswith("."):
            field.places = int(part[1:])
        else:
            field.longest = int(part)
    return field


class Shape:
    """The fields of one resource."""

    def __init__(self, table: str) -> None:
        fields = (_field(line) for line in table.strip().splitlines())
        self.fields = {field.name: field for field in fields}
        self._read_only = {f.name: f.empty() for f in self.fields.values()
                           if f.read_only and f.kind != "object"}  # fmt: skip
        self._writable = [f for f in self.fields.values() if not f.read_only]

    def blank(self) -> Body:
        """Return the read-only fields, empty."""
        return {name: [] if value == [] else value
                for name, value in self._read_only.items()}  # fmt: skip

    def check(self, body: Any, prefix: str = "") -> Body:
        """Return the writable fields of a body; raise ApiError 2000 with all faults."""
        if not isinstance(body, dict):
            raise ApiError(VALIDATION, f"{prefix or 'The body'} is not a JSON object")
        faults = [FieldError(prefix + name, "is not a field of this resource")
                  for name in body if name not in self.fields]  # fmt: skip
        result: Body = {}
        for field in self._writable:
            problem = _take(field, body, result)
            if problem:
                faults.append(FieldError(prefix + field.name, problem))
        if faults:
            text = "; ".join(f"{fault.field} {fault.message}" for fault in faults)
            raise ApiError(VALIDATION, text, *faults)
        return result

    def rows(self, rows: list[Any]) -> list[Body]:
        """Check the rows of a document; faults are named `Rows[0].Field`."""
        return [self.check(row, f"Rows[{index}].") for index, row in enumerate(rows)]


def _take(field: Field, body: Body, result: Body) -> str | None:
    if field.name not in body:
        if field.required:
            return "is required"
        if field.kind != "object":
            result[field.name] = field.empty()
        return None
    value = body[field.name]
    if value is None and field.required:
        return "is required"
    if value is None and field.kind == "object":
        return None
    problem = field.problem(value)
    if not problem:
        result[field.name] = _normal(field.kind, value)
    return problem


def _normal(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind == "uuid":
        return str(value).lower()
    if kind == "date":
        return f"{value[:10]}T00:00:00Z"
    return value
