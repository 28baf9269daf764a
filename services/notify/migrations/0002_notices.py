"""Webhook notices, each carried by its own mail."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhook_notices",
        sa.Column("mail", sa.String(length=36), nullable=False),
        sa.Column("webhook", sa.String(length=36), nullable=False),
        sa.Column("reporter", sa.String(length=64), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_for_secretariat", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("mail"),
        schema="notify",
    )
