"""Documents found by how their number begins; no links to a front page; the tour.

Numbers are compared by bytes, so that how one begins is a range of an index. No
package told a document's own web address yet: what stood there led to its front page.
"""

import sqlalchemy as sa
from alembic import op

revision = "core_0028"
down_revision = "core_0027"
branch_labels = None
depends_on = None

_NUMBERS = (("number", 100), ("external_number", 50))
_BOOKED = ["tenant_id", "booked_at", "id", "number", "external_number"]
_FAULTY = sa.text("state IN ('failed', 'held')")


def upgrade() -> None:
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "tour_closed", sa.Boolean(), nullable=False, server_default=sa.false()
            )
        )
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.alter_column("tour_closed", server_default=None)
    _collate('COLLATE "C"')
    op.drop_index("ix_transfer_booked", table_name="transfer")
    op.create_index("ix_transfer_booked", "transfer", [*_BOOKED, "target_id"])
    op.create_index("ix_transfer_number", "transfer", ["tenant_id", "number", "id"])
    op.create_index(
        "ix_transfer_cause",
        "transfer",
        ["tenant_id", "code", "coupling_id", "id"],
        sqlite_where=_FAULTY,
        postgresql_where=_FAULTY,
    )
    op.execute("UPDATE transfer SET external_url = '' WHERE external_url <> ''")


def _collate(collation: str) -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for name, length in _NUMBERS:
        kind = f"VARCHAR({length}) {collation}"
        op.execute(f"ALTER TABLE transfer ALTER COLUMN {name} TYPE {kind}")


def downgrade() -> None:
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.drop_column("tour_closed")
    op.drop_index("ix_transfer_cause", table_name="transfer")
    op.drop_index("ix_transfer_number", table_name="transfer")
    op.drop_index("ix_transfer_booked", table_name="transfer")
    op.create_index("ix_transfer_booked", "transfer", _BOOKED)
    _collate('COLLATE "default"')
