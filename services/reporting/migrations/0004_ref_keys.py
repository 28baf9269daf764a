"""Store identities and targets in the form in which refs are compared. Records that would fall together stay apart."""

from collections import Counter

import sqlalchemy as sa
from alembic import op

from shared.reference.refs import ref_key

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

metadata = sa.MetaData(schema="reporting")
facts = sa.Table("facts", metadata, sa.Column("identity"))
links = sa.Table("links", metadata, sa.Column("identity"), sa.Column("target"))


def upgrade() -> None:
    connection = op.get_bind()
    known = list(connection.execute(sa.select(facts.c.identity).distinct()).scalars())
    records = Counter(map(ref_key, known))
    for column in (facts.c.identity, links.c.identity, links.c.target):
        for value in list(connection.execute(sa.select(column).distinct()).scalars()):
            key = ref_key(value)
            # Two records of one key keep their spellings, and the links to them theirs.
            if key != value and records[key] <= 1:
                changed = sa.update(column.table).where(column == value)
                connection.execute(changed.values({column.name: key}))
