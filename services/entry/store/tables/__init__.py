"""entry's tables."""

from services.entry.store.tables.carrying import carried_needs
from services.entry.store.tables.clients import (
    client_keys,
    client_secrets,
    clients,
    delegations,
    used_assertions,
)
from services.entry.store.tables.journal import journal, seals
from services.entry.store.tables.metadata import metadata
from services.entry.store.tables.submissions import submissions, verdicts, versions
from services.entry.store.tables.webhooks import (
    webhook_messages,
    webhook_position,
    webhook_secrets,
    webhooks,
)
from services.entry.store.tables.windows import deadlines, window_exceptions, windows

__all__ = [
    "carried_needs",
    "client_keys",
    "client_secrets",
    "clients",
    "deadlines",
    "delegations",
    "journal",
    "metadata",
    "seals",
    "submissions",
    "used_assertions",
    "verdicts",
    "versions",
    "webhook_messages",
    "webhook_position",
    "webhook_secrets",
    "webhooks",
    "window_exceptions",
    "windows",
]
