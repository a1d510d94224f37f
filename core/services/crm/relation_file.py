"""The file of an import: read by a child that may take little, kept row by row."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from sqlalchemy import delete, insert

from core.kit import confined
from core.models import ImportState, RelationImport, RelationImportRow
from core.plugin.engine import Lease
from core.runtime.database import transaction

READER = "core.rules.tabular:told"
LIMITS = confined.Limits()
STORED = 1000
"""Rows that are kept per transaction."""


def read(lease: Lease[RelationImport]) -> None:
    """Have the file read while no transaction is open, and keep its rows."""
    with transaction():
        content = lease.row.content or b""
    with confined.results(READER, content, LIMITS) as told:
        file_format, headers = next(told)
        count = _keep(lease, told)
    with lease.work():
        row = lease.row
        row.format, row.headers, row.rows = file_format, headers, count
        row.content, row.state, row.tries = None, ImportState.READ, 0


def _keep(lease: Lease[RelationImport], told: Iterator[Any]) -> int:
    """Store the rows, some at a time; return how many. Those of a try before go."""
    owned = {"tenant_id": lease.row.tenant_id, "import_id": lease.key}
    with lease.work() as current:
        old = RelationImportRow.import_id == lease.key
        current.execute(delete(RelationImportRow).where(old))
    count = 0
    while rows := list(islice(told, STORED)):
        with lease.work() as current:
            current.execute(
                insert(RelationImportRow),
                [{**owned, "number": number, "cells": cells} for number, cells in rows],
            )
        count += len(rows)
    return count
