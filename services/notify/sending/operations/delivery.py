"""Move a mail from one state to the next. Each step is one small transaction."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.notify.messages import operations as messages
from services.notify.messages.operations import Draft
from services.notify.reminders import operations as reminders
from services.notify.reminders.domain.reminders import ReminderState
from services.notify.sending import formats, store
from services.notify.sending.domain import LEASE, Mail, MailState, is_given_up, next_attempt_at
from services.notify.sending.operations.sending_hold import find_hold_reason
from shared.database import Transaction
from shared.ids import new_id


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
        draft = messages.write_message(tx, mail=mail.id, day=now.date(), public_url=sender.public_url)
        if draft is not None:
            return _claim(tx, mail, draft, sender=sender, now=now)
        store.update_mail(
            tx,
            mail.id,
            expected=[mail.state],
            claim=None,
            state=MailState.SUPERSEDED.value,
            reason=formats.OUTDATED,
        )
    return None


def begin_data(tx: Transaction, *, mail: Mail, sender: Sender, now: datetime) -> bool:
    """Record that the server is about to get the text; return False if it must not: claim lost, held, or outdated."""
    is_held = find_hold_reason(tx) is not None
    is_ours = store.update_mail(
        tx,
        mail.id,
        expected=[MailState.SENDING],
        claim=mail.claim,
        state=MailState.DATA.value,
        lease_until=now + sender.lease,
    )
    if not is_ours:
        return False
    if not is_held and messages.is_current(tx, mail=mail.id, written_from=mail.written_from, day=now.date()):
        return True
    state = MailState.HELD if is_held else MailState.DUE
    store.update_mail(tx, mail.id, expected=[MailState.DATA], claim=mail.claim, state=state.value, due_at=now)
    reminders.follow_mail(tx, mail=mail.id, state=ReminderState.BUNDLED)
    return False


def mark_sent(tx: Transaction, *, mail: Mail, now: datetime) -> None:
    """Record that the server accepted the mail, even if its delivery was uncertain in the meantime."""
    if store.update_mail(
        tx,
        mail.id,
        expected=[MailState.DATA, MailState.UNCERTAIN],
        claim=mail.claim,
        state=MailState.SENT.value,
        sent_at=now,
        reason=None,
    ):
        reminders.follow_mail(tx, mail=mail.id, state=ReminderState.SENT)


def mark_not_accepted(tx: Transaction, *, mail: Mail, reason: str, now: datetime) -> None:
    """Record that the server has not accepted the mail. Retry later, or give up after two days."""
    if is_given_up(mail, now):
        mark_failed(tx, mail=mail, reason=formats.given_up(mail.attempts, reason))
    elif store.update_mail(
        tx,
        mail.id,
        expected=[MailState.SENDING, MailState.DATA],
        claim=mail.claim,
        state=MailState.DUE.value,
        due_at=next_attempt_at(mail.attempts, now),
        reason=reason,
    ):
        reminders.follow_mail(tx, mail=mail.id, state=ReminderState.BUNDLED)


def mark_failed(tx: Transaction, *, mail: Mail, reason: str) -> None:
    """Record that the mail is not tried again."""
    if store.update_mail(
        tx,
        mail.id,
        expected=[MailState.SENDING, MailState.DATA],
        claim=mail.claim,
        state=MailState.FAILED.value,
        reason=reason,
    ):
        reminders.follow_mail(tx, mail=mail.id, state=ReminderState.FAILED)


def mark_uncertain(tx: Transaction, *, mail: Mail, reason: str) -> None:
    """Record that only the mail server knows whether it accepted the mail. The mail is listed and never sent again."""
    if store.update_mail(
        tx,
        mail.id,
        expected=[MailState.DATA],
        claim=mail.claim,
        state=MailState.UNCERTAIN.value,
        reason=reason,
    ):
        reminders.follow_mail(tx, mail=mail.id, state=ReminderState.UNCERTAIN)


def mark_abandoned(tx: Transaction, *, now: datetime) -> None:
    """Mark as uncertain the mails that senders abandoned while the server may have had their text."""
    for mail in store.mark_abandoned(tx, now, formats.ABANDONED):
        reminders.follow_mail(tx, mail=mail, state=ReminderState.UNCERTAIN)


def _claim(tx: Transaction, mail: Mail, draft: Draft, *, sender: Sender, now: datetime) -> Mail:
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
    reminders.follow_mail(tx, mail=mail.id, state=ReminderState.SENDING)
    return claimed
