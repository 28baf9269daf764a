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
from shared.http.problems import Problem
from shared.http.routes import Route
from shared.identity.rights import SUBMISSION_READERS

ROUTES = (
    Route(
        "POST",
        "/webhooks",
        webhooks.post_webhook,
        allow=SUBMISSION_READERS,
        summary="Create a webhook",
        request_schema=schemas.WebhookBody,
        response_schema=schemas.WebhookResponse,
        statuses=(201,),
    ),
    Route(
        "GET",
        "/webhooks",
        webhooks.list_webhooks,
        allow=SUBMISSION_READERS,
        summary="List your webhooks",
        response_schema=schemas.WebhooksResponse,
    ),
    Route(
        "GET",
        "/webhooks/<webhook>",
        webhooks.get_webhook,
        allow=SUBMISSION_READERS,
        summary="Get a webhook",
        response_schema=schemas.WebhookResponse,
    ),
    Route(
        "POST",
        "/webhooks/<webhook>/end",
        webhooks.delete_webhook,
        allow=SUBMISSION_READERS,
        summary="Delete a webhook, with its secrets and messages",
        request_schema=schemas.EmptyBody,
        response_schema=schemas.WebhookResponse,
    ),
    Route(
        "POST",
        "/webhooks/<webhook>/enable",
        webhooks.enable_webhook,
        allow=SUBMISSION_READERS,
        summary="Enable a webhook for later events",
        request_schema=schemas.EmptyBody,
        response_schema=schemas.WebhookResponse,
    ),
    Route(
        "POST",
        "/webhooks/<webhook>/secrets",
        webhooks.post_secret,
        allow=SUBMISSION_READERS,
        summary="Create a webhook's next signing secret; the previous one signs for one more day",
        request_schema=schemas.EmptyBody,
        response_schema=schemas.WebhookResponse,
        statuses=(201,),
    ),
    Route(
        "POST",
        "/webhooks/<webhook>/secrets/<secret>/end",
        webhooks.revoke_secret,
        allow=SUBMISSION_READERS,
        summary="Revoke a signing secret",
        request_schema=schemas.EmptyBody,
        response_schema=schemas.WebhookResponse,
    ),
    Route(
        "POST",
        "/webhooks/<webhook>/test",
        webhooks.post_test,
        allow=SUBMISSION_READERS,
        summary="Send a test message",
        request_schema=schemas.EmptyBody,
        response_schema=schemas.MessageResponse,
        statuses=(202,),
    ),
    Route(
        "GET",
        "/webhooks/<webhook>/messages",
        webhooks.list_messages,
        allow=SUBMISSION_READERS,
        summary="List the messages to a webhook with their status, the latest first",
        query=schemas.MessagesQuery,
        response_schema=schemas.MessagesResponse,
    ),
    Route(
        "POST",
        "/webhooks/<webhook>/messages/<message>/replay",
        webhooks.replay_message,
        allow=SUBMISSION_READERS,
        summary="Replay a message, with its own id",
        request_schema=schemas.EmptyBody,
        response_schema=schemas.MessageResponse,
        statuses=(202,),
    ),
    Route(
        "POST",
        "/webhooks/<webhook>/replay",
        webhooks.replay_messages,
        allow=SUBMISSION_READERS,
        summary="Replay all messages after a sequence, even those that were never sent",
        request_schema=schemas.ReplayBody,
        response_schema=schemas.ReplayResponse,
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
