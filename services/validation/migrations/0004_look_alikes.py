"""Store the form in which refs are compared, and find look-alikes by a skeleton."""

import sqlalchemy as sa
from alembic import op

from shared.reference.look_alikes import skeleton_of
from shared.reference.refs import ref_key

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

metadata = sa.MetaData(schema="validation")
records = sa.Table(
    "indexed_records",
    metadata,
    *(sa.Column(name) for name in ("submission", "version", "ref", "spelling", "skeleton")),
)
links = sa.Table(
    "record_links",
    metadata,
    *(sa.Column(name) for name in ("submission", "version", "kind", "reporter", "period", "ref")),
)
sketches = sa.Table(
    "sketches", metadata, *(sa.Column(name) for name in ("sketch", "submission", "version", "ref"))
)


def upgrade() -> None:
    for name in ("spelling", "skeleton"):
        op.add_column("indexed_records", sa.Column(name, sa.String(length=120)), schema="validation")
    op.create_index(
        "ix_indexed_records_skeleton",
        "indexed_records",
        ["kind", "reporter", "skeleton"],
        unique=False,
        schema="validation",
    )
    connection = op.get_bind()
    for submission in list(connection.execute(sa.select(records.c.submission).distinct()).scalars()):
        _fill(connection, submission)
    for table in (links, sketches):
        _normalise(connection, table)


def _fill(connection: sa.Connection, submission: str) -> None:
    """Store the keys and skeletons of a submission's records. Records whose refs fall together stay apart."""
    c = records.c
    rows = connection.execute(sa.select(c.version, c.ref).where(c.submission == submission)).all()
    taken = {(version, ref) for version, ref in rows}
    for version, ref in rows:
        key = ref_key(ref)
        values = {"skeleton": skeleton_of(ref)}
        if key != ref:
            values |= {"spelling": ref}
            if (version, key) not in taken:
                taken.add((version, key))
                values |= {"ref": key}
        this = sa.and_(c.submission == submission, c.version == version, c.ref == ref)
        connection.execute(sa.update(records).where(this).values(values))


def _normalise(connection: sa.Connection, table: sa.Table) -> None:
    """Store the keys of refs, except in rows that would fall together with another."""
    rows = [tuple(row) for row in connection.execute(sa.select(table))]
    taken = set(rows)
    for row in rows:
        by_column = dict(zip(table.c.keys(), row, strict=True))
        fresh = tuple((by_column | {"ref": ref_key(by_column["ref"])}).values())
        if fresh not in taken:
            taken.add(fresh)
            this = sa.and_(*(table.c[name] == value for name, value in by_column.items()))
            connection.execute(sa.update(table).where(this).values(ref=ref_key(by_column["ref"])))
