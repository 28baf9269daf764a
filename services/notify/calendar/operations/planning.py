"""Plan the reminders of the calendar's obligations."""

from datetime import date, datetime

from services.notify.calendar import store
from services.notify.reminders import operations as reminders
from services.notify.reminders.domain.reminders import Reminder
from shared.database import Transaction


def plan_reminders(tx: Transaction, *, now: datetime) -> None:
    """Align the reminders with the calendar and with what is still owed. Idempotent."""
    reminders.lock_planning(tx)
    reminders.plan_reminders(
        tx, obligations=store.list_obligations(tx), meeting_dates=_meeting_dates(tx), day=now.date()
    )


def forecast_reminders(tx: Transaction, *, on: date, today: date) -> tuple[Reminder, ...]:
    """Return the reminders that would be sent on a day, if nothing changes until then. Write nothing."""
    return reminders.forecast_reminders(
        tx, obligations=store.list_obligations(tx), meeting_dates=_meeting_dates(tx), on=on, today=today
    )


def _meeting_dates(tx: Transaction) -> dict[str, date]:
    return {code: meeting.held_on for code, meeting in store.list_meetings(tx).items()}
