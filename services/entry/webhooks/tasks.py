"""The ticks and metrics of webhooks."""

from collections.abc import Iterable
from functools import cache
from random import SystemRandom

from services.entry.webhooks.gateway.sender import HttpPoster
from services.entry.webhooks.operations import messages, sending
from shared.database import Transaction
from shared.service import Runtime, Sample, Tick


def tell_webhooks(runtime: Runtime) -> None:
    """Enqueue messages about newly sealed entries, and send all messages that are due."""
    messages.make_messages(runtime.database)
    sending.send_due_messages(
        sending.Sending(
            database=runtime.database,
            poster=_poster(may_be_local=runtime.settings.webhooks_may_be_local),
            clock=runtime.clock,
            chance=SystemRandom().random,
        )
    )


def forget_messages(runtime: Runtime) -> None:
    """Delete old messages."""
    with runtime.database.begin() as tx:
        messages.forget_messages(tx)


def measure(tx: Transaction) -> Iterable[Sample]:
    """Yield the number of messages in each state."""
    for state, count in messages.count_messages(tx).items():
        yield "webhook_messages", "Messages to webhooks, by state.", {"state": state}, count


@cache
def _poster(*, may_be_local: bool) -> HttpPoster:
    """Return the process's one sender, which reads the machine's certificates once."""
    return HttpPoster(may_be_local=may_be_local)


TICKS = (Tick("tell_webhooks", 2.0, tell_webhooks), Tick("forget_messages", 3600.0, forget_messages))
