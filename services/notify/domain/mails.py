"""The life of a mail. Each state is written before the SMTP verb that it names, so that a kill shows how far it came."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class MailState(StrEnum):
    """How far a mail has come."""

    DUE = "due"
    SENDING = "sending"
    """A sender has claimed it; the server has not been given its text. After its lease it is due again."""
    DATA = "data"
    """The server may have its text. After its lease it is uncertain: only the server knows."""
    SENT = "sent"
    UNCERTAIN = "uncertain"
    """Never sent again by itself: a doubt is listed for a person."""
    FAILED = "failed"
    SUPERSEDED = "superseded"
    """Nothing that it would have said holds any more, or a later mail says it."""
    HELD = "held"
    """Due, but this installation does not send."""


LEASE = timedelta(minutes=2)
"""How long a sender may be silent; longer than all timeouts of one verb and its reply."""

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=30)

PATIENCE = timedelta(days=2)
"""A mail that no server took for so long has failed."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A row of the ledger. The text is written when the mail is claimed, so that it says what holds at that moment."""

    id: str
    recipient: str
    backup: str | None
    label: str
    """The recipient's name, as the mail shows it."""
    state: MailState
    attempts: int
    due_at: datetime
    first_tried_at: datetime | None
    claim: str | None
    """The sender that holds it: a claim that was lost changes nothing more."""
    created_at: datetime
    lease_until: datetime | None = None
    message_id: str | None = None
    subject: str | None = None
    text: str | None = None
    html: str | None = None
    reason: str | None = None
    sent_at: datetime | None = None
    says: frozenset[str] = frozenset()
    """The reminders that its text was written from; known to the sender that holds it, not stored."""

    @property
    def addresses(self) -> tuple[str, ...]:
        """The mailbox, and the one to fall back on where the first is refused for good."""
        return (self.recipient, self.backup) if self.backup else (self.recipient,)


def next_attempt_at(attempts: int, now: datetime) -> datetime:
    """When to try again after so many attempts: the wait doubles from half a minute to half an hour."""
    doublings: int = 1 << min(max(attempts - 1, 0), 16)
    return now + min(FIRST_WAIT * doublings, LONGEST_WAIT)


def is_given_up(mail: Mail, now: datetime) -> bool:
    """Whether it has been tried for long enough."""
    return mail.first_tried_at is not None and now - mail.first_tried_at >= PATIENCE
