"""Everything we hold of a tenant, as a ZIP of JSON files that is made while it is sent.

Every table with a `tenant_id` is in it, those of plugins too. What opens a door is not:
tables of credentials and links, encrypted columns, hashes, tokens, and values in JSON
whose name says that they are secret.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from enum import Enum
from io import RawIOBase
from typing import Any, cast
from zipfile import ZIP_DEFLATED, ZipFile

from flask import Flask
from sqlalchemy import Column, LargeBinary, inspect, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from core.domain import jsontext
from core.domain.redact import is_sensitive
from core.models import (
    Base,
    ConnectionChoice,
    Credential,
    OAuthState,
    OneTimeLink,
    Tenant,
)
from core.runtime.database import session
from core.runtime.extensions import reading_only
from core.runtime.tenancy import tenant_scope

BATCH = 500
CLOSED = (ConnectionChoice, Credential, OAuthState, OneTimeLink)
"""Tables of nothing but secrets."""
_SECRET = re.compile(r"password|secret|token|hash|session_key|totp")


class _Sink(RawIOBase):
    """What the archive is written to, taken out again piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._pieces.append(bytes(data))
        return len(self._pieces[-1])

    def take(self) -> bytes:
        """Return what was written since the last time."""
        taken, self._pieces = b"".join(self._pieces), []
        return taken


def stream(app: Flask, tenant_id: int, readme: str) -> Iterator[bytes]:
    """Yield the archive; each batch is read in a scope and transaction of its own,
    since the request that asked for it is over by then.
    """
    sink = _Sink()
    with ZipFile(cast(Any, sink), "w", ZIP_DEFLATED) as archive:
        archive.writestr("LEESMIJ.txt", readme)
        for model in tables():
            with archive.open(f"{name_of(model)}.json", "w", force_zip64=True) as entry:
                before = b"["
                for row in _rows(app, model, tenant_id):
                    entry.write(before + b"\n" + jsontext.dumps(row).encode())
                    before = b","
                    yield sink.take()
                entry.write(b"[]\n" if before == b"[" else b"\n]\n")
            yield sink.take()
    yield sink.take()


def tables() -> list[type[Base]]:
    """Return the classes of the tables that hold a tenant's data, by table name."""
    held = [one for one in tenant_tables() if one not in CLOSED]
    return sorted([Tenant, *held], key=name_of)


def tenant_tables() -> list[Any]:
    """Return every class whose rows belong to a tenant, those of plugins too."""
    mappers = Base.registry.mappers
    return [mapper.class_ for mapper in mappers if "tenant_id" in mapper.columns]


def name_of(model: type[Base]) -> str:
    """Return a table's name."""
    return str(inspect(model).local_table.description)


def open_columns(model: type[Base]) -> dict[str, InstrumentedAttribute[Any]]:
    """Return a table's columns that may be shown to its tenant."""
    return {
        attribute.key: getattr(model, attribute.key)
        for attribute in inspect(model).column_attrs
        if _is_open(cast("Column[Any]", attribute.columns[0]))
    }


def _is_open(column: "Column[Any]") -> bool:
    return not isinstance(column.type, LargeBinary) and not _SECRET.search(column.name)


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it, without what is secret by its name."""
    if isinstance(value, dict):
        return {
            key: plain(item) for key, item in value.items() if not is_sensitive(key)
        }
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date | datetime) else value


def _rows(app: Flask, model: type[Base], tenant_id: int) -> Iterator[dict[str, Any]]:
    last: tuple[Any, ...] | None = None
    while True:
        batch = _batch(app, model, tenant_id, last)
        yield from (row for _key, row in batch)
        if len(batch) < BATCH:
            return
        last = batch[-1][0]


def _batch(
    app: Flask, model: type[Base], tenant_id: int, last: tuple[Any, ...] | None
) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
    columns = open_columns(model)
    owner = Tenant.id if model is Tenant else model.tenant_id  # type: ignore[attr-defined]
    keys = [getattr(model, str(column.key)) for column in inspect(model).primary_key]
    query = select(*keys, *columns.values()).where(owner == tenant_id)
    if last is not None:
        query = query.where(tuple_(*keys) > last)
    with _reading(app, tenant_id):
        found = session().execute(query.order_by(*keys).limit(BATCH)).all()
    return [
        (
            tuple(row[: len(keys)]),
            {
                name: plain(value)
                for name, value in zip(columns, row[len(keys) :], strict=True)
            },
        )
        for row in found
    ]


@contextmanager
def _reading(app: Flask, tenant_id: int) -> Iterator[None]:
    token = reading_only.set(True)
    try:
        with app.app_context(), tenant_scope(tenant_id):
            yield
    finally:
        reading_only.reset(token)
