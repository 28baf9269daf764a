"""Verdicts with their reasons, and the progress of judging a large version."""

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WHAT_RULES_SAID = ("judged_at", "ruleset", "ruleset_hash", "counts", "report")


def _table(name: str, *columns: str) -> sa.Table:
    return sa.Table(name, sa.MetaData(), *(sa.Column(column) for column in columns), schema="entry")


versions = _table("submission_versions", "submission", "version", "verdict", "state", *WHAT_RULES_SAID)
verdicts = _table(
    "submission_verdicts", "submission", "version", "verdict", "outcome", "reason", *WHAT_RULES_SAID
)


def _as_kept() -> sa.Select[tuple[object, ...]]:
    """Return each version's only verdict, which its data caused."""
    old = versions.c
    facts = (old[name] for name in WHAT_RULES_SAID)
    kept = sa.select(old.submission, old.version, old.verdict, old.state, sa.literal("data_changed"), *facts)
    return kept.where(old.judged_at.is_not(None))


def upgrade() -> None:
    op.create_table(
        "submission_verdicts",
        sa.Column("submission", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("judged_at", shared.database.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ruleset", sa.String(length=200), nullable=False),
        sa.Column("ruleset_hash", sa.String(length=64), nullable=False),
        sa.Column("counts", shared.database.columns.Json(), nullable=False),
        sa.Column("report", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("submission", "version", "verdict"),
        schema="entry",
    )
    op.execute(verdicts.insert().from_select(list(verdicts.c), _as_kept()))
    for name in WHAT_RULES_SAID:
        op.drop_column("submission_versions", name, schema="entry")
    op.add_column(
        "submission_versions", sa.Column("judged_chunks", sa.Integer(), nullable=True), schema="entry"
    )
    op.add_column("submission_versions", sa.Column("chunks", sa.Integer(), nullable=True), schema="entry")
    op.add_column(
        "submission_versions",
        sa.Column("progressed_at", shared.database.columns.UtcDateTime(timezone=True), nullable=True),
        schema="entry",
    )
