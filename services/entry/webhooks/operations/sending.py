"""Send what is due. A message is claimed in one small transaction, sent in none, and what came of it noted in another."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.entry.webhooks.domain import GONE, LEASE, LONGEST_REST, Message, Webhook, next_attempt_at
from services.entry.webhooks.formats import signed
from services.entry.webhooks.gateway.sender import Poster, ReceiverIsAway
from services.entry.webhooks.gateway.urls import UrlIsRefused
from services.entry.webhooks.operations.webhooks import disable_webhook
from services.entry.webhooks.store import messages, webhooks
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.ids import new_id
from shared.logs import log

SENDERS = 8
"""So many receivers are called at once: a slow one holds up its own messages, not those of others."""

BUDGET = timedelta(seconds=4)
"""After this a sender claims no further message: its worker would end it in the middle of one."""

NOT_TAKEN = "The receiver answered {status}."
GIVEN_UP = "A message was not taken for two days; the last attempt: {error}"
NO_LONGER_WANTED = "The receiver answered 410: it wants no more."


@dataclass(frozen=True)
class Claimed:
    """A message that one sender holds, with what it needs to send it."""

    webhook: Webhook
    message: Message
    secrets: tuple[str, ...]
    claim: str


@dataclass(frozen=True)
class Sending:
    """What a sender sends with."""

    database: Database
    poster: Poster
    clock: Clock
    chance: Callable[[], float]
    """Draws a number from 0 to 1."""


def send_due_messages(sending: Sending) -> int:
    """Send until nothing is due or the time is up; gives the number of attempts. Any number may do this at once."""
    with sending.database.read() as tx:
        senders = webhooks.count_due_webhooks(tx, most=SENDERS)
    if not senders:
        return 0
    until = sending.clock.now() + BUDGET
    with ThreadPoolExecutor(senders, thread_name_prefix="webhook") as pool:
        return sum(pool.map(lambda _: _send_until(sending, until), range(senders)))


def claim_message(tx: Transaction, *, claim: str) -> Claimed | None:
    """Hold the next webhook to which something is due, and begin an attempt; None when there is none."""
    webhook = webhooks.claim_webhook(tx, claim=claim, until=tx.now + LEASE)
    if webhook is None:
        return None
    message = messages.begin_attempt(tx, webhook.id)
    secrets = tuple(each.secret for each in webhooks.live_webhook_secrets(tx, webhook.id))
    return Claimed(webhook, message, secrets, claim)


def note_sent(tx: Transaction, *, claimed: Claimed, status: int) -> None:
    """Write that the receiver took the message; that holds even if its sender was thought to be gone."""
    webhooks.free_webhook(tx, claimed.webhook.id, claim=claimed.claim, at=tx.now)
    messages.settle_message(
        tx, claimed.message.id, state="sent", last_status=status, last_error=None, sent_at=tx.now
    )


def note_not_sent(
    tx: Transaction, *, claimed: Claimed, status: int | None, error: str, chance: float
) -> None:
    """Write that the receiver did not take the message: it is tried again later, or given up with its webhook."""
    webhook, message = claimed.webhook, claimed.message
    due_at = _due_again(message, status, chance=chance, now=tx.now)
    rest_until = min(due_at or tx.now, tx.now + LONGEST_REST)
    if not webhooks.free_webhook(tx, webhook.id, claim=claimed.claim, at=rest_until):
        return
    if due_at is not None:
        messages.settle_message(tx, message.id, due_at=due_at, last_status=status, last_error=error)
        return
    messages.settle_message(tx, message.id, state="failed", last_status=status, last_error=error)
    reason = NO_LONGER_WANTED if status == GONE else GIVEN_UP.format(error=error)
    disable_webhook(tx, webhook=webhook, reason=reason)


def _send_until(sending: Sending, until: datetime) -> int:
    attempts = 0
    while sending.clock.now() <= until:
        with sending.database.begin() as tx:
            claimed = claim_message(tx, claim=new_id())
        if claimed is None:
            break
        attempts += 1
        _send(sending, claimed)
    return attempts


def _send(sending: Sending, claimed: Claimed) -> None:
    message = claimed.message
    headers = signed(message.id, body=message.body, at=sending.clock.now(), secrets=claimed.secrets)
    status, error = None, ""
    try:
        status = sending.poster.post(claimed.webhook.url, headers=headers, body=message.body.encode())
    except (UrlIsRefused, ReceiverIsAway) as failure:
        error = str(failure)
    with sending.database.begin() as tx:
        if status is not None and _is_taken(status):
            note_sent(tx, claimed=claimed, status=status)
        else:
            note_not_sent(
                tx,
                claimed=claimed,
                status=status,
                error=error or NOT_TAKEN.format(status=status),
                chance=sending.chance(),
            )
    log().info("webhook tried", webhook=claimed.webhook.id, message=message.id, status=status, error=error)


def _due_again(message: Message, status: int | None, *, chance: float, now: datetime) -> datetime | None:
    if status == GONE:
        return None
    return next_attempt_at(message.attempts, chance=chance, first_due_at=message.first_due_at, now=now)


def _is_taken(status: int) -> bool:
    return 200 <= status < 300  # noqa: PLR2004 - RFC 9110, 15.3
