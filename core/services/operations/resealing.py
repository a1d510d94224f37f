"""Sealing every secret anew under the newest key, while the product runs.

A value is replaced only if it still is what was opened, a batch per transaction: who is
killed in between leaves values under either key, and both keys open. Once more goes on.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from string import Formatter
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    and_,
    inspect,
    select,
    tuple_,
    update,
)

from core.models import Base
from core.models.base import SEALED, place_of
from core.net.http import probe
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk
from core.runtime.tenancy import system_scope
from core.runtime.vault import VaultError, key_id

BATCH = 100


@dataclass
class Standing:
    """Under which keys the secrets are."""

    by_key: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Values by (table.column, id of the key)."""
    closed: list[str] = field(default_factory=list)
    """Places of values that do not open."""

    def under(self, name: str) -> int:
        """Return how many values are under a key."""
        return sum(count for (_, key), count in self.by_key.items() if key == name)


def sealed_columns() -> list[Any]:
    """Return every column of secrets, those of plugins too, by name."""
    found = [
        mapper.get_property_by_column(column).class_attribute
        for mapper in Base.registry.mappers
        for column in mapper.local_table.columns
        if SEALED in column.info
    ]
    return sorted(found, key=name_of)


def name_of(column: Any) -> str:
    """Return `table.column`."""
    return str(column.property.columns[0])


def standing() -> Standing:
    """Open every secret, and tell under which key it is."""
    found = Standing()
    for column in sealed_columns():
        for _key, place, value in _values(column):
            if _opened(value, place) is None:
                found.closed.append(place)
            else:
                found.by_key[name_of(column), key_id(value)] += 1
    return found


def reseal() -> int:
    """Seal what is under an older key anew; commits by itself. Returns how many.

    What does not open stays as it is: `standing` names it.
    """
    return sum(_reseal(column) for column in sealed_columns())


def _reseal(column: Any) -> int:
    done = 0
    old = [(key, place) for key, place, value in _values(column) if _is_old(value)]
    for start in range(0, len(old), BATCH):
        with system_scope(), transaction():
            for key, place in old[start : start + BATCH]:
                done += _reseal_one(column, key, place)
        probe("resealed a batch")
    return done


def _reseal_one(column: Any, key: tuple[Any, ...], place: str) -> bool:
    this = _is_row(column.class_, key)
    value = session().scalar(select(column).where(this))
    plain = _opened(value, place) if value is not None and _is_old(value) else None
    if plain is None:
        return False
    changed = session().execute(
        update(column.class_)
        .where(this, column == value)
        .values({column.key: koppelwerk().vault.seal(plain, context=place)})
        .execution_options(synchronize_session=False)
    )
    return bool(cast("CursorResult[Any]", changed).rowcount)


def _values(column: Any) -> Iterator[tuple[tuple[Any, ...], str, bytes]]:
    """Yield key, place and value of each secret, read in short transactions."""
    model = column.class_
    keys = _keys(model)
    names = [name for _, name, _, _ in Formatter().parse(column.info[SEALED]) if name]
    wanted = select(column, *keys, *(getattr(model, name) for name in names))
    wanted = wanted.where(column.is_not(None)).order_by(*keys).limit(BATCH)
    last: tuple[Any, ...] | None = None
    while True:
        behind = wanted if last is None else wanted.where(tuple_(*keys) > last)
        with system_scope(), transaction() as current:
            rows = [tuple(row) for row in current.execute(behind)]
        for value, *others in rows:
            last = tuple(others[: len(keys)])
            given = dict(zip(names, others[len(keys) :], strict=True))
            if value:
                yield last, place_of(column, **given), value
        if len(rows) < BATCH:
            return


def _keys(model: Any) -> list[Any]:
    return [getattr(model, str(column.key)) for column in inspect(model).primary_key]


def _is_row(model: Any, key: tuple[Any, ...]) -> ColumnElement[bool]:
    return and_(*(one == value for one, value in zip(_keys(model), key, strict=True)))


def _is_old(value: bytes) -> bool:
    try:
        return koppelwerk().vault.needs_reseal(value)
    except VaultError:
        return False


def _opened(value: bytes, place: str) -> bytes | None:
    try:
        return koppelwerk().vault.open(value, context=place)
    except VaultError:
        return None
