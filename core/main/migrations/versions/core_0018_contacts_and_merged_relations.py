"""Contact persons, merged relations, and the words by which doubles are found."""

import sqlalchemy as sa
from alembic import op

from core.models import base as types

revision = "core_0018"
down_revision = "core_0017"
branch_labels = None
depends_on = None

_MOMENT = types.UtcDateTime(timezone=True)
_KEYS = {
    "vat_number": "=vat:",
    "chamber_number": "=kvk:",
    "iban": "=iban:",
    "email": "=mail:",
}
_WORD = ("tenant_id", "relation_id", "word")


def upgrade() -> None:
    _contacts()
    _merges()
    with op.batch_alter_table("relation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_relation_merged_into_id"),
            "relation",
            ["merged_into_id"],
            ["id"],
            ondelete="CASCADE",
        )
        batch_op.create_index(
            batch_op.f("ix_relation_merged_into_id"), ["merged_into_id"], unique=False
        )
    with op.batch_alter_table("relation_link", schema=None) as batch_op:
        batch_op.add_column(sa.Column("retired_at", _MOMENT, nullable=True))
    _add_keys()


def _owner(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id"],
        ["tenant.id"],
        name=op.f(f"fk_{table}_tenant_id"),
        ondelete="CASCADE",
    )


def _of_relation(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        ["relation.id"],
        name=op.f(f"fk_{table}_{column}"),
        ondelete="CASCADE",
    )


def _by_user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["user_id"],
        ["user.id"],
        name=op.f(f"fk_{table}_user_id"),
        ondelete="SET NULL",
    )


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _contacts() -> None:
    op.create_table(
        "relation_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("relation_id", sa.Integer(), nullable=False),
        _text("name", 200),
        _text("first_name", 100),
        _text("initials", 20),
        _text("name_prefix", 20),
        _text("function", 100),
        _text("email", 255),
        _text("phone", 50),
        _text("mobile", 50),
        sa.Column("gets_invoices", sa.Boolean(), nullable=False),
        sa.Column("gets_copies", sa.Boolean(), nullable=False),
        _text("note", 500),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        _of_relation("relation_contact", "relation_id"),
        _owner("relation_contact"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relation_contact")),
    )
    _index("relation_contact", "relation_id", "tenant_id")


def _merges() -> None:
    op.create_table(
        "relation_merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("merged_id", sa.Integer(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("kept_version", sa.Integer(), nullable=False),
        sa.Column("before", types.Json(), nullable=False),
        sa.Column("numbers", types.Json(), nullable=False),
        sa.Column("moved", types.Json(), nullable=False),
        sa.Column("undone_at", _MOMENT, nullable=True),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        _of_relation("relation_merge", "kept_id"),
        _of_relation("relation_merge", "merged_id"),
        _by_user("relation_merge"),
        _owner("relation_merge"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relation_merge")),
    )
    op.create_index("ix_relation_merge_kept", "relation_merge", ["kept_id", "id"])
    _index("relation_merge", "merged_id", "tenant_id")
    op.create_table(
        "relation_distinct",
        sa.Column("low_id", sa.Integer(), nullable=False),
        sa.Column("high_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        _of_relation("relation_distinct", "low_id"),
        _of_relation("relation_distinct", "high_id"),
        _by_user("relation_distinct"),
        _owner("relation_distinct"),
        sa.PrimaryKeyConstraint("low_id", "high_id", name=op.f("pk_relation_distinct")),
    )
    _index("relation_distinct", "high_id", "tenant_id")


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def _add_keys() -> None:
    """Give what is there the words that `core.rules.doubles.keys` gives what is saved.

    They differ where somebody wrote a number with spaces; the next save mends that.
    """
    word = sa.table("relation_word", *map(sa.column, _WORD))
    relation = sa.table("relation", *map(sa.column, ("tenant_id", "id", *_KEYS)))
    for name, key in _KEYS.items():
        column = relation.c[name]
        made = sa.func.substr(sa.literal(key).concat(sa.func.lower(column)), 1, 100)
        rows = sa.select(relation.c.tenant_id, relation.c.id, made).where(column != "")
        op.execute(word.insert().from_select(_WORD, rows))
    op.execute(
        "INSERT INTO relation_word (tenant_id, relation_id, word)"
        " SELECT DISTINCT w.tenant_id, w.relation_id, '=at:' ||"
        " lower(replace(a.postal_code, ' ', '')) || ':' || substr(w.word, 1, 4)"
        " FROM relation_word w"
        " JOIN relation r ON r.id = w.relation_id"
        " JOIN relation_address a ON a.relation_id = w.relation_id"
        " WHERE a.postal_code <> '' AND w.word NOT LIKE '=%' AND length(w.word) > 2"
        " AND r.sort_name LIKE '%' || w.word || '%'"
    )


def downgrade() -> None:
    op.execute("DELETE FROM relation_word WHERE word LIKE '=%'")
    with op.batch_alter_table("relation_link", schema=None) as batch_op:
        batch_op.drop_column("retired_at")
    with op.batch_alter_table("relation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_relation_merged_into_id"))
        batch_op.drop_constraint(
            batch_op.f("fk_relation_merged_into_id"), type_="foreignkey"
        )
        batch_op.drop_column("merged_into_id")
    op.drop_table("relation_distinct")
    op.drop_table("relation_merge")
    op.drop_table("relation_contact")
