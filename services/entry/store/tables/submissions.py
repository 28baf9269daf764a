"""Submissions, their versions and the verdicts on them."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text, false

from services.entry.store.tables.metadata import metadata
from shared.database import Json, UtcDateTime, inherits_policy, owned_by_reporter

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
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("reference", String(100)),
    Column("content", String(64)),
    Column("is_trial", Boolean, nullable=False, server_default=false()),
    Column("corrects", String(36)),
    Index("submissions_of_reporter", "reporter", "id"),
    Index("current_contents", "content", unique=True),
    info=owned_by_reporter("reporter", partner="partner"),
)
"""`content` is the sha-256 of what the present version's sender handed in, with whose and for which mapping it is: the
same again is the same submission. Nothing has it that was taken back or is a trial. `corrects` is what a trial would correct."""

HAS_REFERENCE = submissions.c.reference.is_not(None)

Index(
    "submissions_by_reference",
    submissions.c.reporter,
    submissions.c.reference,
    unique=True,
    postgresql_where=HAS_REFERENCE,
    sqlite_where=HAS_REFERENCE,
)

versions = Table(
    "submission_versions",
    metadata,
    Column("submission", String(36), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("state", String(10), nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("tlp", String(20)),
    Column("body", String(64)),
    Column("records", Integer, nullable=False),
    Column("reason", Text),
    Column("verdict", Integer, nullable=False),
    Column("judged_chunks", Integer),
    Column("chunks", Integer),
    Column("progressed_at", UtcDateTime),
    Column("content", String(64)),
    Column("mode", String(8)),
    Column("on_error", String(8)),
    Column("is_late", Boolean, nullable=False, server_default=false()),
    Column("file", String(64)),
    Column("media_type", String(100)),
    Column("file_name", String(200)),
    Column("size", BigInteger),
    Column("read_at", UtcDateTime),
    Column("refusal", Json),
    Column("left_out", Json),
    Column("reported_at", UtcDateTime),
    info=inherits_policy(submissions, submission="id"),
)
"""`content` is the sha-256 of what was handed in: of the file's bytes, or of the canonical body. `body` is missing while a
file is not read yet. `verdict` is the highest that is known; the chunks are those of a checking that has not come to its
verdict. `refusal` says why a file could not be read, `left_out` which records this version does without, and why."""

# Rows are added only.
verdicts = Table(
    "submission_verdicts",
    metadata,
    Column("submission", String(36), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("verdict", Integer, primary_key=True),
    Column("outcome", String(10), nullable=False),
    Column("reason", String(24), nullable=False),
    Column("judged_at", UtcDateTime, nullable=False),
    Column("ruleset", String(200), nullable=False),
    Column("ruleset_hash", String(64), nullable=False),
    Column("counts", Json, nullable=False),
    Column("report", String(64), nullable=False),
    info=inherits_policy(submissions, submission="id"),
)
