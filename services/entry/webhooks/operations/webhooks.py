"""Create, list, enable, disable and delete webhooks, and rotate their secrets."""

import secrets
from collections.abc import Sequence

from services.entry.audit import operations as audit
from services.entry.audit.domain import SYSTEM, Actor
from services.entry.webhooks.domain import (
    MAX_SECRETS,
    OVERLAP,
    Secret,
    SecretIsTheLast,
    SecretsAreTooMany,
    Webhook,
    free_slot,
)
from services.entry.webhooks.formats import SECRET_BYTES, encode_secret
from services.entry.webhooks.gateway.urls import Target, UrlIsRefused
from services.entry.webhooks.store import messages, webhooks
from shared.bus import record
from shared.clock import iso
from shared.database import Transaction
from shared.errors import FieldError, NotFound, Unprocessable
from shared.events import WebhookDisabled
from shared.i18n import Text
from shared.identity.callers import Caller
from shared.ids import new_id
from shared.reference.markings import check_unclassified

NOT_SENT = "The webhook was disabled before this message was sent."


def create_webhook(
    tx: Transaction,
    *,
    caller: Caller,
    actor: Actor,
    url: str,
    events: Sequence[str],
    may_be_local: bool,
) -> tuple[Webhook, Secret]:
    """Create a webhook of the caller. Raise `WebhooksAreTooMany`, `TextIsClassified`, or `Unprocessable` for a refused URL.

    If the caller creates another one at the same moment, the commit raises `RowExists`.
    """
    check_unclassified(url, at="/url")
    try:
        Target.of(url, may_be_local=may_be_local)
    except UrlIsRefused as error:
        raise Unprocessable(
            [FieldError("/url", str(error), Text("https://, and a host of the public internet"))]
        ) from None
    slot = free_slot(webhooks.list_slots(tx, caller.reporter))
    webhook = Webhook(
        id=new_id(),
        reporter=caller.reporter,
        partner=caller.partner,
        role=caller.role,
        url=url,
        events=tuple(events),
        made_at=tx.now,
    )
    webhooks.insert_webhook(tx, webhook, slot=slot)
    _record(tx, webhook, actor, "webhook.made")
    return webhook, _create_secret(tx, webhook)


def get_webhook(tx: Transaction, *, caller: Caller, webhook: str) -> Webhook:
    """Return the webhook if it is the caller's. Otherwise raise `NotFound`."""
    known = webhooks.find_webhook(tx, webhook)
    if known is None or known.reporter != caller.reporter:
        raise NotFound("webhook")
    return known


def list_webhooks(tx: Transaction, *, caller: Caller) -> list[tuple[Webhook, list[Secret]]]:
    """List the caller's webhooks with their live secrets, the oldest first."""
    known = webhooks.list_webhooks(tx, caller.reporter)
    live = webhooks.list_live_secrets_by_webhook(tx, [each.id for each in known])
    return [(each, live[each.id]) for each in known]


def list_secrets(tx: Transaction, *, webhook: Webhook) -> list[Secret]:
    """List the live secrets of a webhook, the newest first."""
    return webhooks.list_live_secrets(tx, webhook.id)


def delete_webhook(tx: Transaction, *, caller: Caller, actor: Actor, webhook: str) -> Webhook:
    """Delete a webhook of the caller with its secrets and messages. Return it as it was."""
    known = get_webhook(tx, caller=caller, webhook=webhook)
    webhooks.delete_webhook(tx, known.id)
    _record(tx, known, actor, "webhook.ended")
    return known


def enable_webhook(tx: Transaction, *, caller: Caller, actor: Actor, webhook: str) -> Webhook:
    """Enable a webhook of the caller. It gets messages about later events; earlier ones can be replayed."""
    known = get_webhook(tx, caller=caller, webhook=webhook)
    if webhooks.update_enabled(tx, known.id):
        _record(tx, known, actor, "webhook.enabled")
    return get_webhook(tx, caller=caller, webhook=webhook)


def disable_webhook(tx: Transaction, *, webhook: Webhook, reason: str) -> None:
    """Disable a webhook, and announce it, so that its reporter gets a mail."""
    if not webhooks.update_disabled(tx, webhook.id, reason=reason):
        return
    messages.update_waiting_to_failed(tx, webhook.id, reason=NOT_SENT)
    _record(tx, webhook, SYSTEM, "webhook.disabled")
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


def rotate_secret(tx: Transaction, *, caller: Caller, actor: Actor, webhook: str) -> tuple[Webhook, Secret]:
    """Create the next secret of a webhook. The previous one signs for one more day. Raise `SecretsAreTooMany`."""
    known = get_webhook(tx, caller=caller, webhook=webhook)
    webhooks.lock_webhook(tx, known.id)
    if len(webhooks.list_live_secrets(tx, known.id)) >= MAX_SECRETS:
        raise SecretsAreTooMany
    webhooks.update_secrets_expiry(tx, known.id, at=tx.now + OVERLAP)
    _record(tx, known, actor, "webhook.secret_made")
    return known, _create_secret(tx, known)


def revoke_secret(tx: Transaction, *, caller: Caller, actor: Actor, webhook: str, secret: str) -> Webhook:
    """Revoke a signing secret. Raise `NotFound` or `SecretIsTheLast`."""
    known = get_webhook(tx, caller=caller, webhook=webhook)
    webhooks.lock_webhook(tx, known.id)
    live = [each.id for each in webhooks.list_live_secrets(tx, known.id)]
    if secret not in live:
        raise NotFound("secret")
    if len(live) == 1:
        raise SecretIsTheLast
    webhooks.delete_secret(tx, secret)
    _record(tx, known, actor, "webhook.secret_ended")
    return known


def _create_secret(tx: Transaction, webhook: Webhook) -> Secret:
    created = Secret(new_id(), webhook.id, encode_secret(secrets.token_bytes(SECRET_BYTES)), tx.now)
    webhooks.insert_secret(tx, created)
    return created


def _record(tx: Transaction, webhook: Webhook, actor: Actor, action: str) -> None:
    # Only the host: the rest of a URL may be a secret of the receiver.
    detail = {"webhook": webhook.id, "host": _host(webhook)}
    audit.record_action(
        tx, actor=actor, action=action, reporter=webhook.reporter, partner=webhook.partner, detail=detail
    )


def _host(webhook: Webhook) -> str:
    return Target.of(webhook.url, may_be_local=True).host
