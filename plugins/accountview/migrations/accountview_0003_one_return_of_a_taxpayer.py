"""A period, kind and version is filed once for a tax number of a tenant."""

from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "accountview_0003"
down_revision = "accountview_0002"
branch_labels = None
depends_on = None

TABLE = "accountview_filing"
PERIOD = ("kind", "starts_on", "ends_on", "version")
OLD = ("administration_id", *PERIOD)
NEW = ("tenant_id", "tax_number", *PERIOD)
FILING = sa.table(TABLE, *(sa.column(name) for name in ("id", *NEW)))


def upgrade() -> None:
    _drop(OLD)
    _number_anew()
    _create(NEW)


def downgrade() -> None:
    _drop(NEW)
    _create(OLD)


def _drop(columns: tuple[str, ...]) -> None:
    with op.batch_alter_table(TABLE) as batch_op:
        batch_op.drop_constraint(_name(columns), type_="unique")


def _create(columns: tuple[str, ...]) -> None:
    with op.batch_alter_table(TABLE) as batch_op:
        batch_op.create_unique_constraint(_name(columns), columns)


def _name(columns: tuple[str, ...]) -> str:
    return op.f(f"uq_{TABLE}_{'_'.join(columns)}")


def _number_anew() -> None:
    """Where two administrations of one taxpayer made the same, number all of them."""
    found: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    rows = op.get_bind().execute(sa.select(FILING).order_by(FILING.c.id))
    versions = {}
    for row in rows.mappings():
        found[tuple(row[name] for name in NEW[:-1])].append(row["id"])
        versions[row["id"]] = row["version"]
    for ids in found.values():
        if len({versions[key] for key in ids}) == len(ids):
            continue
        for version, key in enumerate(ids, 1):
            op.get_bind().execute(
                sa.update(FILING).where(FILING.c.id == key).values(version=version)
            )
