"""Read obligations, record the submissions that meet them, and plan the reminders of those that are open."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from services.notify.calendar import store
from services.notify.reminders import operations as reminders
from services.notify.reminders.domain.obligations import Obligation, Schedule
from services.notify.reminders.domain.reminders import Reminder
from shared.database import Transaction
from shared.events import SubmissionAccepted, SubmissionReceived, SubmissionReturned, SubmissionWithdrawn
from shared.events.submissions import SubmissionEvent
from shared.identity.callers import Caller
from shared.reference.days import earliest_day
from shared.reference.reporters import STRUCTURES

STATUS_OF: Mapping[type[SubmissionEvent], str] = {
    SubmissionReceived: "received",
    SubmissionAccepted: "accepted",
    SubmissionReturned: "returned",
    SubmissionWithdrawn: "withdrawn",
}
"""The status of a submission after an event. Received and accepted submissions meet an obligation."""


def list_obligations(tx: Transaction, *, structures: Iterable[str]) -> tuple[Obligation, ...]:
    """Return the obligations of some structures by deadline."""
    return store.list_obligations(tx, structures=structures)


def list_visible_obligations(tx: Transaction, *, caller: Caller) -> tuple[Obligation, ...]:
    """Return the obligations that the caller may see, by deadline."""
    return store.list_obligations(tx, structures=caller.structures)


def record_status(tx: Transaction, *, event: SubmissionEvent) -> None:
    """Record the status of a submission, unless one with a higher (version, verdict) is recorded."""
    store.upsert_submission_status(
        tx,
        submission=event.submission,
        at=(event.version, getattr(event, "verdict", 0)),
        status=STATUS_OF[type(event)],
        obligation={"structure": event.reporter, "kind": event.kind, "period": event.period},
    )


def plan_reminders(tx: Transaction, *, now: datetime) -> None:
    """Align the reminders with the calendar and with the open obligations. Idempotent."""
    reminders.lock_planning(tx)
    reminders.plan_reminders(tx, schedule=_schedule(tx), day=earliest_day(STRUCTURES, now))


def forecast_reminders(tx: Transaction, *, on: date, today: date) -> tuple[Reminder, ...]:
    """Return the reminders that would be sent on a day, if nothing changes until then. Write nothing."""
    return reminders.forecast_reminders(tx, schedule=_schedule(tx), on=on, today=today)


def _schedule(tx: Transaction) -> Schedule:
    meeting_dates = {
        code: None if meeting.is_cancelled else meeting.held_on
        for code, meeting in store.list_meetings(tx).items()
    }
    return Schedule(store.list_obligations(tx), meeting_dates)
