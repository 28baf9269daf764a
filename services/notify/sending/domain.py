"""Mails and their states. Each state is stored before the SMTP verb that it precedes, so that it survives a kill."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.notify.reminders.domain.reminders import ReminderState
from shared.retries import RetryPolicy, doubling


class MailState(StrEnum):
    """The state of a mail."""

    DUE = "due"
    SENDING = "sending"
    """A sender has claimed it, and the server has no text. When the lease expires, the mail is due again."""
    DATA = "data"
    """The server may have the text. When the lease expires, the delivery is uncertain."""
    SENT = "sent"
    UNCERTAIN = "uncertain"
    """Only the mail server knows whether it accepted the mail. It is listed for a person and never sent again."""
    FAILED = "failed"
    SUPERSEDED = "superseded"
    """Its content was outdated, or a later mail replaced it."""
    HELD = "held"
    """Due, but sending is held."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail in the ledger. Its text is written when a sender claims it, so that it is current at that moment."""

    id: str
    recipient: str
    backup: str | None
    label: str
    """The recipient's name in the mail's header."""
    state: MailState
    attempts: int
    due_at: datetime
    first_tried_at: datetime | None
    claim: str | None
    """The id of the sender's claim. A sender that has lost its claim changes nothing."""
    created_at: datetime
    lease_until: datetime | None = None
    message_id: str | None = None
    subject: str | None = None
    text: str | None = None
    html: str | None = None
    reason: str | None = None
    sent_at: datetime | None = None
    written_from: frozenset[str] = frozenset()
    """The ids of the reminders in its text. Known to the sender with the claim, not stored."""

    @property
    def addresses(self) -> tuple[str, ...]:
        """The mailbox, and its backup for the case that the mailbox is rejected permanently."""
        return (self.recipient, self.backup) if self.backup else (self.recipient,)


LEASE = timedelta(minutes=2)
"""How long a sender may be unresponsive; longer than all timeouts of one verb and its reply."""

RETRIES = RetryPolicy(doubling(timedelta(seconds=30), timedelta(minutes=30)), timedelta(days=2))
"""The waits between attempts, and the time since the first attempt after which a mail has failed: two days."""

REMINDERS_FOLLOW: Mapping[MailState, ReminderState] = {
    MailState.DUE: ReminderState.BUNDLED,
    MailState.HELD: ReminderState.BUNDLED,
    MailState.SENDING: ReminderState.SENDING,
    MailState.SENT: ReminderState.SENT,
    MailState.UNCERTAIN: ReminderState.UNCERTAIN,
    MailState.FAILED: ReminderState.FAILED,
}
"""The state that the reminders in a mail take when the mail enters a state."""
