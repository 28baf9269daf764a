"""Webhooks: make, show, enable, disable and end them, and change what their messages are signed with."""

import secrets
from collections.abc import Sequence

from services.entry import store
from services.entry.domain.journal import SYSTEM, Author
from services.entry.domain.webhooks import (
    MOST_SECRETS,
    OVERLAP,
    Secret,
    SecretIsTheLast,
    SecretsAreTooMany,
    Webhook,
    free_slot,
)
from services.entry.formats.webhooks import SECRET_BYTES, secret_of
from services.entry.gateway.urls import Target, UrlIsRefused
from services.entry.operations.journal import note
from shared.bus import record
from shared.clock import iso
from shared.database import Transaction
from shared.errors import FieldError, NotFound, Unprocessable
from shared.events import WebhookDisabled
from shared.identity.callers import Caller
from shared.ids import new_id

GIVEN_UP = "The webhook was disabled before this was sent."


def make_webhook(
    tx: Transaction,
    *,
    caller: Caller,
    author: Author,
    url: str,
    events: Sequence[str],
    may_be_local: bool,
) -> tuple[Webhook, Secret]:
    """Have the caller told of events; raises `WebhooksAreTooMany`, and `Unprocessable` for a URL that nobody calls.

    Where the caller made another at the same moment, the commit raises `RowExists`.
    """
    try:
        Target.of(url, may_be_local=may_be_local)
    except UrlIsRefused as error:
        raise Unprocessable(
            [FieldError("/url", str(error), "https://, and a host of the public internet")]
        ) from None
    slot = free_slot(store.slots_of(tx, caller.reporter))
    webhook = Webhook(
        id=new_id(),
        reporter=caller.reporter,
        partner=caller.partner,
        role=caller.role,
        url=url,
        events=tuple(events),
        made_at=tx.now,
    )
    store.add_webhook(tx, webhook, slot=slot)
    _note(tx, webhook, author, "webhook.made")
    return webhook, _make_secret(tx, webhook)


def get_own_webhook(tx: Transaction, *, caller: Caller, webhook: str) -> Webhook:
    """The webhook if it is the caller's; otherwise `NotFound`."""
    known = store.find_webhook(tx, webhook)
    if known is None or known.reporter != caller.reporter:
        raise NotFound("webhook")
    return known


def end_webhook(tx: Transaction, *, webhook: Webhook, author: Author) -> None:
    """Forget a webhook, with its secrets and its ledger."""
    store.remove_webhook(tx, webhook.id)
    _note(tx, webhook, author, "webhook.ended")


def enable_webhook(tx: Transaction, *, webhook: Webhook, author: Author) -> None:
    """Send there again what happens from now on; what was missed is sent when it is replayed."""
    if store.enable_webhook(tx, webhook.id):
        _note(tx, webhook, author, "webhook.enabled")


def disable_webhook(tx: Transaction, *, webhook: Webhook, reason: str) -> None:
    """Give up on a webhook, and have its reporter told by mail."""
    if not store.disable_webhook(tx, webhook.id, reason=reason):
        return
    store.fail_waiting_messages(tx, webhook.id, reason=GIVEN_UP)
    _note(tx, webhook, SYSTEM, "webhook.disabled")
    record(
        tx,
        WebhookDisabled(
            webhook=webhook.id,
            reporter=webhook.reporter,
            partner=webhook.partner,
            host=_host(webhook),
            reason=reason,
            disabled_at=iso(tx.now),
        ),
    )


def rotate_webhook_secret(tx: Transaction, *, webhook: Webhook, author: Author) -> Secret:
    """Make a webhook's next secret; the one before signs for a day more. Raises `SecretsAreTooMany`."""
    store.lock_webhook(tx, webhook.id)
    if len(store.live_webhook_secrets(tx, webhook.id)) >= MOST_SECRETS:
        raise SecretsAreTooMany
    store.end_webhook_secrets(tx, webhook.id, at=tx.now + OVERLAP)
    _note(tx, webhook, author, "webhook.secret_made")
    return _make_secret(tx, webhook)


def end_webhook_secret(tx: Transaction, *, webhook: Webhook, author: Author, secret: str) -> None:
    """Have a secret sign nothing any more; raises `NotFound`, `SecretIsTheLast`."""
    store.lock_webhook(tx, webhook.id)
    live = [each.id for each in store.live_webhook_secrets(tx, webhook.id)]
    if secret not in live:
        raise NotFound("secret")
    if len(live) == 1:
        raise SecretIsTheLast
    store.remove_webhook_secret(tx, secret)
    _note(tx, webhook, author, "webhook.secret_ended")


def _make_secret(tx: Transaction, webhook: Webhook) -> Secret:
    made = Secret(new_id(), webhook.id, secret_of(secrets.token_bytes(SECRET_BYTES)), tx.now)
    store.add_webhook_secret(tx, made)
    return made


def _note(tx: Transaction, webhook: Webhook, author: Author, action: str) -> None:
    # The host only: what else stands in a URL may be a secret of the receiver's.
    detail = {"webhook": webhook.id, "host": _host(webhook)}
    note(tx, author=author, action=action, reporter=webhook.reporter, partner=webhook.partner, detail=detail)


def _host(webhook: Webhook) -> str:
    return Target.of(webhook.url, may_be_local=True).host
