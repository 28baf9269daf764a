"""Tables of clients, their secrets and keys, used assertions, and delegations."""

from sqlalchemy import Column, Date, Index, String, Table, Text

from shared.database import Json, UtcDateTime, inherits_policy, metadata_of, owned_by_reporter

clients = Table(
    "clients",
    metadata_of("entry"),
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

# Only the hash of a secret is stored: it gets no token.
client_secrets = Table(
    "client_secrets",
    metadata_of("entry"),
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
    metadata_of("entry"),
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
    metadata_of("entry"),
    Column("client", String(36), primary_key=True),
    Column("jti", String(100), primary_key=True),
    Column("ends_at", UtcDateTime, nullable=False),
    info=inherits_policy(clients, client="id"),
)
"""The assertions that clients have used, until they expire."""

delegations = Table(
    "delegations",
    metadata_of("entry"),
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
