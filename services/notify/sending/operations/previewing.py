"""Preview the mails of a day."""

from dataclasses import dataclass
from datetime import date

from services.notify.calendar.operations.obligations import forecast_reminders
from services.notify.contacts import operations as contacts
from services.notify.messages import operations as messages
from services.notify.reminders.domain.reminders import Reminder
from services.notify.sending.operations.bundling import by_mailbox
from shared.database import Transaction


@dataclass(frozen=True, slots=True)
class PlannedMail:
    """A mail that would be sent. `recipient` is None where a structure has no contact."""

    recipient: str | None
    structures: tuple[str, ...]
    reminders: tuple[Reminder, ...]
    subject: str
    text: str


def preview_mails(tx: Transaction, *, on: date, today: date, public_url: str) -> tuple[PlannedMail, ...]:
    """Return the mails that would be sent on a day, if nothing changes until then. Write nothing."""
    forecast = forecast_reminders(tx, on=on, today=today)
    planned = []
    for recipient, bundled in by_mailbox(forecast, contacts.list_contacts(tx)).items():
        rendered = messages.preview_message(tx, bundled, day=on, public_url=public_url)
        structures = tuple(sorted({reminder.structure for reminder in bundled}))
        planned.append(PlannedMail(recipient, structures, tuple(bundled), rendered.subject, rendered.text))
    return tuple(planned)
