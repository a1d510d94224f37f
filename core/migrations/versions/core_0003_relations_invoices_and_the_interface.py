"""relations, invoices and the interface."""

import sqlalchemy as sa
from alembic import op

from core.models import base as types

revision = "core_0003"
down_revision = "core_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "relation_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("phase", sa.String(length=20), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("counts", types.Json(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("params", types.Json(), nullable=False),
        sa.Column("started_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("finished_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f("fk_relation_run_connection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_relation_run_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relation_run")),
    )
    with op.batch_alter_table("relation_run", schema=None) as batch_op:
        batch_op.create_index(
            "ix_relation_run_list", ["connection_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_relation_run_tenant_id"), ["tenant_id"], unique=False
        )

    op.create_table(
        "invoice_vat_mapping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("coupling_id", sa.Integer(), nullable=False),
        sa.Column("vat_code_id", sa.Integer(), nullable=False),
        sa.Column("package_vat_code", sa.String(length=60), nullable=False),
        sa.Column("revenue_account", sa.String(length=20), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["coupling_id"],
            ["coupling.id"],
            name=op.f("fk_invoice_vat_mapping_coupling_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_invoice_vat_mapping_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["vat_code_id"],
            ["tenant_vat_code.id"],
            name=op.f("fk_invoice_vat_mapping_vat_code_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_vat_mapping")),
        sa.UniqueConstraint(
            "coupling_id",
            "vat_code_id",
            name=op.f("uq_invoice_vat_mapping_coupling_id_vat_code_id"),
        ),
    )
    with op.batch_alter_table("invoice_vat_mapping", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_invoice_vat_mapping_tenant_id"), ["tenant_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_invoice_vat_mapping_vat_code_id"),
            ["vat_code_id"],
            unique=False,
        )

    op.create_table(
        "relation_trouble",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("relation_id", sa.Integer(), nullable=True),
        sa.Column("external_id", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("params", types.Json(), nullable=False),
        sa.Column("since", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f("fk_relation_trouble_connection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["relation_id"],
            ["relation.id"],
            name=op.f("fk_relation_trouble_relation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_relation_trouble_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relation_trouble")),
    )
    with op.batch_alter_table("relation_trouble", schema=None) as batch_op:
        batch_op.create_index(
            "ix_relation_trouble_list", ["connection_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_relation_trouble_relation_id"), ["relation_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_relation_trouble_tenant_id"), ["tenant_id"], unique=False
        )

    with op.batch_alter_table("coupling", schema=None) as batch_op:
        batch_op.alter_column("source_id", existing_type=sa.INTEGER(), nullable=True)


def downgrade() -> None:
    with op.batch_alter_table("coupling", schema=None) as batch_op:
        batch_op.alter_column("source_id", existing_type=sa.INTEGER(), nullable=False)

    with op.batch_alter_table("relation_trouble", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_relation_trouble_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_relation_trouble_relation_id"))
        batch_op.drop_index("ix_relation_trouble_list")

    op.drop_table("relation_trouble")
    with op.batch_alter_table("invoice_vat_mapping", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invoice_vat_mapping_vat_code_id"))
        batch_op.drop_index(batch_op.f("ix_invoice_vat_mapping_tenant_id"))

    op.drop_table("invoice_vat_mapping")
    with op.batch_alter_table("relation_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_relation_run_tenant_id"))
        batch_op.drop_index("ix_relation_run_list")

    op.drop_table("relation_run")
