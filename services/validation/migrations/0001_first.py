"""First."""

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "judged_versions",
        sa.Column("submission", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("submission"),
        schema="validation",
    )
    op.create_table(
        "known_records",
        sa.Column("submission", sa.String(length=36), nullable=False),
        sa.Column("ref", sa.String(length=120), nullable=False),
        sa.Column("reporter", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("submission", "ref"),
        schema="validation",
    )
    op.create_index(
        "ix_known_records_identity",
        "known_records",
        ["kind", "reporter", "period", "ref"],
        unique=False,
        schema="validation",
    )
    op.create_table(
        "verdicts",
        sa.Column("submission", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.Integer(), nullable=False),
        sa.Column("reporter", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("ruleset", sa.String(length=64), nullable=False),
        sa.Column("ruleset_hash", sa.String(length=64), nullable=False),
        sa.Column("counts", shared.database.columns.Json(), nullable=False),
        sa.Column("outcomes", shared.database.columns.Json(), nullable=False),
        sa.Column("report", sa.String(length=64), nullable=False),
        sa.Column("judged_at", shared.database.columns.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("submission", "version", "verdict"),
        schema="validation",
    )
