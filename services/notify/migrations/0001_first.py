"""The calendar, what is owed, the reminders and the ledger of mails."""

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "collections",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("meeting", sa.String(length=64), nullable=False),
        sa.Column("opens_days_before", sa.Integer(), nullable=False),
        sa.Column("due_days_before", sa.Integer(), nullable=False),
        sa.Column("closes_days_before", sa.Integer(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
        schema="notify",
    )
    op.create_table(
        "contacts",
        sa.Column("structure", sa.String(length=64), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("backup", sa.Text(), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("structure"),
        schema="notify",
    )
    op.create_table(
        "mails",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("backup", sa.Text(), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.database.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_at", shared.database.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("first_tried_at", shared.database.columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column("claim", sa.String(length=36), nullable=True),
        sa.Column("lease_until", shared.database.columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("html", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("sent_at", shared.database.columns.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        schema="notify",
    )
    op.create_index(
        "ix_mails_open",
        "mails",
        ["due_at"],
        unique=False,
        schema="notify",
        postgresql_where=sa.text("state IN ('due', 'sending', 'data', 'held')"),
        sqlite_where=sa.text("state IN ('due', 'sending', 'data', 'held')"),
    )
    op.create_table(
        "meetings",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("body", sa.String(length=16), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
        schema="notify",
    )
    op.create_table(
        "obligations",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("structure", sa.String(length=64), nullable=False),
        sa.Column("collection", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("code"),
        schema="notify",
    )
    op.create_table(
        "reminders",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("structure", sa.String(length=64), nullable=False),
        sa.Column("about", sa.String(length=64), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("previously", sa.Date(), nullable=True),
        sa.Column("send_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("mail", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("structure", "about", "step", "due_on", "sequence", name="uq_reminders_step"),
        schema="notify",
    )
    op.create_index("ix_reminders_mail", "reminders", ["mail"], unique=False, schema="notify")
    op.create_index(
        "ix_reminders_waiting",
        "reminders",
        ["send_on"],
        unique=False,
        schema="notify",
        postgresql_where=sa.text("state = 'planned'"),
        sqlite_where=sa.text("state = 'planned'"),
    )
    op.create_table(
        "sending",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("is_held", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        schema="notify",
    )
    op.create_table(
        "submission_standings",
        sa.Column("submission", sa.String(length=36), nullable=False),
        sa.Column("structure", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.Integer(), nullable=False),
        sa.Column("standing", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("submission"),
        schema="notify",
    )
    op.create_index(
        "ix_submission_standings_owed",
        "submission_standings",
        ["structure", "kind", "period"],
        unique=False,
        schema="notify",
    )
