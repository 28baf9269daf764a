"""Webhooks, their secrets and messages."""

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("reporter", sa.String(length=40), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("partner", sa.String(length=2), nullable=True),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", shared.database.columns.Json(), nullable=False),
        sa.Column("made_at", shared.database.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("disabled_at", shared.database.columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("claim", sa.String(length=36), nullable=True),
        sa.Column("free_at", shared.database.columns.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("reporter", "slot", name="so_many_webhooks"),
        schema="entry",
    )
    op.create_table(
        "webhook_secrets",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("webhook", sa.String(length=36), nullable=False),
        sa.Column("secret", sa.String(length=100), nullable=False),
        sa.Column("made_at", shared.database.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", shared.database.columns.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        schema="entry",
    )
    op.create_index(
        "webhook_secrets_of_webhook", "webhook_secrets", ["webhook", "id"], unique=False, schema="entry"
    )
    op.create_table(
        "webhook_messages",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("webhook", sa.String(length=36), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", shared.database.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("first_due_at", shared.database.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("sent_at", shared.database.columns.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("webhook", "sequence", name="one_message_for_each_entry"),
        schema="entry",
    )
    op.create_index(
        "webhook_messages_of_webhook", "webhook_messages", ["webhook", "id"], unique=False, schema="entry"
    )
    op.create_index(
        "webhook_messages_waiting",
        "webhook_messages",
        ["webhook", "due_at"],
        unique=False,
        schema="entry",
        postgresql_where=sa.text("state = 'waiting'"),
        sqlite_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "webhook_position",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="entry",
    )
