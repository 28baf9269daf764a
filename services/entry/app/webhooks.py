"""What entry does about webhooks, declared."""

from services.entry.api import webhooks as api
from services.entry.app.submissions import READERS
from services.entry.domain.webhooks import (
    SecretIsTheLast,
    SecretsAreTooMany,
    WebhookIsDisabled,
    WebhooksAreMadeAtOnce,
    WebhooksAreTooMany,
)
from services.entry.schemas import webhooks as schemas
from shared.http.problems import Problem
from shared.http.routes import Route

ROUTES = (
    Route(
        "POST",
        "/webhooks",
        api.post_webhook,
        allow=READERS,
        summary="Be told of verdicts, corrections, withdrawals and deadlines",
        request_schema=schemas.WebhookBody,
        response_schema=schemas.WebhookShown,
        statuses=(201,),
    ),
    Route(
        "GET",
        "/webhooks",
        api.list_webhooks,
        allow=READERS,
        summary="List your webhooks",
        response_schema=schemas.WebhooksAnswer,
    ),
    Route(
        "GET",
        "/webhooks/<webhook>",
        api.get_webhook,
        allow=READERS,
        summary="Show a webhook",
        response_schema=schemas.WebhookShown,
    ),
    Route(
        "POST",
        "/webhooks/<webhook>/end",
        api.end_webhook,
        allow=READERS,
        summary="Forget a webhook, with its secrets and its ledger",
        request_schema=schemas.NothingBody,
        response_schema=schemas.WebhookShown,
    ),
    Route(
        "POST",
        "/webhooks/<webhook>/enable",
        api.enable_webhook,
        allow=READERS,
        summary="Send to a webhook again what happens from now on",
        request_schema=schemas.NothingBody,
        response_schema=schemas.WebhookShown,
    ),
    Route(
        "POST",
        "/webhooks/<webhook>/secrets",
        api.post_secret,
        allow=READERS,
        summary="Make a webhook's next secret; the one before signs for a day more",
        request_schema=schemas.NothingBody,
        response_schema=schemas.WebhookShown,
        statuses=(201,),
    ),
    Route(
        "POST",
        "/webhooks/<webhook>/secrets/<secret>/end",
        api.end_secret,
        allow=READERS,
        summary="Sign nothing with a secret any more",
        request_schema=schemas.NothingBody,
        response_schema=schemas.WebhookShown,
    ),
    Route(
        "POST",
        "/webhooks/<webhook>/test",
        api.post_test,
        allow=READERS,
        summary="Send a message that says nothing",
        request_schema=schemas.NothingBody,
        response_schema=schemas.MessageShown,
        statuses=(202,),
    ),
    Route(
        "GET",
        "/webhooks/<webhook>/messages",
        api.list_messages,
        allow=READERS,
        summary="List what a webhook was told and how that went, the latest first",
        query=schemas.MessagesQuery,
        response_schema=schemas.MessagesAnswer,
    ),
    Route(
        "POST",
        "/webhooks/<webhook>/messages/<message>/replay",
        api.replay_message,
        allow=READERS,
        summary="Send a message again, under its own id",
        request_schema=schemas.NothingBody,
        response_schema=schemas.MessageShown,
        statuses=(202,),
    ),
    Route(
        "POST",
        "/webhooks/<webhook>/replay",
        api.replay_messages,
        allow=READERS,
        summary="Send again what happened after a sequence, also what was never sent",
        request_schema=schemas.ReplayBody,
        response_schema=schemas.ReplayAnswer,
        statuses=(202,),
    ),
)

PROBLEMS = {
    WebhooksAreTooMany: Problem(409, "The webhooks are too many"),
    WebhooksAreMadeAtOnce: Problem(409, "Webhooks are made one by one"),
    SecretsAreTooMany: Problem(409, "The secrets are too many"),
    SecretIsTheLast: Problem(409, "The secret is the last"),
    WebhookIsDisabled: Problem(409, "The webhook is disabled"),
}
