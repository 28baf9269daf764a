"""Intake channels: files, references, trials, and the time from which a version counts."""

from typing import Any

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    added: tuple[sa.Column[Any], ...] = (
        sa.Column("reference", sa.String(length=100), nullable=True),
        sa.Column("content", sa.String(length=64), nullable=True),
        sa.Column("is_trial", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("corrects", sa.String(length=36), nullable=True),
    )
    for column in added:
        op.add_column("submissions", column, schema="entry")
    added = (
        sa.Column("content", sa.String(length=64), nullable=True),
        sa.Column("mode", sa.String(length=8), nullable=True),
        sa.Column("on_error", sa.String(length=8), nullable=True),
        sa.Column("is_late", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("file", sa.String(length=64), nullable=True),
        sa.Column("media_type", sa.String(length=100), nullable=True),
        sa.Column("file_name", sa.String(length=200), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("read_at", shared.database.columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column("refusal", shared.database.columns.Json(), nullable=True),
        sa.Column("left_out", shared.database.columns.Json(), nullable=True),
        sa.Column("reported_at", shared.database.columns.UtcDateTime(timezone=True), nullable=True),
    )
    for column in added:
        op.add_column("submission_versions", column, schema="entry")
    op.create_index(
        "submissions_by_reference",
        "submissions",
        ["reporter", "reference"],
        unique=True,
        schema="entry",
        postgresql_where=sa.text("reference IS NOT NULL"),
        sqlite_where=sa.text("reference IS NOT NULL"),
    )
    op.create_index("current_contents", "submissions", ["content"], unique=True, schema="entry")
