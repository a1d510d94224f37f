"""What a person said of relations and records that met, and each field's last state."""

import sqlalchemy as sa
from alembic import op

from core.models import base as types

revision = "core_0012"
down_revision = "core_0011"
branch_labels = None
depends_on = None

_EMPTY = {"nullable": False, "server_default": sa.text("''")}
_OVERWRITTEN = sa.text("action = 'overwritten'")


def upgrade() -> None:
    with op.batch_alter_table("relation_link", schema=None) as batch_op:
        batch_op.add_column(sa.Column("base", sa.Text(), **_EMPTY))
    with op.batch_alter_table("relation_link", schema=None) as batch_op:
        batch_op.alter_column("base", server_default=None)
    with op.batch_alter_table("relation_sync", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("administration", sa.String(length=200), **_EMPTY)
        )
    with op.batch_alter_table("relation_sync", schema=None) as batch_op:
        batch_op.alter_column("administration", server_default=None)
    # Of a connection that ended nobody can tell any more whose its links are.
    op.execute(
        "UPDATE relation_sync SET administration = COALESCE((SELECT external_id"
        " FROM connection WHERE connection.id = relation_sync.connection_id), '?')"
    )
    op.create_index(
        "ix_relation_change_overwritten",
        "relation_change",
        ["connection_id", "id"],
        sqlite_where=_OVERWRITTEN,
        postgresql_where=_OVERWRITTEN,
    )
    op.create_table(
        "relation_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("relation_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("external_id", sa.String(length=100), nullable=False),
        sa.Column("choice", sa.String(length=20), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("params", types.Json(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f("fk_relation_decision_connection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["relation_id"],
            ["relation.id"],
            name=op.f("fk_relation_decision_relation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_relation_decision_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("fk_relation_decision_user_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relation_decision")),
        sa.UniqueConstraint(
            "connection_id",
            "relation_id",
            "role",
            "external_id",
            name=op.f(
                "uq_relation_decision_connection_id_relation_id_role_external_id"
            ),
        ),
    )
    with op.batch_alter_table("relation_decision", schema=None) as batch_op:
        for name in ("relation_id", "tenant_id"):
            batch_op.create_index(batch_op.f(f"ix_relation_decision_{name}"), [name])


def downgrade() -> None:
    op.drop_table("relation_decision")
    op.drop_index("ix_relation_change_overwritten", table_name="relation_change")
    with op.batch_alter_table("relation_sync", schema=None) as batch_op:
        batch_op.drop_column("administration")
    with op.batch_alter_table("relation_link", schema=None) as batch_op:
        batch_op.drop_column("base")
