"""Declarations move here from AccountView, with all that was filed."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from core.plugin import tables as types

revision = "belastingdienst_0001"
down_revision = None
branch_labels = ("belastingdienst",)
depends_on = "accountview_0004"

OLD, NEW = "accountview", "belastingdienst"
CHANNEL = {OLD: "kind", NEW: "channel"}
ACCOUNT = {OLD: "visma_tenant", NEW: "account"}
SOURCE = {OLD: "visma", NEW: "channel"}
"""What a certificate of the channel's own is called."""
MAILS = ("filing", "deadline")
PERMISSIONS = {"tenant_plugin": ("enabled",), "plugin_right": ("role", "allowed")}


def upgrade() -> None:
    _move(OLD, NEW)
    _switch_on()


def downgrade() -> None:
    _move(NEW, OLD)
    _take_undertakings_back()
    for name in PERMISSIONS:
        table = _table(name, "plugin")
        op.execute(table.delete().where(table.c.plugin == NEW))


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *(sa.column(column) for column in columns))


def _move(old: str, new: str) -> None:
    """Make the tables anew with their rows, and rename what refers to them by name."""
    for make in TABLES.values():
        make(new)
    for name in TABLES:
        _copy(name, old, new)
    for name in reversed(TABLES):
        op.drop_table(f"{old}_{name}")
    mail = _table("mail", "kind")
    for kind in MAILS:
        was, becomes = f"{old}_{kind}", f"{new}_{kind}"
        op.execute(mail.update().where(mail.c.kind == was).values(kind=becomes))


def _copy(name: str, old: str, new: str) -> None:
    there = sa.inspect(op.get_bind()).get_columns(f"{old}_{name}")
    columns = [one["name"] for one in there if one["name"] != "undertaking_id"]
    renamed = {}
    if name == "profile":
        renamed = {CHANNEL[old]: CHANNEL[new], ACCOUNT[old]: ACCOUNT[new]}
    names = [renamed.get(column, column) for column in columns]
    source = _table(f"{old}_{name}", *columns)
    target = _table(f"{new}_{name}", *names)
    values = [_value(source.c[column], old, new) for column in columns]
    op.execute(target.insert().from_select(names, sa.select(*values)))
    if op.get_bind().dialect.name == "postgresql":
        _number_on(target)


def _value(column: Any, old: str, new: str) -> Any:
    if column.name != "certificate_source":
        return column
    return sa.case((column == SOURCE[old], SOURCE[new]), else_=column)


def _number_on(table: sa.TableClause) -> None:
    """Let a sequence go on after the rows that came with their numbers."""
    sequence = sa.func.pg_get_serial_sequence(table.name, "id")
    last = sa.select(sa.func.max(table.c.id)).scalar_subquery()
    has_rows = sa.select(table.c.id).exists()
    op.execute(sa.select(sa.func.setval(sequence, last)).where(has_rows))


def _switch_on() -> None:
    """Give who had AccountView what it did besides, and who might see it the same."""
    for name, more in PERMISSIONS.items():
        table = _table(name, "tenant_id", "plugin", *more)
        kept = [table.c[column] for column in more]
        found = sa.select(table.c.tenant_id, sa.literal(NEW), *kept)
        names = ["tenant_id", "plugin", *more]
        there = found.where(table.c.plugin == OLD)
        op.execute(table.insert().from_select(names, there))


def _take_undertakings_back() -> None:
    row = _table("accountview_administration", "id", "undertaking_id")
    kept = _table(
        "accountview_undertaking_administration",
        "administration_id",
        "undertaking_id",
    )
    whose = (
        sa.select(kept.c.undertaking_id)
        .where(kept.c.administration_id == row.c.id)
        .scalar_subquery()
    )
    op.execute(row.update().values(undertaking_id=whose))


def _undertaking(prefix: str) -> list[sa.Column[int]]:
    if prefix != OLD:
        return []
    target = sa.ForeignKey(
        "accountview_undertaking.id",
        name=op.f("fk_accountview_administration_undertaking_id"),
        ondelete="SET NULL",
    )
    return [sa.Column("undertaking_id", sa.Integer(), target, nullable=True)]


def _certificate(prefix: str) -> None:
    op.create_table(
        f"{prefix}_certificate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("expires_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("pins", sa.String(length=500), nullable=False),
        sa.Column("roots", sa.String(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f(f"fk_{prefix}_certificate_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{prefix}_certificate")),
    )
    with op.batch_alter_table(f"{prefix}_certificate") as batch_op:
        batch_op.create_index(
            batch_op.f(f"ix_{prefix}_certificate_tenant_id"),
            ["tenant_id"],
        )


def _profile(prefix: str) -> None:
    op.create_table(
        f"{prefix}_profile",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column(CHANNEL[prefix], sa.String(length=20), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=True),
        sa.Column(ACCOUNT[prefix], sa.String(length=60), nullable=False),
        sa.Column("certificate_source", sa.String(length=10), nullable=True),
        sa.Column(
            "certificate_activated_at", types.UtcDateTime(timezone=True), nullable=True
        ),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            [f"{prefix}_certificate.id"],
            name=op.f(f"fk_{prefix}_profile_certificate_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f(f"fk_{prefix}_profile_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{prefix}_profile")),
        sa.UniqueConstraint(
            "tenant_id", "name", name=op.f(f"uq_{prefix}_profile_tenant_id_name")
        ),
    )
    with op.batch_alter_table(f"{prefix}_profile") as batch_op:
        batch_op.create_index(
            batch_op.f(f"ix_{prefix}_profile_tenant_id"),
            ["tenant_id"],
        )


def _administration(prefix: str) -> None:
    op.create_table(
        f"{prefix}_administration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=True),
        sa.Column("company_id", sa.String(length=60), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("description", sa.String(length=100), nullable=False),
        sa.Column("source", sa.String(length=50), nullable=False),
        *_undertaking(prefix),
        sa.Column("profile_id", sa.Integer(), nullable=True),
        sa.Column("own_certificate_id", sa.Integer(), nullable=True),
        sa.Column("certificate_source", sa.String(length=10), nullable=True),
        sa.Column("tax_number", sa.String(length=14), nullable=False),
        sa.Column("period_kind", sa.String(length=10), nullable=False),
        sa.Column("contact_initials", sa.String(length=10), nullable=False),
        sa.Column("contact_prefix", sa.String(length=10), nullable=False),
        sa.Column("contact_surname", sa.String(length=200), nullable=False),
        sa.Column("contact_phone", sa.String(length=25), nullable=False),
        sa.Column("is_intermediary", sa.Boolean(), nullable=False),
        sa.Column("consultant_number", sa.String(length=6), nullable=False),
        sa.Column("service_vat_codes", types.Json(), nullable=False),
        sa.Column("eu_vat_codes", types.Json(), nullable=False),
        sa.Column("remind_days", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f(f"fk_{prefix}_administration_connection_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["own_certificate_id"],
            [f"{prefix}_certificate.id"],
            name=op.f(f"fk_{prefix}_administration_own_certificate_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            [f"{prefix}_profile.id"],
            name=op.f(f"fk_{prefix}_administration_profile_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f(f"fk_{prefix}_administration_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{prefix}_administration")),
        sa.UniqueConstraint(
            "tenant_id",
            "code",
            name=op.f(f"uq_{prefix}_administration_tenant_id_code"),
        ),
    )
    with op.batch_alter_table(f"{prefix}_administration") as batch_op:
        batch_op.create_index(
            batch_op.f(f"ix_{prefix}_administration_connection_id"),
            ["connection_id"],
        )
        batch_op.create_index(
            batch_op.f(f"ix_{prefix}_administration_tenant_id"),
            ["tenant_id"],
        )


def _filing(prefix: str) -> None:
    op.create_table(
        f"{prefix}_filing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("administration_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("tax_number", sa.String(length=14), nullable=False),
        sa.Column("is_intermediary", sa.Boolean(), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("figures", types.Json(), nullable=False),
        sa.Column("warnings", types.Json(), nullable=False),
        sa.Column("payable", types.Money(), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("params", types.Json(), nullable=False),
        sa.Column("prepared_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("asked", sa.String(length=20), nullable=False),
        sa.Column("due_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("sent_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("delivery_reference", sa.String(length=100), nullable=False),
        sa.Column("delivered_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("lease_until", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("lease_token", sa.String(length=32), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["administration_id"],
            [f"{prefix}_administration.id"],
            name=op.f(f"fk_{prefix}_filing_administration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["approved_by_id"],
            ["user.id"],
            name=op.f(f"fk_{prefix}_filing_approved_by_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["prepared_by_id"],
            ["user.id"],
            name=op.f(f"fk_{prefix}_filing_prepared_by_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            [f"{prefix}_profile.id"],
            name=op.f(f"fk_{prefix}_filing_profile_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f(f"fk_{prefix}_filing_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{prefix}_filing")),
        sa.UniqueConstraint("reference", name=op.f(f"uq_{prefix}_filing_reference")),
        sa.UniqueConstraint(
            "tenant_id",
            "tax_number",
            "kind",
            "starts_on",
            "ends_on",
            "version",
            name=op.f(
                f"uq_{prefix}_filing_tenant_id_tax_number_kind_starts_on_ends_on_version"
            ),
        ),
    )
    with op.batch_alter_table(f"{prefix}_filing") as batch_op:
        batch_op.create_index(f"ix_{prefix}_filing_taxpayer", ["tax_number", "kind"])
        batch_op.create_index(
            batch_op.f(f"ix_{prefix}_filing_tenant_id"),
            ["tenant_id"],
        )
        batch_op.create_index(f"ix_{prefix}_filing_work", ["stage", "due_at"])


def _period(prefix: str) -> None:
    op.create_table(
        f"{prefix}_period",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("administration_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("read_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("reading", sa.Boolean(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("params", types.Json(), nullable=False),
        sa.Column("doubts", types.Json(), nullable=False),
        sa.Column("reminded_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["administration_id"],
            [f"{prefix}_administration.id"],
            name=op.f(f"fk_{prefix}_period_administration_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f(f"fk_{prefix}_period_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{prefix}_period")),
        sa.UniqueConstraint(
            "administration_id",
            "starts_on",
            "ends_on",
            name=op.f(f"uq_{prefix}_period_administration_id_starts_on_ends_on"),
        ),
    )
    with op.batch_alter_table(f"{prefix}_period") as batch_op:
        batch_op.create_index(
            batch_op.f(f"ix_{prefix}_period_tenant_id"),
            ["tenant_id"],
        )


def _entry(prefix: str) -> None:
    op.create_table(
        f"{prefix}_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("period_id", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("source_id", sa.String(length=60), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("rubric", sa.String(length=2), nullable=False),
        sa.Column("turnover", types.Money(), nullable=False),
        sa.Column("vat", types.Money(), nullable=False),
        sa.Column("icp_kind", sa.String(length=10), nullable=True),
        sa.Column("customer_country", sa.String(length=2), nullable=False),
        sa.Column("customer_number", sa.String(length=20), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["period_id"],
            [f"{prefix}_period.id"],
            name=op.f(f"fk_{prefix}_entry_period_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f(f"fk_{prefix}_entry_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{prefix}_entry")),
    )
    with op.batch_alter_table(f"{prefix}_entry") as batch_op:
        batch_op.create_index(f"ix_{prefix}_entry_box", ["period_id", "rubric", "id"])
        batch_op.create_index(
            batch_op.f(f"ix_{prefix}_entry_tenant_id"),
            ["tenant_id"],
        )


def _evidence(prefix: str) -> None:
    op.create_table(
        f"{prefix}_evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("filing_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("chain_hash", sa.String(length=64), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["filing_id"],
            [f"{prefix}_filing.id"],
            name=op.f(f"fk_{prefix}_evidence_filing_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f(f"fk_{prefix}_evidence_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{prefix}_evidence")),
        sa.UniqueConstraint(
            "filing_id",
            "sequence",
            name=op.f(f"uq_{prefix}_evidence_filing_id_sequence"),
        ),
    )
    with op.batch_alter_table(f"{prefix}_evidence") as batch_op:
        batch_op.create_index(
            batch_op.f(f"ix_{prefix}_evidence_tenant_id"),
            ["tenant_id"],
        )


def _filing_event(prefix: str) -> None:
    op.create_table(
        f"{prefix}_filing_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("filing_id", sa.Integer(), nullable=False),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column("error_code", sa.String(length=60), nullable=False),
        sa.Column("detail", sa.String(length=2000), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["filing_id"],
            [f"{prefix}_filing.id"],
            name=op.f(f"fk_{prefix}_filing_event_filing_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f(f"fk_{prefix}_filing_event_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f(f"fk_{prefix}_filing_event_user_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{prefix}_filing_event")),
        sa.UniqueConstraint(
            "filing_id",
            "at",
            "code",
            name=op.f(f"uq_{prefix}_filing_event_filing_id_at_code"),
        ),
    )
    with op.batch_alter_table(f"{prefix}_filing_event") as batch_op:
        batch_op.create_index(
            batch_op.f(f"ix_{prefix}_filing_event_tenant_id"),
            ["tenant_id"],
        )


TABLES: dict[str, Callable[[str], None]] = {
    "certificate": _certificate,
    "profile": _profile,
    "administration": _administration,
    "filing": _filing,
    "period": _period,
    "entry": _entry,
    "evidence": _evidence,
    "filing_event": _filing_event,
}
"""In the order that they refer to each other."""
