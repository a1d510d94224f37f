"""What orders are found by: words, the customer's name, amount and document number.

How words are made is as it was then: what the code says of them now may not change what
this migration does.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

from core.models import base as types

revision = "core_0026"
down_revision = "core_0025"
branch_labels = None
depends_on = None

_BATCH = 2000
_order = sa.table(
    "shop_order",
    sa.column("id", sa.Integer),
    sa.column("tenant_id", sa.Integer),
    sa.column("customer", sa.String),
    sa.column("payload", types.Json()),
)
_VAT_NUMBERS = """
INSERT INTO relation_word (tenant_id, relation_id, word)
SELECT tenant_id, id, LOWER(vat_number) FROM relation WHERE vat_number <> ''
AND NOT EXISTS (SELECT 1 FROM relation_word WHERE relation_word.tenant_id =
 relation.tenant_id AND relation_id = relation.id AND word = LOWER(vat_number))
"""

_WORDS = """
0 aucun aucune consument consumer geen geenbedrijf geenbedrijfsnaam
individual keine keiner leeg mij myself na nee nein nihil nil no nocompany
non none notapplicable niets nietvantoepassing null nvt onbekend ons particulier
particuliere particulieren person personal persoonlijk prive priveadres priveklant
privepersoon privat private privatperson privateperson privaat sans self thuis
unknown x
"""
_FILLERS = frozenset(_WORDS.split())


def upgrade() -> None:
    with op.batch_alter_table("shop_order", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "customer", sa.String(length=200), nullable=False, server_default=""
            )
        )
    with op.batch_alter_table("shop_order", schema=None) as batch_op:
        batch_op.alter_column("customer", server_default=None)
    text = sa.String(length=100)
    word = op.create_table(
        "order_word",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column(
            "word",
            text.with_variant(sa.String(length=100, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["shop_order.id"],
            name=op.f("fk_order_word_order_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_order_word_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "order_id", "word", name=op.f("pk_order_word")
        ),
    )
    for orders in _orders():
        _fill(word, orders)
    op.execute(_VAT_NUMBERS)
    op.create_index(
        "ix_order_word_find", "order_word", ["tenant_id", "word", "order_id"]
    )
    op.create_index(op.f("ix_order_word_order_id"), "order_word", ["order_id"])
    op.create_index("ix_transfer_amount", "transfer", ["tenant_id", "amount", "id"])
    op.create_index(
        "ix_transfer_document", "transfer", ["tenant_id", "external_number", "id"]
    )


def _orders() -> Iterator[list[sa.Row]]:
    last = 0
    while True:
        wanted = sa.select(_order.c.id, _order.c.tenant_id, _order.c.payload)
        batch = wanted.where(_order.c.id > last).order_by(_order.c.id).limit(_BATCH)
        found = list(op.get_bind().execute(batch))
        if not found:
            return
        yield found
        last = found[-1].id


def _fill(table: sa.Table, orders: list[sa.Row]) -> None:
    customer = (
        sa.update(_order)
        .where(_order.c.id == sa.bindparam("of"))
        .values(customer=sa.bindparam("name"))
    )
    named = [{"of": row.id, "name": _customer_of(row.payload)[:200]} for row in orders]
    op.get_bind().execute(customer, named)
    words = [
        {"tenant_id": row.tenant_id, "order_id": row.id, "word": word}
        for row in orders
        for word in sorted(_order_words(row.payload))
    ]
    if words:
        op.get_bind().execute(sa.insert(table), words)


def _order_words(payload: Mapping[str, Any]) -> set[str]:
    names = [
        payload.get(role, {}).get(field, "")
        for role in ("billing", "delivery")
        for field in ("name", "company")
    ]
    whole = f"{payload.get('number', '')} {payload.get('email', '')}"
    return _cut(_plain(whole).split()).union(*(_split(name) for name in names))


def _customer_of(payload: Mapping[str, Any]) -> str:
    billing = payload.get("billing", {})
    is_private = payload.get("is_business") is False
    company = "" if is_private else _company_name(billing.get("company", ""))
    return str(company or billing.get("name", ""))


def _company_name(text: str) -> str:
    name = text.strip()
    plain = unicodedata.normalize("NFKD", name).casefold()
    kept = "".join(character for character in plain if character.isalnum())
    bare = re.sub(r"^([0x])\1*$", r"\1", kept)
    return "" if bare in _FILLERS or not bare else name


def _split(text: str) -> set[str]:
    plain = _plain(text)
    parts = "".join(letter if letter.isalnum() else " " for letter in plain)
    return _cut(plain.split()) | _cut(parts.split())


def _plain(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _cut(words: list[str]) -> set[str]:
    return {word[:100] for word in words}


def downgrade() -> None:
    op.drop_index("ix_transfer_document", table_name="transfer")
    op.drop_index("ix_transfer_amount", table_name="transfer")
    op.drop_table("order_word")
    with op.batch_alter_table("shop_order", schema=None) as batch_op:
        batch_op.drop_column("customer")
