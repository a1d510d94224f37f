"""Proof of VAT numbers, drafts that wait for it, the payment code, lists by date."""

import sqlalchemy as sa
from alembic import op

from core.models import base as types

revision = "core_0017"
down_revision = "core_0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "waiting_invoice",
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("sent_as", sa.String(length=10), nullable=False),
        sa.Column("letter", types.Json(), nullable=False),
        sa.Column("attachment_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("params", types.Json(), nullable=False),
        sa.Column("due_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("lease_until", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("lease_token", sa.String(length=32), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_id"],
            ["sales_invoice.id"],
            name=op.f("fk_waiting_invoice_invoice_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("fk_waiting_invoice_user_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_waiting_invoice_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("invoice_id", name=op.f("pk_waiting_invoice")),
    )
    with op.batch_alter_table("waiting_invoice", schema=None) as batch_op:
        batch_op.create_index("ix_waiting_invoice_work", ["state", "due_at"])
        batch_op.create_index(batch_op.f("ix_waiting_invoice_tenant_id"), ["tenant_id"])
    with op.batch_alter_table("sales_invoice", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "vat_proof",
                types.Json(),
                nullable=False,
                server_default=sa.text("'{}'"),
            )
        )
        batch_op.create_index("ix_sales_invoice_due", ["tenant_id", "due_on", "id"])
        batch_op.create_index("ix_sales_invoice_credits", ["credits_id"])
    with op.batch_alter_table("invoice_settings", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "payment_code",
                sa.Boolean(),
                nullable=False,
                server_default=sa.true(),
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("invoice_settings", schema=None) as batch_op:
        batch_op.drop_column("payment_code")
    with op.batch_alter_table("sales_invoice", schema=None) as batch_op:
        batch_op.drop_index("ix_sales_invoice_credits")
        batch_op.drop_index("ix_sales_invoice_due")
        batch_op.drop_column("vat_proof")
    op.drop_table("waiting_invoice")
