"""Send due messages, and decide whether a refused one is retried.

One short transaction claims a message, and another stores the result. None is open while the message is sent.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.entry.webhooks.domain import GONE, LEASE, MAX_REST, RETRIES, Message, Webhook
from services.entry.webhooks.formats import signature_headers
from services.entry.webhooks.gateway.sender import ReceiverIsUnavailable, Sender
from services.entry.webhooks.gateway.urls import UrlIsRefused
from services.entry.webhooks.operations.webhooks import disable_webhook
from services.entry.webhooks.store import messages, webhooks
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.ids import new_id
from shared.logs import log

MAX_SENDERS = 8
"""The number of receivers that are called at once: a slow one delays its own messages, not those of others."""

BUDGET = timedelta(seconds=4)
"""The time after which no further message is claimed: the worker would be stopped in the middle of it."""

NOT_ACCEPTED = "The receiver responded with {status}."
GIVEN_UP = "A message was not accepted for two days; the last attempt: {error}"
UNSUBSCRIBED = "The receiver responded with 410: it wants no more messages."


@dataclass(frozen=True)
class ClaimedMessage:
    """A message that one sender has claimed, with its webhook and secrets."""

    webhook: Webhook
    message: Message
    secrets: tuple[str, ...]
    claim: str


@dataclass(frozen=True)
class Sending:
    """The resources of a sender."""

    database: Database
    sender: Sender
    clock: Clock
    jitter: Callable[[], float]
    """Draws a number from 0 to 1."""


def send_due_messages(sending: Sending) -> int:
    """Send messages until none is due or the time is up. Return the number of attempts. Several may run at once."""
    with sending.database.read() as tx:
        senders = webhooks.count_due_webhooks(tx, limit=MAX_SENDERS)
    if not senders:
        return 0
    until = sending.clock.now() + BUDGET
    with ThreadPoolExecutor(senders, thread_name_prefix="webhook") as pool:
        return sum(pool.map(lambda _: _send_until(sending, until), range(senders)))


def claim_message(tx: Transaction, *, claim: str) -> ClaimedMessage | None:
    """Claim the next webhook with a due message, and begin an attempt. Return None without one."""
    webhook = webhooks.claim_webhook(tx, claim=claim, until=tx.now + LEASE)
    if webhook is None:
        return None
    message = messages.claim_message(tx, webhook.id)
    secrets = tuple(each.secret for each in webhooks.list_live_secrets(tx, webhook.id))
    return ClaimedMessage(webhook, message, secrets, claim)


def record_sent(tx: Transaction, *, claimed: ClaimedMessage, status: int) -> None:
    """Record that the receiver accepted the message, even if the claim has expired meanwhile."""
    webhooks.release_webhook(tx, claimed.webhook.id, claim=claimed.claim, at=tx.now)
    messages.update_message(
        tx, claimed.message.id, state="sent", last_status=status, last_error=None, sent_at=tx.now
    )


def record_failure(
    tx: Transaction, *, claimed: ClaimedMessage, status: int | None, error: str, jitter: float
) -> None:
    """Record that the receiver did not accept the message. Retry it later, or fail it and disable its webhook."""
    webhook, message = claimed.webhook, claimed.message
    due_at = None
    if status != GONE:
        due_at = RETRIES.next_attempt_at(
            message.attempts, since=message.first_due_at, now=tx.now, jitter=jitter
        )
    rest_until = min(due_at or tx.now, tx.now + MAX_REST)
    if not webhooks.release_webhook(tx, webhook.id, claim=claimed.claim, at=rest_until):
        return
    if due_at is not None:
        messages.update_message(tx, message.id, due_at=due_at, last_status=status, last_error=error)
        return
    messages.update_message(tx, message.id, state="failed", last_status=status, last_error=error)
    reason = UNSUBSCRIBED if status == GONE else GIVEN_UP.format(error=error)
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


def _send(sending: Sending, claimed: ClaimedMessage) -> None:
    message = claimed.message
    headers = signature_headers(
        message.id, body=message.body, at=sending.clock.now(), secrets=claimed.secrets
    )
    status, error = None, ""
    try:
        status = sending.sender.post(claimed.webhook.url, headers=headers, body=message.body.encode())
    except (UrlIsRefused, ReceiverIsUnavailable) as failure:
        error = str(failure)
    with sending.database.begin() as tx:
        if status is not None and _is_accepted(status):
            record_sent(tx, claimed=claimed, status=status)
        else:
            record_failure(
                tx,
                claimed=claimed,
                status=status,
                error=error or NOT_ACCEPTED.format(status=status),
                jitter=sending.jitter(),
            )
    log().info("webhook called", webhook=claimed.webhook.id, message=message.id, status=status, error=error)


def _is_accepted(status: int) -> bool:
    return 200 <= status < 300  # noqa: PLR2004 - RFC 9110, 15.3
