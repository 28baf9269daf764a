"""Notify's tables."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from shared.database import UtcDateTime, metadata_of, owned_by_reporter

metadata = metadata_of("notify")

CODE = String(64)
ID = String(36)

meetings = Table(
    "meetings",
    metadata,
    Column("code", CODE, primary_key=True),
    Column("body", String(16), nullable=False),
    Column("title", Text, nullable=False),
    Column("held_on", Date, nullable=False),
    Column("sequence", Integer, nullable=False),
)

# The three dates follow from the meeting's; they are kept to see whether a change has changed them.
collections = Table(
    "collections",
    metadata,
    Column("code", CODE, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("period", String(16), nullable=False),
    Column("meeting", CODE, nullable=False),
    Column("opens_days_before", Integer, nullable=False),
    Column("due_days_before", Integer, nullable=False),
    Column("closes_days_before", Integer, nullable=False),
    Column("opens_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("closes_on", Date, nullable=False),
    Column("sequence", Integer, nullable=False),
)

obligations = Table(
    "obligations",
    metadata,
    Column("code", CODE, primary_key=True),
    Column("structure", CODE, nullable=False),
    Column("collection", CODE, nullable=False),
)

contacts = Table(
    "contacts",
    metadata,
    Column("structure", CODE, primary_key=True),
    Column("address", Text, nullable=False),
    Column("backup", Text),
    Column("label", Text, nullable=False),
)

# The highest (version, verdict) that was heard of each submission.
standings = Table(
    "submission_standings",
    metadata,
    Column("submission", ID, primary_key=True),
    Column("structure", CODE, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("period", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("verdict", Integer, nullable=False),
    Column("standing", String(16), nullable=False),
    Index("ix_submission_standings_owed", "structure", "kind", "period"),
)

reminders = Table(
    "reminders",
    metadata,
    Column("id", ID, primary_key=True),
    Column("structure", CODE, nullable=False),
    Column("about", CODE, nullable=False),
    Column("step", String(16), nullable=False),
    Column("due_on", Date, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("previously", Date),
    Column("send_on", Date, nullable=False),
    Column("state", String(16), nullable=False),
    Column("mail", ID),
    # Each step at most once for each date of its deadline, each move told at most once.
    UniqueConstraint("structure", "about", "step", "due_on", "sequence", name="uq_reminders_step"),
    Index("ix_reminders_mail", "mail"),
    Index(
        "ix_reminders_waiting",
        "send_on",
        postgresql_where=text("state = 'planned'"),
        sqlite_where=text("state = 'planned'"),
    ),
)

# The ledger: every mail that was ever to be sent, with what it said.
mails = Table(
    "mails",
    metadata,
    Column("id", ID, primary_key=True),
    Column("recipient", Text, nullable=False),
    Column("backup", Text),
    Column("label", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("first_tried_at", UtcDateTime),
    Column("claim", ID),
    Column("lease_until", UtcDateTime),
    Column("message_id", Text),
    Column("subject", Text),
    Column("text", Text),
    Column("html", Text),
    Column("reason", Text),
    Column("sent_at", UtcDateTime),
    Index(
        "ix_mails_open",
        "due_at",
        postgresql_where=text("state IN ('due', 'sending', 'data', 'held')"),
        sqlite_where=text("state IN ('due', 'sending', 'data', 'held')"),
    ),
)

# What a mail says that carries no reminders.
webhook_notices = Table(
    "webhook_notices",
    metadata,
    Column("mail", ID, primary_key=True),
    Column("webhook", ID, nullable=False),
    Column("reporter", CODE, nullable=False),
    Column("host", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("is_for_secretariat", Boolean, nullable=False),
    info=owned_by_reporter("reporter"),
)

# One row: whether this installation sends. Planning holds it, so that one plans at a time.
sending = Table(
    "sending",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("is_held", Boolean, nullable=False),
    Column("reason", Text),
)
