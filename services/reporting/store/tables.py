"""The tables. Facts, links and aggregates exist once per generation; the pointer row says which one is read."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from shared.database import Json, UtcDateTime, metadata_of, unrestricted

metadata = metadata_of("reporting")

ID = String(36)
CODE = String(64)
OF_EVERYBODY = "figures are made of everybody's records; who is shown which, role and marking decide"


def _dimensions() -> list[Column[str]]:
    names = ("pillar", "partner", "kind", "theme", "category", "period", "status", "tlp")
    return [Column(name, CODE, nullable=False) for name in names]


def _amounts() -> list[Column[int]]:
    return [Column(name, BigInteger, nullable=False) for name in ("estimated", "committed", "spent")]


generations = Table(
    "generations",
    metadata,
    # One row. Its lock puts the folds in line; changing `active` swaps a rebuilt generation in.
    Column("name", CODE, primary_key=True),
    Column("active", Integer, nullable=False),
    Column("building", Integer),
    Column("latest", Integer, nullable=False),
)

accepted_log = Table(
    "accepted_log",
    metadata,
    # Append-only: all that a rebuild needs, with the blobs.
    Column("submission", ID, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("verdict", Integer, primary_key=True),
    Column("outcome", CODE, primary_key=True),
    Column("event", CODE, nullable=False),
    Column("payload", Json, nullable=False),
    Column("noted_at", UtcDateTime, nullable=False),
)

standings = Table(
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
    Column("noted_at", UtcDateTime, nullable=False),
    Index("standings_noted_at", "noted_at"),
    info=unrestricted(OF_EVERYBODY),
)

arrivals = Table(
    "arrivals",
    metadata,
    Column("submission", ID, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("reporter", CODE, nullable=False),
    Column("kind", CODE, nullable=False),
    Column("period", CODE, nullable=False),
    Column("records", Integer, nullable=False),
    Column("noted_at", UtcDateTime, nullable=False),
    Index("arrivals_noted_at", "noted_at"),
    info=unrestricted(OF_EVERYBODY),
)

facts = Table(
    "facts",
    metadata,
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("identity", Text, primary_key=True),
    Column("submission", ID, primary_key=True),
    Column("rank", Integer, primary_key=True),
    Column("in_force", Boolean, nullable=False),
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
    # No foreign key: what is answered may come later, or never.
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

known_obligations = Table(
    "known_obligations",
    metadata,
    Column("obligation", CODE, primary_key=True),
    Column("structure", CODE, nullable=False),
    Column("kind", CODE, nullable=False),
    Column("period", CODE, nullable=False),
    Column("due_on", String(10), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("noted_at", UtcDateTime, nullable=False),
)

known_deadlines = Table(
    "known_deadlines",
    metadata,
    Column("deadline", CODE, primary_key=True),
    Column("kind", CODE, nullable=False),
    Column("period", CODE, nullable=False),
    Column("due_on", String(10), nullable=False),
    Column("meeting", CODE, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("noted_at", UtcDateTime, nullable=False),
)

known_meetings = Table(
    "known_meetings",
    metadata,
    Column("meeting", CODE, primary_key=True),
    Column("title", Text, nullable=False),
    Column("held_on", String(10), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("noted_at", UtcDateTime, nullable=False),
)
