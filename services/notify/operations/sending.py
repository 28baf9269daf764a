"""Send what is due. Every step is one small transaction, committed before the SMTP verb that it speaks of."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.notify import formats, store
from services.notify.domain.letters import Letter, write_letter
from services.notify.domain.mails import LEASE, Mail, MailState, is_given_up, next_attempt_at
from services.notify.domain.notices import WebhookNotice
from services.notify.domain.reminders import Reminder, State
from services.notify.gateway import FateIsUnknown, Mailer, RefusedForGood, RefusedForNow, ServerIsAway
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.ids import new_id
from shared.logs import log

BUDGET = timedelta(seconds=8)
"""After this a sender takes no further mail: its worker would end it in the middle of one."""

FELL_SILENT = "The sender fell silent after it began to hand the mail over; the mail server's log knows more."
NOTHING_LEFT = "Nothing that it would have said holds any more."


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends: the From line, what links begin with, and how long it may be silent."""

    address: str
    public_url: str
    lease: timedelta = LEASE


def send_due_mails(*, database: Database, mailer: Mailer, clock: Clock, sender: Sender) -> int:
    """Send until nothing is due, the server is away or the time is up; gives the number of mails tried.

    Any number of senders may do this at once.
    """
    until = clock.now() + BUDGET
    tried = 0
    with database.begin() as tx:
        note_silent_mails(tx, now=clock.now())
    try:
        while clock.now() <= until:
            with database.begin() as tx:
                mail = claim_mail(tx, sender=sender, now=clock.now())
            if mail is None:
                break
            tried += 1
            _send(database, mailer, clock, sender, mail)
    except ServerIsAway:
        log().warning("the mail server is away")
    finally:
        mailer.close()
    return tried


def claim_mail(tx: Transaction, *, sender: Sender, now: datetime) -> Mail | None:
    """Take the next due mail and write its text from what holds at this moment; None when there is none."""
    if store.reason_held(tx) is not None:
        return None
    while (mail := store.find_due_mail(tx, now)) is not None:
        if notice := store.find_notice(tx, mail.id):
            return _claim(tx, mail, notice, sender=sender, now=now)
        letter, held = _letter_of(tx, mail, now)
        if held:
            says = frozenset(reminder.id for reminder in held)
            return _claim(tx, replace(mail, says=says), letter, sender=sender, now=now)
        store.change_mail(
            tx,
            mail.id,
            expected=[mail.state],
            held_by=None,
            state=MailState.SUPERSEDED.value,
            reason=NOTHING_LEFT,
        )
    return None


def begin_data(tx: Transaction, *, mail: Mail, sender: Sender, now: datetime) -> bool:
    """Write that the text is about to be handed over; False when it must not be: claim lost, held, or out of date."""
    is_held = store.reason_held(tx) is not None
    is_ours = store.change_mail(
        tx,
        mail.id,
        expected=[MailState.SENDING],
        held_by=mail.claim,
        state=MailState.DATA.value,
        lease_until=now + sender.lease,
    )
    if not is_ours:
        return False
    if not is_held and _is_current(tx, mail, now):
        return True
    waits = MailState.HELD if is_held else MailState.DUE
    store.change_mail(
        tx, mail.id, expected=[MailState.DATA], held_by=mail.claim, state=waits.value, due_at=now
    )
    return False


def note_sent(tx: Transaction, *, mail: Mail, now: datetime) -> None:
    """Write that the server took the mail, even if it was thought uncertain in the meantime."""
    expected = [MailState.DATA, MailState.UNCERTAIN]
    if store.change_mail(
        tx,
        mail.id,
        expected=expected,
        held_by=mail.claim,
        state=MailState.SENT.value,
        sent_at=now,
        reason=None,
    ):
        store.settle_reminders(tx, mail.id, State.SENT)


def note_not_taken(tx: Transaction, *, mail: Mail, reason: str, now: datetime) -> None:
    """Write that the server has not taken the mail; it is tried again later, or given up after two days."""
    if is_given_up(mail, now):
        note_failed(tx, mail=mail, reason=f"Given up after {mail.attempts} attempts. The last: {reason}")
        return
    store.change_mail(
        tx,
        mail.id,
        expected=[MailState.SENDING, MailState.DATA],
        held_by=mail.claim,
        state=MailState.DUE.value,
        due_at=next_attempt_at(mail.attempts, now),
        reason=reason,
    )


def note_failed(tx: Transaction, *, mail: Mail, reason: str) -> None:
    """Write that the mail will never be taken."""
    expected = [MailState.SENDING, MailState.DATA]
    if store.change_mail(
        tx, mail.id, expected=expected, held_by=mail.claim, state=MailState.FAILED.value, reason=reason
    ):
        store.settle_reminders(tx, mail.id, State.FAILED)


def note_uncertain(tx: Transaction, *, mail: Mail, reason: str) -> None:
    """Write that only the mail server knows; the mail is listed and never sent again by itself."""
    if store.change_mail(
        tx,
        mail.id,
        expected=[MailState.DATA],
        held_by=mail.claim,
        state=MailState.UNCERTAIN.value,
        reason=reason,
    ):
        store.settle_reminders(tx, mail.id, State.UNCERTAIN)


def note_silent_mails(tx: Transaction, *, now: datetime) -> None:
    """Write as uncertain what senders left behind while the server may have had it."""
    for mail in store.take_silent_mails(tx, now, FELL_SILENT):
        store.settle_reminders(tx, mail, State.UNCERTAIN)


def _send(database: Database, mailer: Mailer, clock: Clock, sender: Sender, mail: Mail) -> None:
    try:
        recipient = mailer.address(sender.address, mail.addresses)
        # Composed before it is written that the server may have it: what cannot be composed was never handed over.
        message = formats.message_of(
            replace(mail, recipient=recipient), sender=sender.address, at=clock.now()
        )
        with database.begin() as tx:
            may = begin_data(tx, mail=mail, sender=sender, now=clock.now())
        if not may:
            mailer.forget()
            return
        mailer.deliver(message)
    except (ServerIsAway, RefusedForNow) as error:
        with database.begin() as tx:
            note_not_taken(tx, mail=mail, reason=str(error), now=clock.now())
        if isinstance(error, ServerIsAway):
            raise
    except (RefusedForGood, formats.MailCannotBeWritten) as error:
        mailer.forget()
        with database.begin() as tx:
            note_failed(tx, mail=mail, reason=str(error))
    except FateIsUnknown as error:
        with database.begin() as tx:
            note_uncertain(tx, mail=mail, reason=str(error))
    else:
        with database.begin() as tx:
            note_sent(tx, mail=mail, now=clock.now())


def _claim(
    tx: Transaction, mail: Mail, letter: Letter | WebhookNotice, *, sender: Sender, now: datetime
) -> Mail:
    rendered = formats.render(letter, public_url=sender.public_url)
    claimed = replace(
        mail,
        state=MailState.SENDING,
        claim=new_id(),
        lease_until=now + sender.lease,
        attempts=mail.attempts + 1,
        first_tried_at=mail.first_tried_at or now,
        message_id=formats.message_id(mail.id, sender.address),
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        reason=None,
    )
    store.keep_claim(tx, claimed)
    return claimed


def _letter_of(tx: Transaction, mail: Mail, now: datetime) -> tuple[Letter, tuple[Reminder, ...]]:
    """What the mail says now. Reminders that no longer hold leave it: planning says what becomes of them."""
    reminders = store.reminders_in(tx, mail.id)
    letter, held = _written(tx, reminders, now)
    left = {reminder.id for reminder in reminders} - {reminder.id for reminder in held}
    store.set_states(tx, dict.fromkeys(left, State.PLANNED))
    return letter, held


def _is_current(tx: Transaction, mail: Mail, now: datetime) -> bool:
    """Whether all that the claimed mail says still holds: the calendar may have moved since."""
    _letter, held = _written(tx, store.reminders_in(tx, mail.id), now)
    return frozenset(reminder.id for reminder in held) == mail.says


def _written(
    tx: Transaction, reminders: tuple[Reminder, ...], now: datetime
) -> tuple[Letter, tuple[Reminder, ...]]:
    obligations = store.all_obligations(tx, structures={reminder.structure for reminder in reminders})
    return write_letter(reminders, obligations=obligations, meetings=store.all_meetings(tx), day=now.date())
