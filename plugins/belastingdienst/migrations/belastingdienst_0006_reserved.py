"""The one stop shop: nothing yet."""

revision = "belastingdienst_0006"
down_revision = "belastingdienst_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
