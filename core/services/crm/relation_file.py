"""The file of an import: read by a child that may take little, kept row by row."""

import json
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
        chosen = {name: lease.row.settings.get(name) for name in ("sheet", "header")}
    asked = json.dumps({**chosen, "sheet": chosen["sheet"] or ""}).encode()
    with confined.results(READER, asked + b"\n" + content, LIMITS) as told:
        layout = next(told)
        count = _keep(lease, told)
    with lease.work():
        row = lease.row
        row.format, row.headers = layout.pop("format"), layout.pop("headers")
        row.layout, row.rows, row.error = layout, count, ""
        row.state, row.tries = ImportState.READ, 0


def _keep(lease: Lease[RelationImport], told: Iterator[Any]) -> int:
    """Store the rows, some at a time; return how many. Those of a try before go."""
    owned = {"tenant_id": lease.row.tenant_id, "import_id": lease.key}
    with lease.work() as current:
        old = RelationImportRow.import_id == lease.key
        current.execute(delete(RelationImportRow).where(old))
        lease.row.rows = 0
    count = 0
    while rows := list(islice(told, STORED)):
        with lease.work() as current:
            current.execute(
                insert(RelationImportRow),
                [
                    {**owned, "number": number, "cells": cells, "remarks": remarks}
                    for number, cells, remarks in rows
                ],
            )
        count += len(rows)
    return count
