"""What was set aside, which causes were mailed, and files of problem reports."""

import sqlalchemy as sa
from alembic import op

from core.models import base as types

revision = "core_0025"
down_revision = "core_0024"
branch_labels = None
depends_on = None

_MOMENT = types.UtcDateTime(timezone=True)
_IS_ASIDE = sa.text("set_aside_at IS NOT NULL")


def _tenant(table: str) -> sa.Constraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id"],
        ["tenant.id"],
        name=op.f(f"fk_{table}_tenant_id"),
        ondelete="CASCADE",
    )


def upgrade() -> None:
    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("set_aside_at", _MOMENT, nullable=True))
    op.create_index(
        "ix_transfer_set_aside",
        "transfer",
        ["tenant_id", "set_aside_at"],
        sqlite_where=_IS_ASIDE,
        postgresql_where=_IS_ASIDE,
    )
    op.execute(
        "UPDATE transfer SET set_aside_at = changed_at"
        " WHERE state = 'skipped' AND code = 'put_aside'"
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=64), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.Column("told_at", _MOMENT, nullable=True),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        _tenant("notice"),
        sa.UniqueConstraint(
            "tenant_id",
            "on_day",
            "cause",
            name=op.f("uq_notice_tenant_id_on_day_cause"),
        ),
    )
    op.create_index(op.f("ix_notice_tenant_id"), "notice", ["tenant_id"])
    op.create_table(
        "problem_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem_file")),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["problem_report.id"],
            name=op.f("fk_problem_file_report_id"),
            ondelete="CASCADE",
        ),
        _tenant("problem_file"),
    )
    for column in ("report_id", "tenant_id"):
        op.create_index(op.f(f"ix_problem_file_{column}"), "problem_file", [column])


def downgrade() -> None:
    op.drop_table("problem_file")
    op.drop_table("notice")
    op.drop_index("ix_transfer_set_aside", table_name="transfer")
    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.drop_column("set_aside_at")
