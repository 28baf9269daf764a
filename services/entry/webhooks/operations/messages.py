"""Enqueue messages to webhooks: about sealed entries of the audit log, as a test, and as a replay."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.entry.audit import operations as audit
from services.entry.audit.domain import Actor, Entry
from services.entry.webhooks.domain import (
    EVENTS,
    MESSAGE_TTL,
    TEST,
    Message,
    Webhook,
    WebhookIsDisabled,
    payload_of,
)
from services.entry.webhooks.formats import message_body
from services.entry.webhooks.operations.webhooks import get_webhook
from services.entry.webhooks.store import messages, webhooks
from shared.database import Database, Transaction
from shared.errors import NotFound
from shared.identity.callers import Caller
from shared.ids import new_id

READ_AT_ONCE = 500
REPLAYED_AT_ONCE = 500


@dataclass(frozen=True)
class Replayed:
    """The number of replayed entries, and the sequence after which to continue; None after the last."""

    entries: int
    next: int | None


def enqueue_messages(database: Database) -> int:
    """Enqueue messages about the entries sealed since the last run. Return the number of entries.

    Several may run at once: each webhook gets one message for each entry.
    """
    entries = 0
    while _is_behind(database):
        with database.begin() as tx:
            entries += enqueue_next_messages(tx)
    return entries


def enqueue_next_messages(tx: Transaction) -> int:
    """Enqueue messages about the next few hundred entries. Return the number of entries."""
    cursor, last = messages.lock_cursor(tx), audit.find_last_sequence(tx)
    if last <= cursor:
        return 0
    entries = audit.list_sealed(tx, after=cursor, limit=READ_AT_ONCE, actions=EVENTS)
    # A page that is not full has everything up to the last seal, which was read before the page.
    read_to = entries[-1][0] if len(entries) == READ_AT_ONCE else last
    for webhook in webhooks.list_enabled(tx):
        subscribed = [each for each in entries if webhook.subscribes_to(each[1])]
        messages.insert_messages(tx, _messages(tx, webhook, subscribed))
    messages.update_cursor(tx, read_to)
    return len(entries)


def list_messages(
    tx: Transaction, *, caller: Caller, webhook: str, state: str | None, after: str | None, limit: int
) -> list[Message]:
    """List the messages to a webhook of the caller, the latest first. Raise `NotFound` for another's."""
    known = get_webhook(tx, caller=caller, webhook=webhook)
    return messages.list_messages(tx, webhook=known.id, state=state, after=after, limit=limit)


def send_test_message(tx: Transaction, *, caller: Caller, webhook: str) -> Message:
    """Enqueue a test message. Raise `NotFound` or `WebhookIsDisabled`."""
    known = _get_enabled(tx, caller, webhook)
    body = message_body(TEST, at=tx.now, data={"reporter": known.reporter})
    message = _message(tx, known, sequence=None, type_=TEST, body=body)
    messages.insert_messages(tx, [message])
    return message


def replay_message(tx: Transaction, *, caller: Caller, actor: Actor, webhook: str, message: str) -> Message:
    """Enqueue a message again, with its own id. Raise `NotFound` or `WebhookIsDisabled`."""
    known = get_webhook(tx, caller=caller, webhook=webhook)
    found = messages.find_message(tx, message)
    if found is None or found.webhook != known.id:
        raise NotFound("message")
    _check_enabled(known)
    messages.update_to_waiting(tx, [found.id])
    _record_replay(tx, actor, known, message=found.id)
    return messages.find_message(tx, found.id) or found


def replay_after(tx: Transaction, *, caller: Caller, actor: Actor, webhook: str, after: int) -> Replayed:
    """Enqueue messages about the entries after a sequence again, even those for which there never was a message.

    Raise `NotFound` or `WebhookIsDisabled`.
    """
    known = _get_enabled(tx, caller, webhook)
    reporter, partner = known.audience
    entries = audit.list_sealed(
        tx,
        after=after,
        limit=REPLAYED_AT_ONCE + 1,
        actions=known.events,
        reporter=reporter,
        partner=partner,
    )
    page = entries[:REPLAYED_AT_ONCE]
    messages.insert_messages(tx, _messages(tx, known, page))
    sequences = [sequence for sequence, _ in page]
    messages.update_to_waiting(tx, messages.list_message_ids(tx, known.id, sequences))
    _record_replay(tx, actor, known, after=after)
    return Replayed(len(page), sequences[-1] if len(entries) > len(page) else None)


def delete_old_messages(tx: Transaction) -> None:
    """Delete old messages. Their entries stay in the audit log, from which they can be replayed."""
    messages.delete_messages(tx, before=tx.now - MESSAGE_TTL)


def count_messages(tx: Transaction) -> dict[str, int]:
    """Count the messages in each state."""
    return messages.count_messages(tx)


def _is_behind(database: Database) -> bool:
    """Return whether entries are left to read. This only reads, since most of the time nothing is left."""
    with database.read() as tx:
        return audit.find_last_sequence(tx) > messages.find_cursor(tx)


def _get_enabled(tx: Transaction, caller: Caller, webhook: str) -> Webhook:
    known = get_webhook(tx, caller=caller, webhook=webhook)
    _check_enabled(known)
    return known


def _check_enabled(webhook: Webhook) -> None:
    if webhook.state != "enabled":
        raise WebhookIsDisabled


def _messages(tx: Transaction, webhook: Webhook, entries: Sequence[tuple[int, Entry]]) -> Iterable[Message]:
    for sequence, entry in entries:
        body = message_body(entry.action, at=entry.at, data=payload_of(sequence, entry))
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


def _record_replay(tx: Transaction, actor: Actor, webhook: Webhook, **facts: str | int) -> None:
    audit.record_action(
        tx,
        actor=actor,
        action="webhook.replayed",
        reporter=webhook.reporter,
        partner=webhook.partner,
        detail={"webhook": webhook.id, **facts},
    )
