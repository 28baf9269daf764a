"""Tables of submissions, their versions and verdicts."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text, false

from shared.database import Json, UtcDateTime, inherits_policy, metadata_of, owned_by_reporter

submissions = Table(
    "submissions",
    metadata_of("entry"),
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
    info=owned_by_reporter("reporter", partner="partner"),
)
"""`content` is the sha-256 of the current version's submitted content with its reporter and mapping. It is null after a withdrawal and for trials. `corrects` is the submission that a trial would correct."""

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
    metadata_of("entry"),
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
    Column("reading", Json),
    Column("workbook", Json),
    Column("counting", Json),
    info=inherits_policy(submissions, submission="id"),
)
"""`content` is the sha-256 of the submitted content: of the file's bytes, or of the canonical body. `body` is null while
a file is unread. `verdict` is the highest known one. The chunks belong to a judgement without a verdict yet. `refusal`
is the reason why a file could not be read; `left_out` are the records that the version omits. `reading` is the bounded
account of what was read of a file and what was not; it is null where all of a JSON body was read. `workbook` is the
version that a file was made from. `counting` says how many records count if it shares some with other submissions."""

# Rows are only inserted.
verdicts = Table(
    "submission_verdicts",
    metadata_of("entry"),
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
