"""Move a mail from one state to the next. Each step is one small transaction."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from services.notify.messages import operations as messages
from services.notify.reminders import operations as reminders
from services.notify.sending import formats, store
from services.notify.sending.domain import LEASE, REMINDERS_FOLLOW, RETRIES, Mail, MailState
from services.notify.sending.operations.sending_hold import find_hold_reason
from shared.database import Transaction
from shared.ids import new_id
from shared.reference.days import earliest_day
from shared.reference.reporters import STRUCTURES

_UNDELIVERED = (MailState.SENDING, MailState.DATA)
"""The states of a mail that a sender has claimed and the server has not accepted."""


@dataclass(frozen=True, slots=True)
class Sender:
    """The sender's From line, the base of its links, and its lease."""

    address: str
    public_url: str
    lease: timedelta = LEASE


def claim_mail(tx: Transaction, *, sender: Sender, now: datetime) -> Mail | None:
    """Claim the next due mail and write its text; return None if there is none or sending is held."""
    if find_hold_reason(tx) is not None:
        return None
    while (mail := store.lock_due_mail(tx, now)) is not None:
        draft = messages.write_message(
            tx, mail=mail.id, day=earliest_day(STRUCTURES, now), public_url=sender.public_url
        )
        if draft is not None:
            return _claim(tx, mail, draft, sender=sender, now=now)
        _advance(tx, mail, MailState.SUPERSEDED, expected=[mail.state], reason=formats.OUTDATED)
    return None


def begin_data(tx: Transaction, *, mail: Mail, sender: Sender, now: datetime) -> bool:
    """Record that the server is about to get the text; return False if it must not: claim lost, held, or outdated."""
    is_held = find_hold_reason(tx) is not None
    if not _advance(tx, mail, MailState.DATA, expected=[MailState.SENDING], lease_until=now + sender.lease):
        return False
    if not is_held and messages.is_current(
        tx, mail=mail.id, written_from=mail.written_from, day=earliest_day(STRUCTURES, now)
    ):
        return True
    state = MailState.HELD if is_held else MailState.DUE
    _advance(tx, mail, state, expected=[MailState.DATA], due_at=now)
    return False


def mark_sent(tx: Transaction, *, mail: Mail, now: datetime) -> None:
    """Record that the server accepted the mail, even if its delivery was uncertain in the meantime."""
    expected = [MailState.DATA, MailState.UNCERTAIN]
    _advance(tx, mail, MailState.SENT, expected=expected, sent_at=now, reason=None)


def mark_not_accepted(tx: Transaction, *, mail: Mail, reason: str, now: datetime) -> None:
    """Record that the server has not accepted the mail. Retry later, or give up after two days."""
    if RETRIES.is_given_up(since=mail.first_tried_at, now=now):
        mark_failed(tx, mail=mail, reason=formats.given_up(mail.attempts, reason))
    else:
        due_at = now + RETRIES.wait_after(mail.attempts)
        _advance(tx, mail, MailState.DUE, expected=_UNDELIVERED, due_at=due_at, reason=reason)


def mark_failed(tx: Transaction, *, mail: Mail, reason: str) -> None:
    """Record that the mail is not tried again."""
    _advance(tx, mail, MailState.FAILED, expected=_UNDELIVERED, reason=reason)


def mark_uncertain(tx: Transaction, *, mail: Mail, reason: str) -> None:
    """Record that only the mail server knows whether it accepted the mail. The mail is listed and never sent again."""
    _advance(tx, mail, MailState.UNCERTAIN, expected=[MailState.DATA], reason=reason)


def mark_abandoned(tx: Transaction, *, now: datetime) -> None:
    """Mark as uncertain the mails that senders abandoned while the server may have had their text."""
    for mail in store.mark_abandoned(tx, now, formats.ABANDONED):
        reminders.follow_mail(tx, mail=mail, state=REMINDERS_FOLLOW[MailState.UNCERTAIN])


def _advance(
    tx: Transaction, mail: Mail, state: MailState, *, expected: Collection[MailState], **values: Any
) -> bool:
    """Move a mail from an expected state to another, and its reminders with it; return whether it was moved.

    A sender that has lost its claim moves nothing.
    """
    is_moved = store.update_mail(tx, mail, state, expected=expected, **values)
    if is_moved and state in REMINDERS_FOLLOW:
        reminders.follow_mail(tx, mail=mail.id, state=REMINDERS_FOLLOW[state])
    return is_moved


def _claim(tx: Transaction, mail: Mail, draft: messages.Draft, *, sender: Sender, now: datetime) -> Mail:
    claimed = replace(
        mail,
        state=MailState.SENDING,
        claim=new_id(),
        lease_until=now + sender.lease,
        attempts=mail.attempts + 1,
        first_tried_at=mail.first_tried_at or now,
        message_id=formats.message_id(mail.id, sender.address),
        subject=draft.rendered.subject,
        text=draft.rendered.text,
        html=draft.rendered.html,
        reason=None,
        written_from=draft.reminders,
    )
    store.claim_mail(tx, claimed)
    reminders.follow_mail(tx, mail=mail.id, state=REMINDERS_FOLLOW[claimed.state])
    return claimed
