"""The places of claims, by which the version received last counts; the bodies of arrivals, for completeness."""

import sqlalchemy as sa
from alembic import op

import shared.database
from shared.records.places import own_place

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Full tables: SQLite, which has no schemas, is told so for these alone.
metadata = sa.MetaData(schema="reporting")
standings = sa.Table(
    "standings",
    metadata,
    *(sa.Column(name) for name in ("submission", "version", "verdict", "outcome", "received_at")),
)
log = sa.Table(
    "accepted_log",
    metadata,
    *(sa.Column(name) for name in ("submission", "version", "verdict", "outcome")),
    sa.Column("payload", shared.database.Json()),
)
facts = sa.Table("facts", metadata, *(sa.Column(name) for name in ("submission", "place")))


def upgrade() -> None:
    op.add_column(
        "facts",
        sa.Column("place", sa.String(length=160), server_default="", nullable=False),
        schema="reporting",
    )
    op.add_column(
        "standings", sa.Column("received_at", sa.String(length=32), nullable=True), schema="reporting"
    )
    op.add_column(
        "standings",
        sa.Column("changes", sa.Integer(), server_default="0", nullable=False),
        schema="reporting",
    )
    op.add_column("arrivals", sa.Column("body", sa.String(length=64), nullable=True), schema="reporting")
    _place_claims()


def _place_claims() -> None:
    """Give each claim the place of its version. Which claims are in force changes when figures are rebuilt."""
    connection = op.get_bind()
    same = [log.c[name] == standings.c[name] for name in ("submission", "version", "verdict", "outcome")]
    accepted = sa.select(log.c.submission, log.c.version, log.c.payload).join(standings, sa.and_(*same))
    rows = connection.execute(accepted.where(log.c.outcome == "accepted")).all()
    for submission, version, payload in rows:
        received_at = payload["received_at"]
        for table, values in (
            (standings, {"received_at": received_at}),
            (facts, {"place": own_place(received_at, submission, version)}),
        ):
            connection.execute(sa.update(table).where(table.c.submission == submission).values(values))
