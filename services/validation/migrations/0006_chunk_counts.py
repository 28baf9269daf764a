"""The number of places of each chunk, so that later chunks describe no more places than are listed."""

import sqlalchemy as sa
from alembic import op

import shared.database.columns

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "chunks",
        sa.Column("counts", shared.database.columns.Json(), nullable=False, server_default="{}"),
        schema="validation",
    )
