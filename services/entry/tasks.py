"""What entry does about events and by the clock: each calls one operation."""

from datetime import timedelta
from functools import cache, partial
from random import SystemRandom

from services.entry import operations, store
from services.entry.gateway.webhooks import HttpPoster
from shared.bus.handling import Effect
from shared.database import RowExists
from shared.events import (
    DeadlineSet,
    FileReceived,
    SubmissionAccepted,
    SubmissionProgressed,
    SubmissionReported,
    SubmissionReturned,
    TrialJudged,
    WindowSet,
)
from shared.resources import Runtime

STRAY = timedelta(days=1)
"""No body takes so long to come: what is older was left by a process that was killed."""

SETTLED = timedelta(seconds=1)
"""What is as old as this was committed, unless its transaction is a long one: so the chain is in the order of time."""


def read_file(runtime: Runtime, event: FileReceived) -> Effect:
    """Read what came as a file, so that it can be judged."""
    return operations.read_version(database=runtime.database, blobs=runtime.blobs, event=event)


def show_verdict(runtime: Runtime, event: SubmissionAccepted | SubmissionReturned) -> Effect:
    """Let the sender see the verdict; of what is returned, the rest may follow as a version of its own."""
    rest = None
    if isinstance(event, SubmissionReturned):
        rest = operations.rest_of(database=runtime.database, blobs=runtime.blobs, event=event)
    return partial(operations.note_verdict, blobs=runtime.blobs, event=event, rest=rest)


def show_progress(_runtime: Runtime, event: SubmissionProgressed) -> Effect:
    """Let the sender see how far the checking is."""
    return partial(operations.note_progress, event=event)


def show_reported(_runtime: Runtime, event: SubmissionReported) -> Effect:
    """Let the sender see since when the records count."""
    return partial(operations.note_reported, event=event)


def show_trial(_runtime: Runtime, event: TrialJudged) -> Effect:
    """Let the sender see what the verdict would be."""
    return partial(operations.note_trial, event=event)


def set_window(_runtime: Runtime, event: WindowSet) -> Effect:
    """Take submissions inside the window only."""
    return partial(operations.set_window, event=event)


def set_deadline(_runtime: Runtime, event: DeadlineSet) -> Effect:
    """Know from which day on a submission is late."""
    return partial(operations.set_deadline, event=event)


def seal_journal(runtime: Runtime) -> None:
    """Seal what was written into the journal; who comes second leaves it to the first."""
    sealed = None
    while sealed != 0:
        try:
            with runtime.database.begin() as tx:
                sealed = operations.seal_entries(tx, until=tx.now - SETTLED)
        except RowExists:
            return


def delete_stale_uploads(runtime: Runtime) -> None:
    """Remove what was left of bodies whose taking was cut short."""
    runtime.blobs.delete_stale_uploads(before=runtime.clock.now() - STRAY)


def forget_assertions(runtime: Runtime) -> None:
    """Forget what clients have signed and shown, once it would be refused anyway."""
    with runtime.database.begin() as tx:
        store.forget_assertions(tx, before=tx.now)


def tell_webhooks(runtime: Runtime) -> None:
    """Tell webhooks what was sealed since, and try again what was not taken."""
    operations.make_messages(runtime.database)
    operations.send_due_messages(
        operations.Sending(
            database=runtime.database,
            poster=_poster(may_be_local=runtime.settings.webhooks_may_be_local),
            clock=runtime.clock,
            chance=SystemRandom().random,
        )
    )


def forget_messages(runtime: Runtime) -> None:
    """Keep the ledger of messages to webhooks at a size."""
    with runtime.database.begin() as tx:
        operations.forget_messages(tx)


@cache
def _poster(*, may_be_local: bool) -> HttpPoster:
    """One for the process: it reads the machine's certificates once."""
    return HttpPoster(may_be_local=may_be_local)
