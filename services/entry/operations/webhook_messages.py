"""What webhooks are told: messages out of the journal, a test, and what was told once more."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.entry import store
from services.entry.domain.journal import Author, Entry
from services.entry.domain.webhooks import (
    EVENTS,
    KEPT,
    TEST,
    Message,
    Webhook,
    WebhookIsDisabled,
    data_of,
)
from services.entry.formats.webhooks import body_of
from services.entry.operations.journal import note
from shared.database import Database, Transaction
from shared.errors import NotFound
from shared.ids import new_id

READ_AT_ONCE = 500
REPLAYED_AT_ONCE = 500


@dataclass(frozen=True)
class Replayed:
    """How many entries are told again, and after which to go on; None where it were all."""

    entries: int
    next: int | None


def make_messages(database: Database) -> int:
    """Read the journal on from where it was left, and write down whom to tell of what; how many entries it were.

    Any number may do this at once: an entry is told to a webhook once.
    """
    told = 0
    while _is_more(database):
        with database.begin() as tx:
            told += make_next_messages(tx)
    return told


def make_next_messages(tx: Transaction) -> int:
    """The same for the next few hundred entries."""
    position, last = store.lock_webhook_position(tx), store.last_seal(tx)
    if last is None or last.sequence <= position:
        return 0
    entries = store.sealed_after(tx, after=position, limit=READ_AT_ONCE, actions=EVENTS)
    # Where fewer came than would have, there is nothing to tell up to the last seal, which was read before.
    read_to = entries[-1][0] if len(entries) == READ_AT_ONCE else last.sequence
    webhooks = store.enabled_webhooks(tx)
    for webhook in webhooks:
        wanted = [each for each in entries if webhook.wants(each[1])]
        store.add_messages(tx, _messages(tx, webhook, wanted))
    store.move_webhook_position(tx, read_to)
    return len(entries)


def write_test_message(tx: Transaction, *, webhook: Webhook) -> Message:
    """Send a message that says nothing; raises `WebhookIsDisabled`."""
    _check_enabled(webhook)
    body = body_of(TEST, at=tx.now, data={"reporter": webhook.reporter})
    message = _message(tx, webhook, sequence=None, type_=TEST, body=body)
    store.add_messages(tx, [message])
    return message


def replay_message(tx: Transaction, *, webhook: Webhook, author: Author, message: str) -> Message:
    """Send a message again, under its own id; raises `NotFound`, `WebhookIsDisabled`."""
    found = store.find_message(tx, message)
    if found is None or found.webhook != webhook.id:
        raise NotFound("message")
    _check_enabled(webhook)
    store.send_again(tx, [found.id])
    _note_replay(tx, author, webhook, message=found.id)
    return store.find_message(tx, found.id) or found


def replay_after(tx: Transaction, *, webhook: Webhook, author: Author, after: int) -> Replayed:
    """Tell again what happened after a sequence, also what was never told: the webhook was disabled, or not there yet.

    Raises `WebhookIsDisabled`.
    """
    _check_enabled(webhook)
    reporter, partner = webhook.concerned
    entries = store.sealed_after(
        tx,
        after=after,
        limit=REPLAYED_AT_ONCE + 1,
        actions=webhook.events,
        reporter=reporter,
        partner=partner,
    )
    told = entries[:REPLAYED_AT_ONCE]
    store.add_messages(tx, _messages(tx, webhook, told))
    sequences = [sequence for sequence, _ in told]
    store.send_again(tx, store.messages_of_entries(tx, webhook.id, sequences))
    _note_replay(tx, author, webhook, after=after)
    return Replayed(len(told), sequences[-1] if len(entries) > len(told) else None)


def forget_messages(tx: Transaction) -> None:
    """Keep of the ledger what is young enough; what happened stays in the journal, and can be replayed out of it."""
    store.forget_messages(tx, before=tx.now - KEPT)


def _is_more(database: Database) -> bool:
    """A look that keeps nobody from writing: most of the time there is nothing."""
    with database.read() as tx:
        last = store.last_seal(tx)
        return last is not None and last.sequence > store.webhook_position_of(tx)


def _check_enabled(webhook: Webhook) -> None:
    if webhook.state != "enabled":
        raise WebhookIsDisabled


def _messages(tx: Transaction, webhook: Webhook, entries: Sequence[tuple[int, Entry]]) -> Iterable[Message]:
    for sequence, entry in entries:
        body = body_of(entry.action, at=entry.at, data=data_of(sequence, entry))
        yield _message(tx, webhook, sequence=sequence, type_=entry.action, body=body)


def _message(tx: Transaction, webhook: Webhook, *, sequence: int | None, type_: str, body: str) -> Message:
    return Message(
        id=new_id(),
        webhook=webhook.id,
        sequence=sequence,
        type=type_,
        body=body,
        state="waiting",
        attempts=0,
        due_at=tx.now,
        first_due_at=tx.now,
    )


def _note_replay(tx: Transaction, author: Author, webhook: Webhook, **what: str | int) -> None:
    note(
        tx,
        author=author,
        action="webhook.replayed",
        reporter=webhook.reporter,
        partner=webhook.partner,
        detail={"webhook": webhook.id, **what},
    )
