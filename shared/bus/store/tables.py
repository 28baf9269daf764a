"""The tables of the bus."""

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

from shared.database import Json, UtcDateTime

metadata = MetaData(schema="bus")

events = Table(
    "events",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(60), nullable=False),
    Column("producer", String(20), nullable=False),
    Column("trace", String(36), nullable=False),
    Column("occurred_at", UtcDateTime, nullable=False),
    Column("payload", Json, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("event_id", String(36), nullable=False),
    Column("event", String(60), nullable=False),
    Column("subscriber", String(20), nullable=False),
    Column("lane", String(30), nullable=False),
    Column("trace", String(36), nullable=False),
    Column("state", String(8), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("rings", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("reason", Text),
)

OPEN = deliveries.c.state.in_(("waiting", "rung"))

Index(
    "open_deliveries",
    deliveries.c.lane,
    deliveries.c.due_at,
    postgresql_where=deliveries.c.state.in_(("waiting", "rung")),
    sqlite_where=deliveries.c.state.in_(("waiting", "rung")),
)
Index(
    "rung_deliveries",
    deliveries.c.lane,
    postgresql_where=deliveries.c.state == "rung",
    sqlite_where=deliveries.c.state == "rung",
)
Index(
    "finished_deliveries",
    deliveries.c.finished_at,
    postgresql_where=deliveries.c.state.in_(("done", "dead")),
    sqlite_where=deliveries.c.state.in_(("done", "dead")),
)
Index("deliveries_of_event", deliveries.c.event_id)

canaries = Table(
    "canaries",
    metadata,
    Column("lane", String(30), primary_key=True),
    Column("finished_at", UtcDateTime, nullable=False),
)

blobs = Table(
    "blobs",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
