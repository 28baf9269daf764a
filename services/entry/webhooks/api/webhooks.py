"""Webhooks over HTTP."""

from collections.abc import Sequence
from typing import Any

from services.entry.audit import operations as audit
from services.entry.clients.api.clients import SHOWN_ONCE
from services.entry.webhooks.domain import Message, Secret, Webhook, WebhooksAreMadeAtOnce
from services.entry.webhooks.operations import messages, webhooks
from services.entry.webhooks.store import messages as store_messages
from services.entry.webhooks.store import webhooks as store_webhooks
from shared.clock import iso
from shared.database import Transaction
from shared.http import Answer, Call, Page


def post_webhook(call: Call) -> Answer:
    """Have messages sent, and give the secret to check them with, once."""
    webhook, secret = webhooks.make_webhook(
        call.tx,
        caller=call.known_caller,
        author=audit.author_of(call.known_caller, address=call.address),
        may_be_local=call.runtime.settings.webhooks_may_be_local,
        **call.body,
    )
    facts = _shown(webhook, [secret])
    return Answer(
        facts | {"secret": secret.secret},
        status=201,
        headers=SHOWN_ONCE | {"Location": f"/entry/v1/webhooks/{webhook.id}"},
        kept=facts | {"secret": None},
        if_exists=_say_that_others_were_made,
    )


def list_webhooks(call: Call) -> Answer:
    """List the caller's webhooks, the oldest first."""
    known = store_webhooks.webhooks_of(call.tx, call.known_caller.reporter)
    secrets = store_webhooks.live_webhook_secrets_of(call.tx, known)
    return Answer({"items": [_shown(each, secrets[each.id]) for each in known]})


def get_webhook(call: Call, webhook: str) -> Answer:
    """Show a webhook."""
    return _answer(call, _own(call, webhook))


def end_webhook(call: Call, webhook: str) -> Answer:
    """Forget a webhook."""
    known = _own(call, webhook)
    webhooks.end_webhook(
        call.tx, webhook=known, author=audit.author_of(call.known_caller, address=call.address)
    )
    return Answer(_shown(known, []))


def enable_webhook(call: Call, webhook: str) -> Answer:
    """Send to a webhook again."""
    webhooks.enable_webhook(
        call.tx, webhook=_own(call, webhook), author=audit.author_of(call.known_caller, address=call.address)
    )
    return _answer(call, _own(call, webhook))


def post_secret(call: Call, webhook: str) -> Answer:
    """Make a webhook's next secret, and show it once."""
    known = _own(call, webhook)
    made = webhooks.rotate_webhook_secret(
        call.tx, webhook=known, author=audit.author_of(call.known_caller, address=call.address)
    )
    facts = _shown(known, store_webhooks.live_webhook_secrets(call.tx, known.id))
    return Answer(
        facts | {"secret": made.secret}, status=201, headers=SHOWN_ONCE, kept=facts | {"secret": None}
    )


def end_secret(call: Call, webhook: str, secret: str) -> Answer:
    """Sign nothing with a secret any more."""
    known = _own(call, webhook)
    webhooks.end_webhook_secret(
        call.tx, webhook=known, author=audit.author_of(call.known_caller, address=call.address), secret=secret
    )
    return _answer(call, known)


def post_test(call: Call, webhook: str) -> Answer:
    """Send a message that says nothing."""
    made = messages.write_test_message(call.tx, webhook=_own(call, webhook))
    return Answer(_message(made), status=202)


def list_messages(call: Call, webhook: str) -> Answer:
    """The ledger of what a webhook was told, the latest first."""
    known, limit = _own(call, webhook), call.query["limit"]
    found = store_messages.list_messages(
        call.tx,
        webhook=known.id,
        state=call.query["state"],
        after=call.query["after"],
        limit=limit + 1,
    )
    return Answer(Page.of([_message(each) for each in found], limit=limit, key=lambda each: str(each["id"])))


def replay_message(call: Call, webhook: str, message: str) -> Answer:
    """Send a message again."""
    again = messages.replay_message(
        call.tx,
        webhook=_own(call, webhook),
        author=audit.author_of(call.known_caller, address=call.address),
        message=message,
    )
    return Answer(_message(again), status=202)


def replay_messages(call: Call, webhook: str) -> Answer:
    """Tell again what happened after a sequence."""
    replayed = messages.replay_after(
        call.tx,
        webhook=_own(call, webhook),
        author=audit.author_of(call.known_caller, address=call.address),
        **call.body,
    )
    return Answer({"entries": replayed.entries, "next": replayed.next}, status=202)


def _say_that_others_were_made(_tx: Transaction) -> Answer:
    raise WebhooksAreMadeAtOnce


def _own(call: Call, webhook: str) -> Webhook:
    return webhooks.get_own_webhook(call.tx, caller=call.known_caller, webhook=webhook)


def _answer(call: Call, webhook: Webhook) -> Answer:
    return Answer(_shown(webhook, store_webhooks.live_webhook_secrets(call.tx, webhook.id)))


def _shown(webhook: Webhook, secrets: Sequence[Secret]) -> dict[str, Any]:
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
