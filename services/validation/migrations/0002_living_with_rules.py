"""Add tables and columns for re-judging, chunks, published rulesets, finding lifecycles and exemptions."""

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


# Full tables: SQLite, which has no schemas, is told so for these alone.
metadata = sa.MetaData(schema="validation")
RECORD = ("submission", "version", "ref", "reporter", "kind", "period")
STANDING = ("submission", "version", "is_withdrawn", "verdict", "judged", "outcome", "is_settled")


def _table(name: str, *columns: str) -> sa.Table:
    return sa.Table(name, metadata, *(sa.Column(column) for column in columns))


judged_versions = _table("judged_versions", "submission", "version", "is_withdrawn")
verdicts = _table("verdicts", "submission", "version", "outcome")
submissions = _table("judged_submissions", *STANDING)
known_records = _table("known_records", *RECORD)
indexed_records = _table("indexed_records", *RECORD)


def _as_judged() -> sa.Select[tuple[object, ...]]:
    """What was received is not known of former submissions: they keep the one verdict they have."""
    old = judged_versions.c
    given = sa.select(verdicts.c.version).where(verdicts.c.submission == old.submission)
    last = given.order_by(verdicts.c.version.desc()).limit(1)
    return sa.select(
        old.submission,
        old.version,
        old.is_withdrawn,
        sa.literal(1),
        last.scalar_subquery(),
        last.with_only_columns(verdicts.c.outcome).scalar_subquery(),
        sa.true(),
    )


def upgrade() -> None:

    op.create_table(
        "chunks",
        sa.Column("judging", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=64), nullable=False),
        sa.Column("judgement", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("judging", "number"),
        schema="validation",
    )
    op.create_index("ix_chunks_judgement", "chunks", ["judgement"], unique=False, schema="validation")
    op.create_table(
        "findings",
        sa.Column("finding", sa.String(length=64), nullable=False),
        sa.Column("submission", sa.String(length=36), nullable=False),
        sa.Column("reporter", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.String(length=24), nullable=False),
        sa.Column("severity", sa.String(length=24), nullable=False),
        sa.Column("ref", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("value", shared.database.columns.Json(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("first_version", sa.Integer(), nullable=False),
        sa.Column("last_version", sa.Integer(), nullable=False),
        sa.Column("changed_at", shared.database.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", shared.database.columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("finding"),
        schema="validation",
    )
    op.create_index("ix_findings_rule", "findings", ["rule", "state"], unique=False, schema="validation")
    op.create_index(
        "ix_findings_submission", "findings", ["submission", "state"], unique=False, schema="validation"
    )
    op.create_table(
        "judgings",
        sa.Column("judging", sa.String(length=36), nullable=False),
        sa.Column("submission", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("basis", sa.String(length=64), nullable=False),
        sa.Column("chunks", sa.Integer(), nullable=False),
        sa.Column("open", sa.Integer(), nullable=False),
        sa.Column("begun_at", shared.database.columns.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("judging"),
        schema="validation",
    )
    op.create_index("ix_judgings_submission", "judgings", ["submission"], unique=False, schema="validation")
    op.create_table(
        "record_links",
        sa.Column("submission", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("reporter", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=24), nullable=False),
        sa.Column("ref", sa.String(length=120), nullable=False),
        sa.Column("found", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("submission", "version", "kind", "reporter", "period", "ref"),
        schema="validation",
    )
    op.create_index(
        "ix_record_links_target",
        "record_links",
        ["kind", "reporter", "period", "ref"],
        unique=False,
        schema="validation",
    )
    op.create_table(
        "adopting_meetings",
        sa.Column("meeting", sa.String(length=64), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("meeting"),
        schema="validation",
    )
    op.create_table(
        "ruleset_versions",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=24), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=False),
        sa.Column("published_at", shared.database.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.String(length=64), nullable=False),
        sa.Column("applied_at", shared.database.columns.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", "version"),
        schema="validation",
    )
    op.create_table(
        "sketches",
        sa.Column("sketch", sa.String(length=64), nullable=False),
        sa.Column("submission", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("sketch", "submission", "version", "ref"),
        schema="validation",
    )
    op.create_index("ix_sketches_submission", "sketches", ["submission"], unique=False, schema="validation")
    op.create_table(
        "judged_submissions",
        sa.Column("submission", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=False),
        sa.Column("reporter", sa.String(length=64), nullable=True),
        sa.Column("pillar", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=24), nullable=True),
        sa.Column("period", sa.String(length=24), nullable=True),
        sa.Column("received", shared.database.columns.Json(), nullable=True),
        sa.Column("verdict", sa.Integer(), nullable=False),
        sa.Column("judged", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=24), nullable=True),
        sa.Column("outdated", sa.String(length=24), nullable=True),
        sa.Column("is_settled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("submission"),
        schema="validation",
    )
    op.create_index(
        "ix_judged_submissions_collection",
        "judged_submissions",
        ["kind", "period"],
        unique=False,
        schema="validation",
    )
    op.create_index(
        "ix_judged_submissions_unsettled",
        "judged_submissions",
        ["submission"],
        unique=False,
        schema="validation",
        postgresql_where=sa.text("is_settled IS false"),
        sqlite_where=sa.text("is_settled IS 0"),
    )
    op.create_table(
        "known_windows",
        sa.Column("window", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("period", sa.String(length=24), nullable=False),
        sa.Column("meeting", sa.String(length=64), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("window"),
        schema="validation",
    )
    op.execute(submissions.insert().from_select(list(STANDING), _as_judged()))
    op.drop_table("judged_versions", schema="validation")
    op.create_table(
        "indexed_records",
        sa.Column("submission", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=120), nullable=False),
        sa.Column("reporter", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("tlp", sa.String(length=24), nullable=True),
        sa.Column("received_at", sa.String(length=32), nullable=True),
        sa.Column("facts", shared.database.columns.Json(), nullable=True),
        sa.PrimaryKeyConstraint("submission", "version", "ref"),
        schema="validation",
    )
    op.create_index(
        "ix_indexed_records_identity",
        "indexed_records",
        ["kind", "reporter", "ref"],
        unique=False,
        schema="validation",
    )
    op.execute(indexed_records.insert().from_select(list(RECORD), sa.select(known_records)))
    op.drop_table("known_records", schema="validation")
    op.add_column("verdicts", sa.Column("partner", sa.String(length=64), nullable=True), schema="validation")
    op.add_column("verdicts", sa.Column("tlp", sa.String(length=24), nullable=True), schema="validation")
    op.add_column(
        "verdicts",
        sa.Column("reason", sa.String(length=24), server_default="data_changed", nullable=False),
        schema="validation",
    )
    op.add_column(
        "verdicts",
        sa.Column("stamp", shared.database.columns.Json(), server_default="{}", nullable=False),
        schema="validation",
    )
    op.add_column(
        "verdicts",
        sa.Column("rules", shared.database.columns.Json(), server_default="{}", nullable=False),
        schema="validation",
    )
    op.add_column(
        "verdicts", sa.Column("judgement", sa.String(length=64), nullable=True), schema="validation"
    )
    op.create_index("ix_verdicts_judgement", "verdicts", ["judgement"], unique=False, schema="validation")
