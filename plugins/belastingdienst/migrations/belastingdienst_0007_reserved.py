"""Schemes of a taxpayer: nothing yet."""

revision = "belastingdienst_0007"
down_revision = "belastingdienst_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
