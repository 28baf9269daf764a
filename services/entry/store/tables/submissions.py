"""Submissions, their versions and the verdicts on them."""

from sqlalchemy import Column, Index, Integer, String, Table, Text

from services.entry.store.tables.metadata import metadata
from shared.database import Json, Moment

submissions = Table(
    "submissions",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("reporter", String(40), nullable=False),
    Column("partner", String(2)),
    Column("pillar", String(10), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("period", String(9), nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Index("submissions_of_reporter", "reporter", "id"),
)

# `verdict` is the highest that is known; the chunks are those of a checking that has not come to its verdict.
versions = Table(
    "submission_versions",
    metadata,
    Column("submission", String(36), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("state", String(10), nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("tlp", String(20)),
    Column("body", String(64)),
    Column("records", Integer, nullable=False),
    Column("reason", Text),
    Column("verdict", Integer, nullable=False),
    Column("judged_chunks", Integer),
    Column("chunks", Integer),
    Column("progressed_at", Moment),
)

# Rows are added only.
verdicts = Table(
    "submission_verdicts",
    metadata,
    Column("submission", String(36), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("verdict", Integer, primary_key=True),
    Column("outcome", String(10), nullable=False),
    Column("reason", String(24), nullable=False),
    Column("judged_at", Moment, nullable=False),
    Column("ruleset", String(200), nullable=False),
    Column("ruleset_hash", String(64), nullable=False),
    Column("counts", Json, nullable=False),
    Column("report", String(64), nullable=False),
)
