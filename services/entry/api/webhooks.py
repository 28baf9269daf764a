"""Webhooks over HTTP."""

from collections.abc import Sequence
from typing import Any

from services.entry import operations, store
from services.entry.api.authors import author_of
from services.entry.api.clients import SHOWN_ONCE
from services.entry.domain.webhooks import Message, Secret, Webhook, WebhooksAreMadeAtOnce
from shared.clock import iso
from shared.database import Transaction
from shared.http.paging import Page
from shared.http.routes import RequestContext, Result


def post_webhook(call: RequestContext) -> Result:
    """Have messages sent, and give the secret to check them with, once."""
    webhook, secret = operations.make_webhook(
        call.tx,
        caller=call.known_caller,
        author=author_of(call),
        may_be_local=call.runtime.settings.webhooks_may_be_local,
        **call.body,
    )
    facts = _shown(webhook, [secret])
    return Result(
        facts | {"secret": secret.secret},
        status=201,
        headers=SHOWN_ONCE | {"Location": f"/entry/v1/webhooks/{webhook.id}"},
        stored_body=facts | {"secret": None},
        on_conflict=_say_that_others_were_made,
    )


def list_webhooks(call: RequestContext) -> Result:
    """List the caller's webhooks, the oldest first."""
    known = store.webhooks_of(call.tx, call.known_caller.reporter)
    secrets = store.live_webhook_secrets_of(call.tx, known)
    return Result({"items": [_shown(each, secrets[each.id]) for each in known]})


def get_webhook(call: RequestContext, webhook: str) -> Result:
    """Show a webhook."""
    return _answer(call, _own(call, webhook))


def end_webhook(call: RequestContext, webhook: str) -> Result:
    """Forget a webhook."""
    known = _own(call, webhook)
    operations.end_webhook(call.tx, webhook=known, author=author_of(call))
    return Result(_shown(known, []))


def enable_webhook(call: RequestContext, webhook: str) -> Result:
    """Send to a webhook again."""
    operations.enable_webhook(call.tx, webhook=_own(call, webhook), author=author_of(call))
    return _answer(call, _own(call, webhook))


def post_secret(call: RequestContext, webhook: str) -> Result:
    """Make a webhook's next secret, and show it once."""
    known = _own(call, webhook)
    made = operations.rotate_webhook_secret(call.tx, webhook=known, author=author_of(call))
    facts = _shown(known, store.live_webhook_secrets(call.tx, known.id))
    return Result(
        facts | {"secret": made.secret}, status=201, headers=SHOWN_ONCE, stored_body=facts | {"secret": None}
    )


def end_secret(call: RequestContext, webhook: str, secret: str) -> Result:
    """Sign nothing with a secret any more."""
    known = _own(call, webhook)
    operations.end_webhook_secret(call.tx, webhook=known, author=author_of(call), secret=secret)
    return _answer(call, known)


def post_test(call: RequestContext, webhook: str) -> Result:
    """Send a message that says nothing."""
    made = operations.write_test_message(call.tx, webhook=_own(call, webhook))
    return Result(_message(made), status=202)


def list_messages(call: RequestContext, webhook: str) -> Result:
    """The ledger of what a webhook was told, the latest first."""
    known, limit = _own(call, webhook), call.query["limit"]
    found = store.list_messages(
        call.tx,
        webhook=known.id,
        state=call.query["state"],
        after=call.query["after"],
        limit=limit + 1,
    )
    return Result(Page.of([_message(each) for each in found], limit=limit, key=lambda each: str(each["id"])))


def replay_message(call: RequestContext, webhook: str, message: str) -> Result:
    """Send a message again."""
    again = operations.replay_message(
        call.tx, webhook=_own(call, webhook), author=author_of(call), message=message
    )
    return Result(_message(again), status=202)


def replay_messages(call: RequestContext, webhook: str) -> Result:
    """Tell again what happened after a sequence."""
    replayed = operations.replay_after(
        call.tx, webhook=_own(call, webhook), author=author_of(call), **call.body
    )
    return Result({"entries": replayed.entries, "next": replayed.next}, status=202)


def _say_that_others_were_made(_tx: Transaction) -> Result:
    raise WebhooksAreMadeAtOnce


def _own(call: RequestContext, webhook: str) -> Webhook:
    return operations.get_own_webhook(call.tx, caller=call.known_caller, webhook=webhook)


def _answer(call: RequestContext, webhook: Webhook) -> Result:
    return Result(_shown(webhook, store.live_webhook_secrets(call.tx, webhook.id)))


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
