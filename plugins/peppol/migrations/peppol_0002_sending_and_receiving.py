"""Documents on their way over Peppol, their evidence, and documents that came in."""

import sqlalchemy as sa
from alembic import op

from core.plugin import tables as types

revision = "peppol_0002"
down_revision = "peppol_0001"
branch_labels = None
depends_on = "core_0003"

SENDING, EVIDENCE, RECEIVED = "peppol_sending", "peppol_evidence", "peppol_received"


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _moment(name: str, *, nullable: bool = True) -> sa.Column[sa.DateTime]:
    return sa.Column(name, types.UtcDateTime(timezone=True), nullable=nullable)


def _lease() -> tuple[sa.Column[sa.DateTime], sa.Column[str], sa.Column[int]]:
    return (
        _moment("lease_until"),
        _text("lease_token", 32),
        sa.Column("attempt", sa.Integer(), nullable=False),
    )


def _key(table: str, column: str, to: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [to], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete
    )


def upgrade() -> None:
    _sending()
    _evidence()
    _received()


def _sending() -> None:
    op.create_table(
        SENDING,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=True),
        _text("number", 30),
        _text("reference", 40),
        sa.Column("turn", sa.Integer(), nullable=False),
        _text("buyer_reference", 100),
        _text("order_number", 100),
        _text("kind", 20),
        _text("sender", 60),
        _text("receiver", 60),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _text("sha256", 64),
        sa.Column("keep_until", sa.Date(), nullable=False),
        _text("state", 20),
        _text("code", 60),
        sa.Column("params", types.Json(), nullable=False),
        sa.Column("errors", types.Json(), nullable=False),
        _text("status", 40),
        sa.Column("failures", sa.Integer(), nullable=False),
        _moment("due_at"),
        _moment("sent_at"),
        _moment("first_sent_at"),
        sa.Column("sends", sa.Integer(), nullable=False),
        _moment("missed_at"),
        _moment("not_before"),
        _text("delivery_id", 100),
        _moment("accepted_at"),
        _moment("late_told_at"),
        _moment("ended_at"),
        _moment("created_at", nullable=False),
        _moment("changed_at", nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        *_lease(),
        _key(SENDING, "invoice_id", "sales_invoice.id", "SET NULL"),
        _key(SENDING, "tenant_id", "tenant.id", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{SENDING}")),
        sa.UniqueConstraint("invoice_id", name=op.f(f"uq_{SENDING}_invoice_id")),
        sa.UniqueConstraint("reference", name=op.f(f"uq_{SENDING}_reference")),
    )
    with op.batch_alter_table(SENDING) as batch_op:
        batch_op.create_index(f"ix_{SENDING}_work", ["state", "due_at"])
        batch_op.create_index(batch_op.f(f"ix_{SENDING}_tenant_id"), ["tenant_id"])


def _evidence() -> None:
    op.create_table(
        EVIDENCE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sending_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        _text("kind", 20),
        _moment("at", nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _text("previous_hash", 64),
        _text("chain_hash", 64),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        _key(EVIDENCE, "sending_id", f"{SENDING}.id", "CASCADE"),
        _key(EVIDENCE, "tenant_id", "tenant.id", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{EVIDENCE}")),
        sa.UniqueConstraint(
            "sending_id", "sequence", name=op.f(f"uq_{EVIDENCE}_sending_id_sequence")
        ),
    )
    with op.batch_alter_table(EVIDENCE) as batch_op:
        batch_op.create_index(batch_op.f(f"ix_{EVIDENCE}_tenant_id"), ["tenant_id"])


def _received() -> None:
    op.create_table(
        RECEIVED,
        sa.Column("id", sa.Integer(), nullable=False),
        _text("remote_id", 100),
        _text("receiver", 60),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _text("sha256", 64),
        _text("chain_hash", 64),
        _moment("received_at", nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        _text("state", 20),
        _moment("due_at"),
        sa.Column("failures", sa.Integer(), nullable=False),
        _text("code", 60),
        _text("kind", 20),
        _text("sender", 60),
        _text("seller", 200),
        _text("seller_vat_number", 30),
        _text("number", 100),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        _text("currency", 3),
        sa.Column("amount_due", types.Money(), nullable=True),
        sa.Column("details", types.Json(), nullable=False),
        sa.Column("findings", types.Json(), nullable=False),
        sa.Column("relation_id", sa.Integer(), nullable=True),
        sa.Column("twin_id", sa.Integer(), nullable=True),
        _moment("handled_at"),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        *_lease(),
        _key(RECEIVED, "relation_id", "relation.id", "SET NULL"),
        _key(RECEIVED, "twin_id", f"{RECEIVED}.id", "SET NULL"),
        _key(RECEIVED, "tenant_id", "tenant.id", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{RECEIVED}")),
        sa.UniqueConstraint(
            "tenant_id", "remote_id", name=op.f(f"uq_{RECEIVED}_tenant_id_remote_id")
        ),
    )
    with op.batch_alter_table(RECEIVED) as batch_op:
        batch_op.create_index(f"ix_{RECEIVED}_work", ["state", "due_at"])
        batch_op.create_index(f"ix_{RECEIVED}_list", ["tenant_id", "id"])
        batch_op.create_index(batch_op.f(f"ix_{RECEIVED}_tenant_id"), ["tenant_id"])


def downgrade() -> None:
    for name in (RECEIVED, EVIDENCE, SENDING):
        op.drop_table(name)
