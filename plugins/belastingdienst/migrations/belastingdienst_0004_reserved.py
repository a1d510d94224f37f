"""Watched periods: nothing yet."""

revision = "belastingdienst_0004"
down_revision = "belastingdienst_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
