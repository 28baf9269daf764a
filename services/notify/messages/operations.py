"""Write the message of a mail from the current state of the calendar."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from services.notify.calendar.operations import meetings, obligations
from services.notify.messages import store
from services.notify.messages.domain import Message, WebhookNotice, compose
from services.notify.messages.formats import Rendered, render
from services.notify.reminders import operations as reminders
from services.notify.reminders.domain.reminders import Reminder
from shared.database import Transaction


@dataclass(frozen=True, slots=True)
class Draft:
    """The text of a mail, and the ids of the reminders that it is written from."""

    rendered: Rendered
    reminders: frozenset[str] = frozenset()


def write_message(tx: Transaction, *, mail: str, day: date, public_url: str) -> Draft | None:
    """Return the text of a mail on a day, or None if none of its content is current.

    Remove outdated reminders from the mail: the next planning decides their state.
    """
    if notice := store.find_webhook_notice(tx, mail):
        return Draft(render(Message(notice.day, (notice,)), public_url=public_url))
    bundled = reminders.list_in_mail(tx, mail=mail)
    message, current = _compose(tx, bundled, day=day)
    reminders.unbundle(tx, reminders={reminder.id for reminder in bundled} - current)
    return Draft(render(message, public_url=public_url), current) if current else None


def is_current(tx: Transaction, *, mail: str, written_from: frozenset[str], day: date) -> bool:
    """Return whether a message that was written from these reminders may still be sent on a day."""
    _message, current = _compose(tx, reminders.list_in_mail(tx, mail=mail), day=day)
    return current == written_from


def preview_message(tx: Transaction, bundled: Iterable[Reminder], *, day: date, public_url: str) -> Rendered:
    """Return the text of a mail with these reminders on a day."""
    message, _current = _compose(tx, tuple(bundled), day=day)
    return render(message, public_url=public_url)


def store_webhook_notice(tx: Transaction, *, mail: str, notice: WebhookNotice) -> None:
    """Store the content of a mail about a disabled webhook."""
    store.insert_webhook_notice(tx, mail=mail, notice=notice)


def list_mails_with_notices(tx: Transaction, *, mails: Collection[str]) -> frozenset[str]:
    """Return the ids of the mails that carry a notice instead of reminders."""
    return store.list_mails_with_notices(tx, mails)


def _compose(tx: Transaction, bundled: Sequence[Reminder], *, day: date) -> tuple[Message, frozenset[str]]:
    structures = {reminder.structure for reminder in bundled}
    return compose(
        bundled,
        obligations=obligations.list_obligations(tx, structures=structures),
        meetings=meetings.list_meetings_by_code(tx),
        day=day,
    )
