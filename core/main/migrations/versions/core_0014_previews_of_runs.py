"""Previews of runs of relations, what a run wrote, and its undoing.

A connection that ran before goes on as it did; another one shows a preview first.
"""

import sqlalchemy as sa
from alembic import op

from core.models import base as types

revision = "core_0014"
down_revision = "core_0013"
branch_labels = None
depends_on = None

_EMPTY = {"nullable": False, "server_default": sa.text("'{}'")}


def upgrade() -> None:
    moment = types.UtcDateTime(timezone=True)
    with op.batch_alter_table("relation_sync", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "needs_preview",
                sa.Boolean(),
                nullable=False,
                server_default=sa.true(),
            )
        )
    op.execute(
        sa.text(
            "UPDATE relation_sync SET needs_preview = :no WHERE EXISTS (SELECT 1 FROM"
            " relation_run WHERE relation_run.connection_id ="
            " relation_sync.connection_id AND relation_run.state = 'done')"
        ).bindparams(sa.bindparam("no", value=False, type_=sa.Boolean()))
    )
    with op.batch_alter_table("relation_sync", schema=None) as batch_op:
        batch_op.alter_column("needs_preview", server_default=None)

    with op.batch_alter_table("relation_run", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "kind", sa.String(length=20), nullable=False, server_default="sync"
            )
        )
        batch_op.add_column(sa.Column("of_run_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("confirmed_at", moment, nullable=True))
        batch_op.add_column(sa.Column("allowed", types.Json(), **_EMPTY))
        batch_op.add_column(sa.Column("position", types.Json(), **_EMPTY))
        batch_op.create_foreign_key(
            batch_op.f("fk_relation_run_of_run_id"),
            "relation_run",
            ["of_run_id"],
            ["id"],
            ondelete="SET NULL",
        )
    with op.batch_alter_table("relation_run", schema=None) as batch_op:
        for name in ("kind", "allowed", "position"):
            batch_op.alter_column(name, server_default=None)
    _make_lines()


def _make_lines() -> None:
    empty = {"nullable": False}
    op.create_table(
        "relation_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("relation_id", sa.Integer(), nullable=True),
        sa.Column("external_id", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("changes", types.Json(), **empty),
        sa.Column("before", types.Json(), **empty),
        sa.Column("after", types.Json(), **empty),
        sa.Column("links", types.Json(), **empty),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("params", types.Json(), **empty),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column],
                [f"{table}.id"],
                name=op.f(f"fk_relation_line_{column}"),
                ondelete=ondelete,
            )
            for column, table, ondelete in (
                ("run_id", "relation_run", "CASCADE"),
                ("relation_id", "relation", "SET NULL"),
                ("tenant_id", "tenant", "CASCADE"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relation_line")),
    )
    with op.batch_alter_table("relation_line", schema=None) as batch_op:
        batch_op.create_index("ix_relation_line_list", ["run_id", "id"])
        batch_op.create_index("ix_relation_line_kind", ["run_id", "kind", "id"])
        batch_op.create_index("ix_relation_line_relation", ["run_id", "relation_id"])
        batch_op.create_index(
            batch_op.f("ix_relation_line_relation_id"), ["relation_id"]
        )
        batch_op.create_index(batch_op.f("ix_relation_line_tenant_id"), ["tenant_id"])


def downgrade() -> None:
    op.drop_table("relation_line")
    with op.batch_alter_table("relation_run", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_relation_run_of_run_id"), type_="foreignkey"
        )
        for name in ("position", "allowed", "confirmed_at", "of_run_id", "kind"):
            batch_op.drop_column(name)
    with op.batch_alter_table("relation_sync", schema=None) as batch_op:
        batch_op.drop_column("needs_preview")
