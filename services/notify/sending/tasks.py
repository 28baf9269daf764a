"""Plan, bundle and send mails at every tick, and notify the owner of a disabled webhook."""

from collections.abc import Iterable

from services.notify.sending.gateway import SmtpMailer
from services.notify.sending.operations import bundling, delivery, ledger, notices, sending
from shared.bus.handling import Effect
from shared.database import Transaction
from shared.events import WebhookDisabled
from shared.resources import Runtime
from shared.runtime.declarations import Handler, Sample, Tick


def notify_webhook_owner(runtime: Runtime, event: WebhookDisabled) -> Effect:
    """Create a mail to the owner of a disabled webhook."""
    secretariat = runtime.settings.mail_from
    return lambda tx: notices.enqueue_webhook_notice(tx, event=event, secretariat=secretariat)


def plan(runtime: Runtime) -> None:
    """Plan the reminders, and bundle those that are due into mails."""
    with runtime.database.begin() as tx:
        bundling.plan_and_bundle(tx, now=runtime.clock.now())


def send(runtime: Runtime) -> None:
    """Send the mails that are due."""
    sending.send_due_mails(
        database=runtime.database,
        mailer=SmtpMailer(runtime.settings.smtp_url),
        clock=runtime.clock,
        sender=delivery.Sender(runtime.settings.mail_from, runtime.settings.public_url),
    )


def measure_mails(tx: Transaction) -> Iterable[Sample]:
    """Yield the number of mails in each state."""
    for state, count in ledger.count_mails(tx).items():
        yield ("mails", "Mails in the ledger, by state.", {"state": state}, float(count))


HANDLERS = (Handler(WebhookDisabled, notify_webhook_owner),)
TICKS = (Tick("plan", 5, plan), Tick("send", 5, send))
