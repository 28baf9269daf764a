"""Statements: every content of a record or body, so that an earlier one is recognised; which records count; workbooks."""

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "statements",
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("content", sa.String(length=32), nullable=False),
        sa.Column("reporter", sa.String(length=40), nullable=False),
        sa.Column("submission", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=110), nullable=False),
        sa.PrimaryKeyConstraint("subject", "content"),
        schema="entry",
    )
    for name in ("workbook", "counting"):
        op.add_column(
            "submission_versions",
            sa.Column(name, shared.database.columns.Json(), nullable=True),
            schema="entry",
        )
    op.drop_index("current_contents", table_name="submissions", schema="entry")
