"""Deadlines, exceptions to windows, and the dispositions of previous needs."""

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deadlines",
        sa.Column("deadline", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("period", sa.String(length=9), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("deadline"),
        schema="entry",
    )
    op.create_table(
        "window_exceptions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("reporter", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("period", sa.String(length=9), nullable=False),
        sa.Column("granted_by", sa.String(length=40), nullable=False),
        sa.Column("granted_at", shared.database.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ended_at", shared.database.columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=40), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        schema="entry",
    )
    op.create_index(
        "exceptions_of_reporter", "window_exceptions", ["reporter", "id"], unique=False, schema="entry"
    )
    op.create_table(
        "carried_needs",
        sa.Column("reporter", sa.String(length=40), nullable=False),
        sa.Column("pillar", sa.String(length=10), nullable=False),
        sa.Column("period", sa.String(length=9), nullable=False),
        sa.Column("ref", sa.String(length=100), nullable=False),
        sa.Column("disposition", sa.String(length=10), nullable=False),
        sa.Column("into", sa.String(length=100), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("to_period", sa.String(length=9), nullable=False),
        sa.Column("submission", sa.String(length=36), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.String(length=40), nullable=False),
        sa.Column("decided_at", shared.database.columns.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("reporter", "pillar", "period", "ref"),
        schema="entry",
    )
