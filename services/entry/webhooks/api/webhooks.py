"""Webhooks over HTTP."""

from collections.abc import Sequence
from typing import Any, NoReturn

from services.entry.audit import operations as audit
from services.entry.webhooks.domain import Message, Secret, Webhook, WebhooksAreMadeAtOnce
from services.entry.webhooks.operations import messages, webhooks
from shared.clock import iso
from shared.database import Transaction
from shared.http.paging import Page
from shared.http.routes import RequestContext, Result

SHOWN_ONCE = {"Cache-Control": "no-store"}


def post_webhook(call: RequestContext) -> Result:
    """Create a webhook. Only this response shows its secret."""
    webhook, secret = webhooks.create_webhook(
        call.tx,
        may_be_local=call.runtime.settings.webhooks_may_be_local,
        **_identity(call),
        **call.body,
    )
    facts = _webhook(webhook, [secret])
    return Result(
        facts | {"secret": secret.secret},
        status=201,
        headers=SHOWN_ONCE | {"Location": f"/entry/v1/webhooks/{webhook.id}"},
        stored_body=facts | {"secret": None},
        on_conflict=_raise_created_at_once,
    )


def list_webhooks(call: RequestContext) -> Result:
    """List the caller's webhooks, the oldest first."""
    found = webhooks.list_webhooks(call.tx, caller=call.known_caller)
    return Result({"items": [_webhook(webhook, secrets) for webhook, secrets in found]})


def get_webhook(call: RequestContext, webhook: str) -> Result:
    """Return a webhook."""
    return _response(call, webhooks.get_webhook(call.tx, caller=call.known_caller, webhook=webhook))


def delete_webhook(call: RequestContext, webhook: str) -> Result:
    """Delete a webhook."""
    return Result(_webhook(webhooks.delete_webhook(call.tx, webhook=webhook, **_identity(call)), []))


def enable_webhook(call: RequestContext, webhook: str) -> Result:
    """Enable a webhook."""
    return _response(call, webhooks.enable_webhook(call.tx, webhook=webhook, **_identity(call)))


def post_secret(call: RequestContext, webhook: str) -> Result:
    """Create the next secret of a webhook. Only this response shows it."""
    known, secret = webhooks.rotate_secret(call.tx, webhook=webhook, **_identity(call))
    facts = _webhook(known, webhooks.list_secrets(call.tx, webhook=known))
    return Result(
        facts | {"secret": secret.secret},
        status=201,
        headers=SHOWN_ONCE,
        stored_body=facts | {"secret": None},
    )


def revoke_secret(call: RequestContext, webhook: str, secret: str) -> Result:
    """Revoke a signing secret."""
    return _response(call, webhooks.revoke_secret(call.tx, webhook=webhook, secret=secret, **_identity(call)))


def post_test(call: RequestContext, webhook: str) -> Result:
    """Send a test message."""
    message = messages.send_test_message(call.tx, caller=call.known_caller, webhook=webhook)
    return Result(_message(message), status=202)


def list_messages(call: RequestContext, webhook: str) -> Result:
    """List the messages to a webhook, the latest first."""
    limit = call.query["limit"]
    found = messages.list_messages(
        call.tx,
        caller=call.known_caller,
        webhook=webhook,
        state=call.query["state"],
        after=call.query["after"],
        limit=limit + 1,
    )
    return Result(Page.of([_message(each) for each in found], limit=limit, key=lambda each: str(each["id"])))


def replay_message(call: RequestContext, webhook: str, message: str) -> Result:
    """Replay a message."""
    replayed = messages.replay_message(call.tx, webhook=webhook, message=message, **_identity(call))
    return Result(_message(replayed), status=202)


def replay_messages(call: RequestContext, webhook: str) -> Result:
    """Replay the messages after a sequence."""
    replayed = messages.replay_after(call.tx, webhook=webhook, **_identity(call), **call.body)
    return Result({"entries": replayed.entries, "next": replayed.next}, status=202)


def _identity(call: RequestContext) -> dict[str, Any]:
    caller = call.known_caller
    return {"caller": caller, "actor": audit.actor_of(caller, address=call.address)}


def _raise_created_at_once(_tx: Transaction) -> NoReturn:
    raise WebhooksAreMadeAtOnce


def _response(call: RequestContext, webhook: Webhook) -> Result:
    return Result(_webhook(webhook, webhooks.list_secrets(call.tx, webhook=webhook)))


def _webhook(webhook: Webhook, secrets: Sequence[Secret]) -> dict[str, Any]:
    return {
        "id": webhook.id,
        "url": webhook.url,
        "events": list(webhook.events),
        "state": webhook.state,
        "made_at": iso(webhook.made_at),
        "disabled_at": webhook.disabled_at and iso(webhook.disabled_at),
        "reason": webhook.reason,
        "secrets": [_secret(each) for each in secrets],
    }


def _secret(secret: Secret) -> dict[str, Any]:
    return {
        "id": secret.id,
        "made_at": iso(secret.made_at),
        "ends_at": secret.ends_at and iso(secret.ends_at),
    }


def _message(message: Message) -> dict[str, Any]:
    return vars(message) | {
        "due_at": iso(message.due_at),
        "first_due_at": iso(message.first_due_at),
        "sent_at": message.sent_at and iso(message.sent_at),
    }
