"""Documents that a refusal of our own registration had ended can be taken up again."""

import sqlalchemy as sa
from alembic import op

revision = "core_0019"
down_revision = "core_0018"
branch_labels = None
depends_on = None

_transfer = sa.table(
    "transfer", sa.column("state", sa.String), sa.column("code", sa.String)
)


def upgrade() -> None:
    op.execute(
        _transfer.update()
        .where(_transfer.c.state == "skipped")
        .where(_transfer.c.code == "oauth_misconfigured")
        .values(state="failed", code="stopped_by_our_fault")
    )


def downgrade() -> None:
    op.execute(
        _transfer.update()
        .where(_transfer.c.state == "failed")
        .where(_transfer.c.code == "stopped_by_our_fault")
        .values(state="skipped", code="oauth_misconfigured")
    )
