"""Clients of reporters, their secrets and keys, and delegations."""

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clients",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("reporter", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("scopes", shared.database.columns.Json(), nullable=False),
        sa.Column("made_at", shared.database.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("ended_at", shared.database.columns.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        schema="entry",
    )
    op.create_index("clients_of_reporter", "clients", ["reporter", "id"], unique=False, schema="entry")
    op.create_table(
        "client_secrets",
        sa.Column("client", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("hint", sa.String(length=4), nullable=False),
        sa.Column("made_at", shared.database.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", shared.database.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", shared.database.columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", shared.database.columns.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("client", "id"),
        schema="entry",
    )
    op.create_table(
        "client_keys",
        sa.Column("client", sa.String(length=36), nullable=False),
        sa.Column("kid", sa.String(length=100), nullable=False),
        sa.Column("jwk", shared.database.columns.Json(), nullable=False),
        sa.Column("made_at", shared.database.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", shared.database.columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", shared.database.columns.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("client", "kid"),
        schema="entry",
    )
    op.create_table(
        "used_assertions",
        sa.Column("client", sa.String(length=36), nullable=False),
        sa.Column("jti", sa.String(length=100), nullable=False),
        sa.Column("ends_at", shared.database.columns.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("client", "jti"),
        schema="entry",
    )
    op.create_table(
        "delegations",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("structure", sa.String(length=40), nullable=False),
        sa.Column("to", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("given_by", sa.String(length=40), nullable=False),
        sa.Column("given_at", shared.database.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ended_at", shared.database.columns.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        schema="entry",
    )
    op.create_index(
        "delegations_of_structure", "delegations", ["structure", "to"], unique=False, schema="entry"
    )
