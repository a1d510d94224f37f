"""An administration's onderneming in a table of its own: declarations move out."""

import sqlalchemy as sa
from alembic import op

revision = "accountview_0004"
down_revision = "accountview_0003"
branch_labels = None
depends_on = None

TABLE = "accountview_undertaking_administration"
ADMINISTRATION = sa.table(
    "accountview_administration",
    *(sa.column(name) for name in ("id", "tenant_id", "undertaking_id")),
)
MADE = sa.table(
    TABLE,
    *(sa.column(name) for name in ("tenant_id", "administration_id", "undertaking_id")),
)


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("administration_id", sa.Integer(), nullable=False),
        sa.Column("undertaking_id", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f(f"fk_{TABLE}_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["undertaking_id"],
            ["accountview_undertaking.id"],
            name=op.f(f"fk_{TABLE}_undertaking_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint(
            "administration_id", name=op.f(f"uq_{TABLE}_administration_id")
        ),
    )
    with op.batch_alter_table(TABLE) as batch_op:
        for column in ("tenant_id", "undertaking_id"):
            batch_op.create_index(op.f(f"ix_{TABLE}_{column}"), [column])
    found = ADMINISTRATION.c
    op.execute(
        MADE.insert().from_select(
            ["tenant_id", "administration_id", "undertaking_id"],
            sa.select(found.tenant_id, found.id, found.undertaking_id).where(
                found.undertaking_id.is_not(None)
            ),
        )
    )


def downgrade() -> None:
    # the column it came from is still there, as `belastingdienst_0001` put it back
    op.drop_table(TABLE)
