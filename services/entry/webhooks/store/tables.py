"""Tables of webhooks, their secrets and messages, and of the cursor in the audit log."""

from sqlalchemy import Column, Index, Integer, String, Table, Text, UniqueConstraint, text

from shared.database import Json, UtcDateTime, inherits_policy, metadata_of, owned_by_reporter

webhooks = Table(
    "webhooks",
    metadata_of("entry"),
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
"""`slot` numbers a reporter's webhooks, so that two created at once cannot exceed the maximum. `claim` belongs to the
sender that has claimed the webhook until `free_at`, so that one message at a time is sent; after a failure the webhook
rests until then."""

# Signing needs the secret itself, not a hash. It is stored as it is, readable by the role of this service only. With it,
# messages to one receiver can be forged, but nothing can be requested from this system.
webhook_secrets = Table(
    "webhook_secrets",
    metadata_of("entry"),
    Column("id", String(36), primary_key=True),
    Column("webhook", String(36), nullable=False),
    Column("secret", String(100), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime),
    Index("webhook_secrets_of_webhook", "webhook", "id"),
    info=inherits_policy(webhooks, webhook="id"),
)

# There is one message for each webhook and entry, however often the audit log is read.
webhook_messages = Table(
    "webhook_messages",
    metadata_of("entry"),
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

# One row: the sequence of the last read entry.
webhook_cursor = Table(
    "webhook_position",
    metadata_of("entry"),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sequence", Integer, nullable=False),
)
