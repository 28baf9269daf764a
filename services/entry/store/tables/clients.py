"""The clients of reporters, what they show to get tokens, and who may act for whom."""

from sqlalchemy import Column, Date, Index, String, Table, Text

from services.entry.store.tables.metadata import metadata
from shared.database import Json, UtcDateTime, inherits_policy, owned_by_reporter

clients = Table(
    "clients",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("reporter", String(40), nullable=False),
    Column("label", String(200), nullable=False),
    Column("scopes", Json, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("made_by", String(40), nullable=False),
    Column("ended_at", UtcDateTime),
    Index("clients_of_reporter", "reporter", "id"),
    info=owned_by_reporter("reporter"),
)

# Of a secret, what is stored does not let anybody in.
client_secrets = Table(
    "client_secrets",
    metadata,
    Column("client", String(36), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("hash", String(64), nullable=False),
    Column("hint", String(4), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("last_used_at", UtcDateTime),
    info=inherits_policy(clients, client="id"),
)

client_keys = Table(
    "client_keys",
    metadata,
    Column("client", String(36), primary_key=True),
    Column("kid", String(100), primary_key=True),
    Column("jwk", Json, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("last_used_at", UtcDateTime),
    info=inherits_policy(clients, client="id"),
)

used_assertions = Table(
    "used_assertions",
    metadata,
    Column("client", String(36), primary_key=True),
    Column("jti", String(100), primary_key=True),
    Column("ends_at", UtcDateTime, nullable=False),
    info=inherits_policy(clients, client="id"),
)
"""What clients have signed and shown, while it could be shown again."""

delegations = Table(
    "delegations",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("structure", String(40), nullable=False),
    Column("to", String(40), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("given_by", String(40), nullable=False),
    Column("given_at", UtcDateTime, nullable=False),
    Column("expires_on", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("ended_at", UtcDateTime),
    Index("delegations_of_structure", "structure", "to"),
    info=owned_by_reporter("structure", "to", structure="structure"),
)
