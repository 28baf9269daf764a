"""The routes of webhooks, and the problems of their operations."""

from services.entry.webhooks import schemas
from services.entry.webhooks.api import webhooks
from services.entry.webhooks.domain import (
    SecretIsTheLast,
    SecretsAreTooMany,
    WebhookIsDisabled,
    WebhooksAreMadeAtOnce,
    WebhooksAreTooMany,
)
from shared.http import Problem, Route
from shared.http.auth.roles import READERS

ROUTES = (
    Route(
        "POST",
        "/webhooks",
        webhooks.post_webhook,
        allow=READERS,
        summary="Create a webhook",
        takes=schemas.WebhookBody,
        gives=schemas.WebhookResponse,
        statuses=(201,),
    ),
    Route(
        "GET",
        "/webhooks",
        webhooks.list_webhooks,
        allow=READERS,
        summary="List your webhooks",
        gives=schemas.WebhooksResponse,
    ),
    Route(
        "GET",
        "/webhooks/<webhook>",
        webhooks.get_webhook,
        allow=READERS,
        summary="Get a webhook",
        gives=schemas.WebhookResponse,
    ),
    Route(
        "POST",
        "/webhooks/<webhook>/end",
        webhooks.delete_webhook,
        allow=READERS,
        summary="Delete a webhook, with its secrets and messages",
        takes=schemas.EmptyBody,
        gives=schemas.WebhookResponse,
    ),
    Route(
        "POST",
        "/webhooks/<webhook>/enable",
        webhooks.enable_webhook,
        allow=READERS,
        summary="Enable a webhook for later events",
        takes=schemas.EmptyBody,
        gives=schemas.WebhookResponse,
    ),
    Route(
        "POST",
        "/webhooks/<webhook>/secrets",
        webhooks.post_secret,
        allow=READERS,
        summary="Create a webhook's next signing secret; the previous one signs for one more day",
        takes=schemas.EmptyBody,
        gives=schemas.WebhookResponse,
        statuses=(201,),
    ),
    Route(
        "POST",
        "/webhooks/<webhook>/secrets/<secret>/end",
        webhooks.revoke_secret,
        allow=READERS,
        summary="Revoke a signing secret",
        takes=schemas.EmptyBody,
        gives=schemas.WebhookResponse,
    ),
    Route(
        "POST",
        "/webhooks/<webhook>/test",
        webhooks.post_test,
        allow=READERS,
        summary="Send a test message",
        takes=schemas.EmptyBody,
        gives=schemas.MessageResponse,
        statuses=(202,),
    ),
    Route(
        "GET",
        "/webhooks/<webhook>/messages",
        webhooks.list_messages,
        allow=READERS,
        summary="List the messages to a webhook with their status, the latest first",
        query=schemas.MessagesQuery,
        gives=schemas.MessagesResponse,
    ),
    Route(
        "POST",
        "/webhooks/<webhook>/messages/<message>/replay",
        webhooks.replay_message,
        allow=READERS,
        summary="Replay a message, with its own id",
        takes=schemas.EmptyBody,
        gives=schemas.MessageResponse,
        statuses=(202,),
    ),
    Route(
        "POST",
        "/webhooks/<webhook>/replay",
        webhooks.replay_messages,
        allow=READERS,
        summary="Replay all messages after a sequence, even those that were never sent",
        takes=schemas.ReplayBody,
        gives=schemas.ReplayResponse,
        statuses=(202,),
    ),
)

PROBLEMS = {
    WebhooksAreTooMany: Problem(409, "Too many webhooks"),
    WebhooksAreMadeAtOnce: Problem(409, "A webhook is already being created"),
    SecretsAreTooMany: Problem(409, "Too many live secrets"),
    SecretIsTheLast: Problem(409, "The last secret cannot be revoked"),
    WebhookIsDisabled: Problem(409, "The webhook is disabled"),
}
