"""What notify does."""

from services.notify.operations.calendar import (
    define_collection,
    load_calendar,
    move_meeting,
    set_contact,
    set_meeting,
)
from services.notify.operations.notices import tell_webhook_disabled
from services.notify.operations.planning import (
    PlannedMail,
    bundle_due_mails,
    plan_reminders,
    preview,
)
from services.notify.operations.sending import Sender, send_due_mails
from services.notify.operations.standings import note_standing
from services.notify.operations.switch import hold_sending, release_sending

__all__ = [
    "PlannedMail",
    "Sender",
    "bundle_due_mails",
    "define_collection",
    "hold_sending",
    "load_calendar",
    "move_meeting",
    "note_standing",
    "plan_reminders",
    "preview",
    "release_sending",
    "send_due_mails",
    "set_contact",
    "set_meeting",
    "tell_webhook_disabled",
]
