"""ICP: nothing yet."""

revision = "belastingdienst_0005"
down_revision = "belastingdienst_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
