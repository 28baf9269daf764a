"""Shapes of webhooks."""

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from services.entry.audit.domain import MAX_SEQUENCE
from services.entry.webhooks.domain import EVENTS, TEST
from shared.http.paging import PageQuery

MAX_URL_LENGTH = 500


def _each_once(events: list[str]) -> None:
    if len(set(events)) < len(events):
        raise ValidationError("An event is listed twice.")


class WebhookBody(Schema):
    """A new webhook."""

    class Meta:
        """Unknown fields are errors."""

        unknown = RAISE

    url = fields.String(
        required=True,
        validate=validate.Length(1, MAX_URL_LENGTH),
        metadata={"description": "https, and a host of the public internet; redirects are not followed."},
    )
    events = fields.List(
        fields.String(validate=validate.OneOf(EVENTS)),
        required=True,
        validate=[validate.Length(1, len(EVENTS)), _each_once],
    )


class EmptyBody(Schema):
    """An empty object. The path names the target."""

    class Meta:
        """Unknown fields are errors."""

        unknown = RAISE


class ReplayBody(Schema):
    """The sequence after which to replay."""

    class Meta:
        """Unknown fields are errors."""

        unknown = RAISE

    after = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(0, MAX_SEQUENCE),
        metadata={"description": "The `sequence` in the data of the last message that you have received."},
    )


class MessagesQuery(PageQuery):
    """The messages to list."""

    state = fields.String(load_default=None, validate=validate.OneOf(("waiting", "sent", "failed")))


class WebhookSecretResponse(Schema):
    """A signing secret, without its text, which was shown when the secret was created."""

    id = fields.String(required=True)
    made_at = fields.String(required=True)
    ends_at = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The end of its validity; null for the newest secret."},
    )


class WebhookResponse(Schema):
    """A webhook with its URL and events."""

    id = fields.String(required=True)
    url = fields.String(required=True)
    events = fields.List(fields.String(), required=True)
    state = fields.String(required=True, validate=validate.OneOf(("enabled", "disabled")))
    made_at = fields.String(required=True)
    disabled_at = fields.String(required=True, allow_none=True)
    reason = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The reason for which the webhook was disabled."},
    )
    secrets = fields.List(fields.Nested(WebhookSecretResponse), required=True)
    secret = fields.String(
        allow_none=True,
        metadata={
            "description": "The new secret, `whsec_...`. Only this response shows it: store it. A repeat of the request has null."
        },
    )


class WebhooksResponse(Schema):
    """All webhooks of a reporter."""

    items = fields.List(fields.Nested(WebhookResponse), required=True)


class MessageResponse(Schema):
    """A message, with the result of its last attempt."""

    id = fields.String(required=True, metadata={"description": "The `webhook-id`, equal in every attempt."})
    webhook = fields.String(required=True)
    sequence = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The sequence in the changes feed; null for a test."},
    )
    type = fields.String(required=True, validate=validate.OneOf((*EVENTS, TEST)))
    body = fields.String(required=True, metadata={"description": "The body of the message, byte for byte."})
    state = fields.String(required=True, validate=validate.OneOf(("waiting", "sent", "failed")))
    attempts = fields.Integer(required=True)
    due_at = fields.String(
        required=True, metadata={"description": "The time of the next attempt, or of the last one."}
    )
    first_due_at = fields.String(
        required=True, metadata={"description": "The time from which the message is retried for two days."}
    )
    last_status = fields.Integer(required=True, allow_none=True)
    last_error = fields.String(required=True, allow_none=True)
    sent_at = fields.String(required=True, allow_none=True)


class MessagesResponse(Schema):
    """A page of messages."""

    items = fields.List(fields.Nested(MessageResponse), required=True)
    next = fields.String(required=True, allow_none=True)


class ReplayResponse(Schema):
    """The number of replayed entries."""

    entries = fields.Integer(required=True)
    next = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The `after` of the next request; null after the last entry."},
    )
