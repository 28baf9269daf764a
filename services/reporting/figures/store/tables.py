"""The tables. Facts, links and aggregates exist once per generation; the pointer row names the active one."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from shared.database import Json, UtcDateTime, metadata_of, unrestricted

metadata = metadata_of("reporting")

ID = String(36)
CODE = String(64)
UNRESTRICTED = (
    "figures count the records of all reporters; role and marking decide which records a reader sees"
)


def _dimensions() -> list[Column[str]]:
    names = ("pillar", "partner", "kind", "theme", "category", "period", "status", "tlp")
    return [Column(name, CODE, nullable=False) for name in names]


def _amounts() -> list[Column[int]]:
    return [Column(name, BigInteger, nullable=False) for name in ("estimated", "committed", "spent")]


generations = Table(
    "generations",
    metadata,
    # One row. Folds take turns by its lock; a change of `active` swaps a rebuilt generation in.
    Column("name", CODE, primary_key=True),
    Column("active", Integer, nullable=False),
    Column("building", Integer),
    Column("latest", Integer, nullable=False),
)

accepted_log = Table(
    "accepted_log",
    metadata,
    # Append-only. A rebuild needs only this log and the blobs.
    Column("submission", ID, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("verdict", Integer, primary_key=True),
    Column("outcome", CODE, primary_key=True),
    Column("event", CODE, nullable=False),
    Column("payload", Json, nullable=False),
    Column("noted_at", UtcDateTime, nullable=False),
)

outcomes = Table(
    "standings",
    metadata,
    Column("submission", ID, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("verdict", Integer, nullable=False),
    Column("outcome", CODE, nullable=False),
    Column("reporter", CODE, nullable=False),
    Column("kind", CODE, nullable=False),
    Column("period", CODE, nullable=False),
    Column("body", String(64)),
    Column("records", Integer, nullable=False),
    Column("received_at", String(32)),
    # The number of times that other submissions' claims changed which of its records count.
    Column("changes", Integer, nullable=False, server_default="0"),
    Column("noted_at", UtcDateTime, nullable=False),
    Index("standings_noted_at", "noted_at"),
    info=unrestricted(UNRESTRICTED),
)

facts = Table(
    "facts",
    metadata,
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("identity", Text, primary_key=True),
    Column("submission", ID, primary_key=True),
    Column("rank", Integer, primary_key=True),
    Column("in_force", Boolean, nullable=False),
    # The place in the order of statements: of the claims to a record, the greatest is in force.
    Column("place", String(160), nullable=False, server_default=""),
    *_dimensions(),
    Column("currency", String(3), nullable=False),
    *_amounts(),
    Index("facts_submission", "generation", "submission"),
    Index("facts_kind", "generation", "kind", "period"),
)

links = Table(
    "links",
    metadata,
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("identity", Text, primary_key=True),
    Column("submission", ID, primary_key=True),
    Column("rank", Integer, primary_key=True),
    Column("in_force", Boolean, nullable=False),
    Column("kind", CODE, nullable=False),
    # No foreign key: the target may arrive later, or never.
    Column("target", Text, nullable=False),
    Column("coverage", CODE),
    Column("share", Integer),
    Column("tlp", CODE, nullable=False),
    Index("links_submission", "generation", "submission"),
    Index("links_target", "generation", "target"),
)

aggregates = Table(
    "aggregates",
    metadata,
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("pillar", CODE, primary_key=True),
    Column("kind", CODE, primary_key=True),
    Column("partner", CODE, primary_key=True),
    Column("theme", CODE, primary_key=True),
    Column("period", CODE, primary_key=True),
    Column("category", CODE, primary_key=True),
    Column("status", CODE, primary_key=True),
    Column("tlp", CODE, primary_key=True),
    Column("currency", String(3), primary_key=True),
    Column("records", Integer, nullable=False),
    *_amounts(),
)
