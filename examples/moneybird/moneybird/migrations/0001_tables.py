"""Tables of Moneybird."""

import sqlalchemy as sa
from alembic import op

from core.plugin import tables as types

revision = "moneybird0001"
down_revision = None
branch_labels = ("moneybird",)
depends_on = "core_0001"


def _mapping(name: str, *columns: sa.Column[object]) -> list[sa.schema.SchemaItem]:
    """Return what every mapping table of a coupling has."""
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("coupling_id", sa.Integer(), nullable=False),
        *columns,
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["coupling_id"],
            ["coupling.id"],
            name=f"fk_{name}_coupling_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=f"fk_{name}_tenant_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    ]


def upgrade() -> None:
    _record()
    name = "moneybird_vat_mapping"
    op.create_table(
        name,
        *_mapping(
            name,
            sa.Column("sale_kind", sa.String(20), nullable=False),
            sa.Column("country", sa.String(2), nullable=False),
            sa.Column("rate", types.Rate(), nullable=False),
            sa.Column("vat_code", sa.String(60), nullable=False),
            sa.Column("revenue_account", sa.String(20), nullable=False),
        ),
        sa.UniqueConstraint(
            "coupling_id",
            "sale_kind",
            "country",
            "rate",
            name=f"uq_{name}_coupling_id_sale_kind_country_rate",
        ),
    )
    _indexes(name, "coupling_id", "tenant_id")
    name = "moneybird_payment_mapping"
    op.create_table(
        name,
        *_mapping(
            name,
            sa.Column("method", sa.String(200), nullable=False),
            sa.Column("clearing_account", sa.String(20), nullable=False),
            sa.Column("fixed_debtor", sa.String(60), nullable=False),
        ),
        sa.UniqueConstraint(
            "coupling_id", "method", name=f"uq_{name}_coupling_id_method"
        ),
    )
    _indexes(name, "coupling_id", "tenant_id")


def _record() -> None:
    name = "moneybird_record"
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("external_id", sa.String(100), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("data", types.Json(), nullable=False),
        sa.Column("read_at", types.UtcDateTime(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=f"fk_{name}_connection_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=f"fk_{name}_tenant_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.UniqueConstraint(
            "connection_id",
            "kind",
            "external_id",
            name=f"uq_{name}_connection_id_kind_external_id",
        ),
    )
    op.create_index(f"ix_{name}_key", name, ["connection_id", "kind", "key"])
    _indexes(name, "tenant_id")


def _indexes(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    for table in ("payment_mapping", "vat_mapping", "record"):
        op.drop_table(f"moneybird_{table}")
