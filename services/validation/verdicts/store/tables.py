"""Tables of verdicts."""

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Table, false

from shared.database import Json, UtcDateTime, metadata_of, owned_by_reporter, unrestricted

metadata = metadata_of("validation")

ID = String(36)
CODE = String(64)
SHA256 = String(64)
REF = String(120)
WORD = String(24)
SHORT = String(16)
MOMENT = String(32)
"""A moment as events carry it: texts of one format, which sort in the order of time."""

# The state of each submission, and its received version, so that it can be judged again. `verdict` counts the verdicts
# on `version`; `outcome` is the last outcome, on the version `judged`, which is current until a later one is judged.
# `outdated` is the reason for which a new verdict is due. A changed submission is not settled until those that refer to
# it were checked.
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

# A verdict is never changed: a later one adds a row. `judgement` identifies the content and its basis: equal keys,
# equal reports.
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

# Records of versions that were accepted, or may be once all chunks are judged. Their state follows from the submission.
# `facts` holds the few fields that later records are compared with. `ref` is the form in which refs are compared;
# `spelling` is the ref as it was sent, if it differs; look-alikes share the `skeleton`.
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
    # The order of the claim to the record, unless it is that of the version's receipt.
    Column("claim", String(160)),
    Column("facts", Json),
    Column("spelling", REF),
    Column("skeleton", REF),
    Index("ix_indexed_records_identity", "kind", "reporter", "ref"),
    Index("ix_indexed_records_skeleton", "kind", "reporter", "skeleton"),
    info=unrestricted("a rule looks up whether another reporter's record exists, and its state"),
)

# The links of a version, with the states of their targets at the last verdict.
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
    info=unrestricted("the reporter is that of the target record"),
)

# Similarity keys: similar support shares a key.
similarity_keys = Table(
    "sketches",
    metadata,
    Column("sketch", CODE, primary_key=True),
    Column("submission", ID, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("ref", REF, primary_key=True),
    Index("ix_sketches_submission", "submission"),
)

# A judging of a large submission. Any worker judges its chunks; the worker that closes the last one announces the end.
# `basis` identifies the rules, code lists and engine.
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
    Column("counts", Json, nullable=False, server_default="{}"),
    Index("ix_chunks_judgement", "judgement"),
)

# A period is open until the meeting that adopts it is held.
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
    Column("is_cancelled", Boolean, nullable=False, server_default=false()),
)
