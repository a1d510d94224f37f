"""A log that is only added to: what an entry is about, who did it, what changed.

Codes, subjects and triggers are as they were then: what the code says of them now may
not change what this migration does.
"""

import sqlalchemy as sa
from alembic import op

from core.models import base as types

revision = "core_0027"
down_revision = "core_0026"
branch_labels = None
depends_on = None

_BATCH = 5000
_NEW = (
    ("subject", sa.String(length=20), ""),
    ("plugin", sa.String(length=30), ""),
    ("actor", sa.String(length=10), "system"),
    ("changes", types.Json(), "[]"),
    ("personal", types.Json(), "{}"),
)
_entry = sa.table(
    "log_entry",
    *(sa.column(name, sa.Integer) for name in ("id", "transfer_id", "invoice_id")),
    *(sa.column(name, sa.String) for name in ("code", "subject")),
    *(sa.column(name, types.Json()) for name in ("params", "personal")),
)
_ACTOR = "UPDATE log_entry SET actor = 'user' WHERE user_id IS NOT NULL"
_PLUGIN = """
UPDATE log_entry SET plugin = COALESCE(
 (SELECT plugin FROM connection WHERE connection.id = log_entry.connection_id),
 (SELECT plugin FROM connection JOIN transfer ON transfer.target_id = connection.id
  WHERE transfer.id = log_entry.transfer_id), '')
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CODES = {
    "login": _words("logged_in logged_out password_link_sent"),
    "access": _words(
        """
        login_failures password_changed password_given two_factor_on two_factor_off
        recovery_codes_made
        recovery_code_used email_changed extra_email_confirmed extra_email_removed
        user_invited user_joined user_removed role_changed takeover_began takeover_ended
        api_token_made api_token_revoked
        """
    ),
    "configuration": _words(
        """
        settings_saved configuration_saved vat_saved vat_deleted payments_saved
        no_turnover_saved vat_status_saved vat_status_removed coupling_configured
        vat_rates_change company_saved invoice_settings_saved webhook_added
        webhook_removed open_items_decider open_items_on open_items_off
        invoice_booking_on invoice_booking_off refunds_saved_not refunds_saved_ask
        refunds_saved_by_itself
        """
    ),
    "export": _words(
        """
        data_exported data_erased customer_exported customer_erased list_exported
        """
    ),
    "licence": _words("invoice_made invoice_paid terms_accepted signed_up"),
    "support": _words(
        """
        problem_reported problem_answered problem_closed request_closed
        asked_installation asked_backfill
        """
    ),
}
_BEGINNINGS = (
    ("relation", "relation"), ("import_", "relation"),
    ("df_without", "relation"), ("invoice_", "invoice"),
    ("credit_invoice", "invoice"), ("licence_", "licence"),
    ("filing_", "declaration"), ("figures_", "declaration"),
    ("undertaking_", "declaration"), ("backfill_", "order"),
    ("owners_right", "access"), ("colleagues_right", "access"),
)  # fmt: skip
_BY_CODE = {code: subject for subject, codes in _CODES.items() for code in codes}
_OF_DOCUMENT = {"document"}
_OF_PEOPLE = {"name", "email", "address", "old", "user"}
_NAMES_NO_PERSON = _words(
    "connected connection_ended connection_checked api_token_made api_token_revoked"
)
_FIXED = "tenant_id, at, level, code, subject, plugin, actor, params, changes"
_APPEND_ONLY = {
    "sqlite": (
        f"CREATE TRIGGER log_entry_stays BEFORE UPDATE OF {_FIXED} ON log_entry"
        " BEGIN SELECT RAISE(ABORT, 'the log is only added to'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION log_entry_stays() RETURNS trigger AS"
        " $$ BEGIN RAISE EXCEPTION 'the log is only added to'; END $$"
        " LANGUAGE plpgsql",
        f"CREATE TRIGGER log_entry_stays BEFORE UPDATE OF {_FIXED} ON log_entry"
        " FOR EACH ROW EXECUTE FUNCTION log_entry_stays()",
    ),
}


def upgrade() -> None:
    with op.batch_alter_table("coupling", schema=None) as batch_op:
        batch_op.add_column(sa.Column("noted", types.Json(), nullable=True))
    op.drop_index("ix_log_entry_list", table_name="log_entry")
    for name, kind, value in _NEW:
        with op.batch_alter_table("log_entry", schema=None) as batch_op:
            batch_op.add_column(
                sa.Column(name, kind, nullable=False, server_default=value)
            )
    with op.batch_alter_table("log_entry", schema=None) as batch_op:
        for name, _, _ in _NEW:
            batch_op.alter_column(name, server_default=None)
        _on_delete_of_transfer(batch_op, "SET NULL")
    op.execute(_ACTOR)
    op.execute(_PLUGIN)
    _fill()
    op.create_index("ix_log_entry_list", "log_entry", ["tenant_id", "at", "id"])
    op.create_index(
        "ix_log_entry_plugin", "log_entry", ["tenant_id", "plugin", "at", "id"]
    )
    for name, which in (
        ("level", "level != 'info'"),
        ("subject", "subject != 'order'"),
    ):
        op.create_index(
            f"ix_log_entry_{name}",
            "log_entry",
            ["tenant_id", name, "at", "id"],
            sqlite_where=sa.text(which),
            postgresql_where=sa.text(which),
        )
    for statement in _APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)


def _on_delete_of_transfer(batch_op: object, action: str) -> None:
    name = op.f("fk_log_entry_transfer_id")
    batch_op.drop_constraint(name, type_="foreignkey")
    batch_op.create_foreign_key(
        name, "transfer", ["transfer_id"], ["id"], ondelete=action
    )


def _fill() -> None:
    """Say what each entry is about, and part what may name a person."""
    change = (
        sa.update(_entry)
        .where(_entry.c.id == sa.bindparam("of"))
        .values(
            subject=sa.bindparam("about"),
            params=sa.bindparam("said", type_=types.Json()),
            personal=sa.bindparam("named", type_=types.Json()),
        )
    )
    last = 0
    while True:
        batch = sa.select(_entry).where(_entry.c.id > last).order_by(_entry.c.id)
        rows = list(op.get_bind().execute(batch.limit(_BATCH)))
        if not rows:
            return
        op.get_bind().execute(change, [_filled(row) for row in rows])
        last = rows[-1].id


def _subject_of(code: str, *, of_transfer: bool, of_invoice: bool) -> str:
    if found := _BY_CODE.get(code):
        return found
    if of_invoice:
        return "invoice"
    if of_transfer:
        return "order"
    for beginning, subject in _BEGINNINGS:
        if code.startswith(beginning):
            return subject
    return "connection"


def _parted(
    code: str, values: dict[str, object], *, of_document: bool
) -> tuple[dict[str, str], dict[str, str]]:
    personal = {
        name
        for name in values
        if (of_document and name not in _OF_DOCUMENT)
        or (name in _OF_PEOPLE and code not in _NAMES_NO_PERSON)
    }
    return (
        {name: str(value) for name, value in values.items() if name not in personal},
        {name: str(value) for name, value in values.items() if name in personal},
    )


def _filled(row: sa.Row) -> dict[str, object]:
    of_transfer, of_invoice = row.transfer_id is not None, row.invoice_id is not None
    said, named = _parted(row.code, row.params, of_document=of_transfer or of_invoice)
    about = _subject_of(row.code, of_transfer=of_transfer, of_invoice=of_invoice)
    return {"of": row.id, "about": about, "said": said, "named": named}


def downgrade() -> None:
    with op.batch_alter_table("coupling", schema=None) as batch_op:
        batch_op.drop_column("noted")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER log_entry_stays ON log_entry")
        op.execute("DROP FUNCTION log_entry_stays()")
    else:
        op.execute("DROP TRIGGER log_entry_stays")
    for name in ("subject", "level", "plugin", "list"):
        op.drop_index(f"ix_log_entry_{name}", table_name="log_entry")
    with op.batch_alter_table("log_entry", schema=None) as batch_op:
        _on_delete_of_transfer(batch_op, "CASCADE")
        for name, _, _ in _NEW:
            batch_op.drop_column(name)
    op.create_index("ix_log_entry_list", "log_entry", ["tenant_id", "id"])
