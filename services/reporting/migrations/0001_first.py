"""The log of verdicts, the facts, links and figures of each generation, and what completeness is read against."""

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accepted_log",
        sa.Column("submission", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("payload", shared.database.Json(), nullable=False),
        sa.Column("noted_at", shared.database.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("submission", "version", "verdict", "outcome"),
        schema="reporting",
    )
    op.create_table(
        "aggregates",
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pillar", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("partner", sa.String(length=64), nullable=False),
        sa.Column("theme", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=64), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("tlp", sa.String(length=64), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("estimated", sa.BigInteger(), nullable=False),
        sa.Column("committed", sa.BigInteger(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "generation",
            "pillar",
            "kind",
            "partner",
            "theme",
            "period",
            "category",
            "status",
            "tlp",
            "currency",
        ),
        schema="reporting",
    )
    op.create_table(
        "arrivals",
        sa.Column("submission", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reporter", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=64), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("noted_at", shared.database.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("submission"),
        schema="reporting",
    )
    op.create_index("arrivals_noted_at", "arrivals", ["noted_at"], unique=False, schema="reporting")
    op.create_table(
        "facts",
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("submission", sa.String(length=36), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("in_force", sa.Boolean(), nullable=False),
        sa.Column("pillar", sa.String(length=64), nullable=False),
        sa.Column("partner", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("theme", sa.String(length=64), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("tlp", sa.String(length=64), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("estimated", sa.BigInteger(), nullable=False),
        sa.Column("committed", sa.BigInteger(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("generation", "identity", "submission", "rank"),
        schema="reporting",
    )
    op.create_index("facts_kind", "facts", ["generation", "kind", "period"], unique=False, schema="reporting")
    op.create_index(
        "facts_submission", "facts", ["generation", "submission"], unique=False, schema="reporting"
    )
    op.create_table(
        "generations",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("active", sa.Integer(), nullable=False),
        sa.Column("building", sa.Integer(), nullable=True),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        schema="reporting",
    )
    op.create_table(
        "known_deadlines",
        sa.Column("deadline", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=64), nullable=False),
        sa.Column("due_on", sa.String(length=10), nullable=False),
        sa.Column("meeting", sa.String(length=64), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("noted_at", shared.database.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("deadline"),
        schema="reporting",
    )
    op.create_table(
        "known_meetings",
        sa.Column("meeting", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("held_on", sa.String(length=10), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("noted_at", shared.database.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("meeting"),
        schema="reporting",
    )
    op.create_table(
        "known_obligations",
        sa.Column("obligation", sa.String(length=64), nullable=False),
        sa.Column("structure", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=64), nullable=False),
        sa.Column("due_on", sa.String(length=10), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("noted_at", shared.database.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("obligation"),
        schema="reporting",
    )
    op.create_table(
        "links",
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("submission", sa.String(length=36), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("in_force", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("coverage", sa.String(length=64), nullable=True),
        sa.Column("share", sa.Integer(), nullable=True),
        sa.Column("tlp", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("generation", "identity", "submission", "rank"),
        schema="reporting",
    )
    op.create_index(
        "links_submission", "links", ["generation", "submission"], unique=False, schema="reporting"
    )
    op.create_index("links_target", "links", ["generation", "target"], unique=False, schema="reporting")
    op.create_table(
        "standings",
        sa.Column("submission", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=False),
        sa.Column("reporter", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=64), nullable=False),
        sa.Column("body", sa.String(length=64), nullable=True),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("noted_at", shared.database.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("submission"),
        schema="reporting",
    )
    op.create_index("standings_noted_at", "standings", ["noted_at"], unique=False, schema="reporting")
