"""The KOR is said at the VAT status of the tenant only, by which sales are booked.

What was said of a taxpayer moves there where nothing was said of the KOR yet; otherwise
what stands there counts.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

from core.plugin import tables as types

revision = "belastingdienst_0008"
down_revision = "belastingdienst_0007"
branch_labels = None
depends_on = "core_0009"

TENANT = sa.table(
    "tenant", sa.column("id", sa.Integer), sa.column("vat_statuses", types.Json())
)
TAXPAYER = sa.table(
    "belastingdienst_taxpayer",
    sa.column("id", sa.Integer),
    sa.column("tenant_id", sa.Integer),
    sa.column("small_business_since", sa.Date),
    sa.column("small_business_until", sa.Date),
)
DAYS = ("small_business_since", "small_business_until")
_DAY = timedelta(days=1)


def upgrade() -> None:
    connection = op.get_bind()
    since, until = TAXPAYER.c.small_business_since, TAXPAYER.c.small_business_until
    rows = connection.execute(
        sa.select(TENANT.c.id, TENANT.c.vat_statuses, since, until)
        .join(TAXPAYER, TAXPAYER.c.tenant_id == TENANT.c.id)
        .where(since.is_not(None))
        .order_by(TAXPAYER.c.id)
    )
    said: set[int] = set()
    for tenant_id, statuses, first, last in rows.all():
        if tenant_id in said or any(one.get("small_business") for one in statuses):
            continue
        said.add(tenant_id)
        moved = list(_with_kor(statuses, first, last))
        connection.execute(
            sa.update(TENANT).where(TENANT.c.id == tenant_id).values(vat_statuses=moved)
        )
    with op.batch_alter_table(TAXPAYER.name) as batch_op:
        for name in DAYS:
            batch_op.drop_column(name)


def _with_kor(
    statuses: Iterable[dict[str, Any]], first: date, last: date | None
) -> list[dict[str, Any]]:
    """Return statuses with the KOR from its first to its last day."""
    by_day = {date.fromisoformat(one["starts_on"]): one for one in statuses}
    edges = [first, *([last + _DAY] if last else [])]
    for edge in edges:
        before = [day for day in by_day if day <= edge]
        known = by_day[max(before)] if before else {"distance_sales": ""}
        by_day[edge] = {**known, "starts_on": edge.isoformat()}
    return [
        {**one, "small_business": first <= day and (last is None or day <= last)}
        for day, one in sorted(by_day.items())
    ]


def downgrade() -> None:
    with op.batch_alter_table(TAXPAYER.name) as batch_op:
        for name in DAYS:
            batch_op.add_column(sa.Column(name, sa.Date()))
