"""Why a document's VAT is what it is, and the settings that decide it."""

import sqlalchemy as sa
from alembic import op

from core.models import base as types

revision = "core_0009"
down_revision = "core_0008"
branch_labels = None
depends_on = None

_COLUMNS = (
    ("transfer", "reasoning", "{}"),
    ("coupling", "no_turnover", "{}"),
    ("tenant", "vat_statuses", "[]"),
)


def upgrade() -> None:
    for table, name, empty in _COLUMNS:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(
                sa.Column(name, types.Json(), nullable=False, server_default=empty)
            )

    # an order of nothing is no failure
    op.execute(
        "UPDATE transfer SET state = 'skipped', code = 'nothing_to_book'"
        " WHERE state = 'failed' AND code = 'zero_total'"
    )


def downgrade() -> None:
    for table, name, _ in reversed(_COLUMNS):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column(name)
