"""Statements: every content of a record or body, so that an earlier one is recognised; which records count; workbooks."""

import hashlib

import sqlalchemy as sa
from alembic import op

import shared.database
from shared.clock import iso
from shared.records.canonical import canonical_json
from shared.records.places import own_place

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Full tables: SQLite, which has no schemas, is told so for these alone.
metadata = sa.MetaData(schema="entry")
MAPPING = ("reporter", "partner", "pillar", "kind", "period")
submissions = sa.Table(
    "submissions",
    metadata,
    *(sa.Column(name) for name in ("id", *MAPPING)),
    sa.Column("is_trial", sa.Boolean()),
)
versions = sa.Table(
    "submission_versions",
    metadata,
    *(sa.Column(name) for name in ("submission", "version", "tlp", "body", "content", "file")),
    sa.Column("received_at", shared.database.UtcDateTime()),
)
STATED = ("subject", "content", "reporter", "submission", "version", "place")
statements = sa.Table("statements", metadata, *(sa.Column(name) for name in STATED))


def upgrade() -> None:
    op.create_table(
        "statements",
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("content", sa.String(length=32), nullable=False),
        sa.Column("reporter", sa.String(length=40), nullable=False),
        sa.Column("submission", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=110), nullable=False),
        sa.PrimaryKeyConstraint("subject", "content"),
        schema="entry",
    )
    for name in ("workbook", "counting"):
        op.add_column(
            "submission_versions",
            sa.Column(name, shared.database.columns.Json(), nullable=True),
            schema="entry",
        )
    op.drop_index("current_contents", table_name="submissions", schema="entry")
    _record_bodies()


def _record_bodies() -> None:
    """Record the bodies that were submitted so far, so that they are recognised when they are sent again."""
    connection = op.get_bind()
    v = versions.c
    sent = (
        sa.select(*(submissions.c[name] for name in MAPPING), v.submission, v.version, v.tlp)
        .add_columns(sa.func.coalesce(v.content, v.body).label("sha256"), v.file, v.received_at)
        .join_from(versions, submissions, v.submission == submissions.c.id)
        .where(submissions.c.is_trial.is_(False), sa.func.coalesce(v.content, v.body).is_not(None))
    )
    found = {}
    for row in connection.execute(sent.order_by(v.received_at, v.submission, v.version)):
        subject, content = _subject_of(row)
        place = own_place(iso(row.received_at), row.submission, row.version)
        values = (subject, content, row.reporter, row.submission, row.version, place)
        found[subject, content] = dict(zip(STATED, values, strict=True))
    if found:
        connection.execute(sa.insert(statements), list(found.values()))


def _subject_of(row: sa.Row[tuple[object, ...]]) -> tuple[str, str]:
    """Return the hashes of the mapping and of the content, as `subject_of_body` does."""
    about = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    names = ("reporter", "pillar", "kind", "period")
    mapping = b"body\0" + canonical_json([about[name] for name in names])
    key = row.sha256
    if row.file is not None:
        facts = {name: about[name] for name in (*MAPPING, "tlp")}
        key = hashlib.sha256(canonical_json(facts | {"file": row.file})).hexdigest()
    return hashlib.sha256(mapping).hexdigest()[:32], key[:32]
