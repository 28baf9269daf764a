"""The ticks and metrics of webhooks."""

from collections.abc import Iterable
from functools import cache
from random import SystemRandom

from services.entry.webhooks.gateway.sender import HttpSender
from services.entry.webhooks.operations import messages, sending
from shared.database import Transaction
from shared.resources import Runtime
from shared.runtime.declarations import Sample, Tick


def send_webhooks(runtime: Runtime) -> None:
    """Enqueue messages about newly sealed entries, and send all messages that are due."""
    messages.enqueue_messages(runtime.database)
    sending.send_due_messages(
        sending.Sending(
            database=runtime.database,
            sender=_sender(may_be_local=runtime.settings.webhooks_may_be_local),
            clock=runtime.clock,
            jitter=SystemRandom().random,
        )
    )


def delete_messages(runtime: Runtime) -> None:
    """Delete old messages."""
    with runtime.database.begin() as tx:
        messages.delete_old_messages(tx)


def measure(tx: Transaction) -> Iterable[Sample]:
    """Yield the number of messages in each state."""
    for state, count in messages.count_messages(tx).items():
        yield "webhook_messages", "Messages to webhooks, by state.", {"state": state}, count


@cache
def _sender(*, may_be_local: bool) -> HttpSender:
    """Return the process's one sender, which reads the machine's certificates once."""
    return HttpSender(may_be_local=may_be_local)


TICKS = (Tick("tell_webhooks", 2.0, send_webhooks), Tick("forget_messages", 3600.0, delete_messages))
