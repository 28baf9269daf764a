"""The account of what was read of a file and what was not."""

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "submission_versions",
        sa.Column("reading", shared.database.columns.Json(), nullable=True),
        schema="entry",
    )
