"""The audit log, sealed in a chain."""

import sqlalchemy as sa
from alembic import op

import shared.database
from shared.database.append_only import refuse_changes

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "journal",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("at", shared.database.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("client", sa.String(length=100), nullable=True),
        sa.Column("address", sa.String(length=60), nullable=True),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("reporter", sa.String(length=40), nullable=True),
        sa.Column("partner", sa.String(length=2), nullable=True),
        sa.Column("submission", sa.String(length=36), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("detail", shared.database.columns.Json(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="entry",
    )
    op.create_table(
        "seals",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry", sa.String(length=36), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", shared.database.columns.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sequence"),
        sa.UniqueConstraint("entry"),
        schema="entry",
    )
    refuse_changes(op.get_bind(), schema="entry", tables=("journal", "seals"))
