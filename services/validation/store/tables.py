"""Validation's tables."""

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Table, Text

from shared.database import Json, UtcDateTime, inherits_policy, metadata_of, owned_by_reporter, unrestricted

metadata = metadata_of("validation")

ID = String(36)
CODE = String(64)
SHA256 = String(64)
REF = String(120)
WORD = String(24)
SHORT = String(16)
MOMENT = String(32)
"""A moment as events carry it: texts of one form, which sort as the moments do."""

# What validation knows of each submission: how far it has come, and what was received, so that it can be judged
# again. `verdict` counts those on `version`; `outcome` is the last that was given, on the version `judged`, which stands
# until a later one is judged. `outdated` is the reason for which a new verdict is on its way. What changed is not
# settled until those that refer to it were looked after.
submissions = Table(
    "judged_submissions",
    metadata,
    Column("submission", ID, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("is_withdrawn", Boolean, nullable=False),
    Column("reporter", CODE),
    Column("pillar", CODE),
    Column("kind", WORD),
    Column("period", WORD),
    Column("received", Json),
    Column("verdict", Integer, nullable=False),
    Column("judged", Integer),
    Column("outcome", WORD),
    Column("outdated", WORD),
    Column("is_settled", Boolean, nullable=False),
    Index("ix_judged_submissions_collection", "kind", "period"),
    info=owned_by_reporter("reporter", structure="reporter"),
)
Index(
    "ix_judged_submissions_unsettled",
    submissions.c.submission,
    postgresql_where=submissions.c.is_settled.is_(False),
    sqlite_where=submissions.c.is_settled.is_(False),
)

# A verdict is never changed: a later one adds a row. `judgement` names what was judged under what: equal names, equal
# reports.
verdicts = Table(
    "verdicts",
    metadata,
    Column("submission", ID, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("verdict", Integer, primary_key=True),
    Column("reporter", CODE, nullable=False),
    Column("partner", CODE),
    Column("tlp", WORD),
    Column("outcome", SHORT, nullable=False),
    Column("reason", WORD, nullable=False, server_default="data_changed"),
    Column("ruleset", CODE, nullable=False),
    Column("ruleset_hash", SHA256, nullable=False),
    Column("stamp", Json, nullable=False, server_default="{}"),
    Column("counts", Json, nullable=False),
    Column("outcomes", Json, nullable=False),
    Column("rules", Json, nullable=False, server_default="{}"),
    Column("report", SHA256, nullable=False),
    Column("judgement", SHA256),
    Column("judged_at", UtcDateTime, nullable=False),
    Index("ix_verdicts_judgement", "judgement"),
    info=owned_by_reporter("reporter", partner="partner"),
)

# Records of versions that were accepted, or may be once all chunks are judged; how each stands follows from its
# submission. `facts` holds the few fields that later records are compared with.
known_records = Table(
    "indexed_records",
    metadata,
    Column("submission", ID, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("ref", REF, primary_key=True),
    Column("reporter", CODE, nullable=False),
    Column("kind", SHORT, nullable=False),
    Column("period", SHORT, nullable=False),
    Column("tlp", WORD),
    Column("received_at", MOMENT),
    Column("facts", Json),
    Index("ix_indexed_records_identity", "kind", "reporter", "ref"),
    info=unrestricted("what a rule looks up is whether another's record is there, and how it stands"),
)

# What a version refers to, and how it was found when it was judged last.
links = Table(
    "record_links",
    metadata,
    Column("submission", ID, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("kind", WORD, primary_key=True),
    Column("reporter", CODE, primary_key=True),
    Column("period", WORD, primary_key=True),
    Column("ref", REF, primary_key=True),
    Column("found", WORD, nullable=False),
    Index("ix_record_links_target", "kind", "reporter", "period", "ref"),
    info=unrestricted("the reporter is that of the record that is referred to"),
)

# Support that may be alike shares a sketch: one of these keys.
sketches = Table(
    "sketches",
    metadata,
    Column("sketch", CODE, primary_key=True),
    Column("submission", ID, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("ref", REF, primary_key=True),
    Index("ix_sketches_submission", "submission"),
)

# One run over a large submission: its chunks are judged by any worker, and the one that closes the last one goes on.
# `basis` names what they are judged by.
judgings = Table(
    "judgings",
    metadata,
    Column("judging", ID, primary_key=True),
    Column("submission", ID, nullable=False),
    Column("version", Integer, nullable=False),
    Column("reason", WORD, nullable=False),
    Column("basis", SHA256, nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("open", Integer, nullable=False),
    Column("begun_at", UtcDateTime, nullable=False),
    Index("ix_judgings_submission", "submission"),
)

chunks = Table(
    "chunks",
    metadata,
    Column("judging", ID, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("part", SHA256, nullable=False),
    Column("judgement", SHA256, nullable=False),
    Index("ix_chunks_judgement", "judgement"),
)

# Rulesets that were published; `content` is the file. What was never published is judged by the files that we ship.
ruleset_versions = Table(
    "ruleset_versions",
    metadata,
    Column("name", CODE, primary_key=True),
    Column("version", WORD, primary_key=True),
    Column("hash", SHA256, nullable=False),
    Column("title", String(200), nullable=False),
    Column("content", SHA256, nullable=False),
    Column("in_force_from", Date, nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
    Column("published_by", CODE, nullable=False),
    Column("applied_at", UtcDateTime),
)

# One row per place that a rule was not content with, as long as the submission lives.
findings = Table(
    "findings",
    metadata,
    Column("finding", SHA256, primary_key=True),
    Column("submission", ID, nullable=False),
    Column("reporter", CODE, nullable=False),
    Column("rule", WORD, nullable=False),
    Column("severity", WORD, nullable=False),
    Column("ref", Text),
    Column("place", Text, nullable=False),
    Column("value", Json),
    Column("message", Text, nullable=False),
    Column("state", WORD, nullable=False),
    Column("first_version", Integer, nullable=False),
    Column("last_version", Integer, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("note", Text),
    Column("decided_by", CODE),
    Column("decided_at", UtcDateTime),
    Column("expires_on", Date),
    Index("ix_findings_submission", "submission", "state"),
    Index("ix_findings_rule", "rule", "state"),
    info=inherits_policy(verdicts, submission="submission"),
)

# When a period is open is the calendar's business: until the meeting that adopts it is held.
windows = Table(
    "known_windows",
    metadata,
    Column("window", CODE, primary_key=True),
    Column("kind", WORD, nullable=False),
    Column("period", WORD, nullable=False),
    Column("meeting", CODE, nullable=False),
    Column("sequence", Integer, nullable=False),
)

meetings = Table(
    "adopting_meetings",
    metadata,
    Column("meeting", CODE, primary_key=True),
    Column("held_on", Date, nullable=False),
    Column("sequence", Integer, nullable=False),
)
