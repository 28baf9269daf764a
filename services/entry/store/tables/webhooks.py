"""Where reporters are told, what they were told, and how far the journal was read for it."""

from sqlalchemy import Column, Index, Integer, String, Table, Text, UniqueConstraint, text

from services.entry.store.tables.metadata import metadata
from shared.database import Json, UtcDateTime, inherits_policy, owned_by_reporter

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("reporter", String(40), nullable=False),
    Column("slot", Integer, nullable=False),
    Column("partner", String(2)),
    Column("role", String(20), nullable=False),
    Column("url", Text, nullable=False),
    Column("events", Json, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("state", String(10), nullable=False),
    Column("disabled_at", UtcDateTime),
    Column("reason", Text),
    Column("claim", String(36)),
    Column("free_at", UtcDateTime, nullable=False),
    UniqueConstraint("reporter", "slot", name="so_many_webhooks"),
    info=owned_by_reporter("reporter"),
)
"""`slot` counts a reporter's webhooks, so that two that are made at once are not one too many. `claim` is
the sender's that holds the webhook until `free_at`, so that one message at a time goes there; after a failure it rests
until then."""

# Signing needs the secret itself: a hash would not do. So it is kept as it is, for the role of this service to read alone;
# who has it can forge messages to one receiver, and can ask this system for nothing.
webhook_secrets = Table(
    "webhook_secrets",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("webhook", String(36), nullable=False),
    Column("secret", String(100), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime),
    Index("webhook_secrets_of_webhook", "webhook", "id"),
    info=inherits_policy(webhooks, webhook="id"),
)

# The ledger. An entry is told to a webhook once, however often the journal is read.
webhook_messages = Table(
    "webhook_messages",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("webhook", String(36), nullable=False),
    Column("sequence", Integer),
    Column("type", String(40), nullable=False),
    Column("body", Text, nullable=False),
    Column("state", String(10), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("first_due_at", UtcDateTime, nullable=False),
    Column("last_status", Integer),
    Column("last_error", Text),
    Column("sent_at", UtcDateTime),
    UniqueConstraint("webhook", "sequence", name="one_message_for_each_entry"),
    Index("webhook_messages_of_webhook", "webhook", "id"),
    Index(
        "webhook_messages_waiting",
        "webhook",
        "due_at",
        postgresql_where=text("state = 'waiting'"),
        sqlite_where=text("state = 'waiting'"),
    ),
    info=inherits_policy(webhooks, webhook="id"),
)

# One row: the sequence of the last sealed entry that was looked at.
webhook_position = Table(
    "webhook_position",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sequence", Integer, nullable=False),
)
