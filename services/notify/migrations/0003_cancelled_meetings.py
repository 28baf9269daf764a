"""Cancelled meetings."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "meetings",
        sa.Column("is_cancelled", sa.Boolean(), server_default=sa.false(), nullable=False),
        schema="notify",
    )
