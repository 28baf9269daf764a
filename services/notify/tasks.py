"""What notify does about events, and at every tick."""

from services.notify import operations
from services.notify.gateway import SmtpMailer
from services.notify.operations import Sender
from shared.bus.handling import Effect
from shared.events import (
    SubmissionAccepted,
    SubmissionReceived,
    SubmissionReturned,
    SubmissionWithdrawn,
    WebhookDisabled,
)
from shared.resources import Runtime


def note_received(_runtime: Runtime, event: SubmissionReceived) -> Effect:
    """What was received meets its obligation until a verdict says otherwise."""
    return lambda tx: operations.note_standing(tx, event=event, verdict=0, standing="received")


def note_accepted(_runtime: Runtime, event: SubmissionAccepted) -> Effect:
    """What was accepted meets its obligation."""
    return lambda tx: operations.note_standing(tx, event=event, verdict=event.verdict, standing="accepted")


def note_returned(_runtime: Runtime, event: SubmissionReturned) -> Effect:
    """What was returned is owed again."""
    return lambda tx: operations.note_standing(tx, event=event, verdict=event.verdict, standing="returned")


def note_withdrawn(_runtime: Runtime, event: SubmissionWithdrawn) -> Effect:
    """What was withdrawn is owed again."""
    return lambda tx: operations.note_standing(tx, event=event, verdict=0, standing="withdrawn")


def tell_webhook_disabled(runtime: Runtime, event: WebhookDisabled) -> Effect:
    """Whoever relies on a webhook must hear that it is silent."""
    secretariat = runtime.settings.mail_from
    return lambda tx: operations.tell_webhook_disabled(tx, event=event, secretariat=secretariat)


def plan(runtime: Runtime) -> None:
    """Bring reminders into line, and put what is due into mails."""
    with runtime.database.begin() as tx:
        now = runtime.clock.now()
        operations.plan_reminders(tx, now=now)
        operations.bundle_due_mails(tx, now=now)


def send(runtime: Runtime) -> None:
    """Send the mails that are due."""
    operations.send_due_mails(
        database=runtime.database,
        mailer=SmtpMailer(runtime.settings.smtp_url),
        clock=runtime.clock,
        sender=Sender(runtime.settings.mail_from, runtime.settings.public_url),
    )
