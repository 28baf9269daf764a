"""The shapes of webhooks."""

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from services.entry.domain.webhooks import EVENTS, TEST
from services.entry.schemas.journal import LARGEST_SEQUENCE
from shared.http.paging import PageQuery

LONGEST_URL = 500


def _each_once(events: list[str]) -> None:
    if len(set(events)) < len(events):
        raise ValidationError("Each event once.")


class WebhookBody(Schema):
    """Where to send what."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    url = fields.String(
        required=True,
        validate=validate.Length(1, LONGEST_URL),
        metadata={"description": "https, and a host of the public internet; redirects are not followed."},
    )
    events = fields.List(
        fields.String(validate=validate.OneOf(EVENTS)),
        required=True,
        validate=[validate.Length(1, len(EVENTS)), _each_once],
    )


class NothingBody(Schema):
    """An empty object: the path says it all."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE


class ReplayBody(Schema):
    """From where on everything is sent again."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    after = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(0, LARGEST_SEQUENCE),
        metadata={"description": "The `sequence` in the data of the last message that is not missing."},
    )


class MessagesQuery(PageQuery):
    """Which messages to list."""

    state = fields.String(load_default=None, validate=validate.OneOf(("waiting", "sent", "failed")))


class SecretShown(Schema):
    """A secret that messages are signed with; what it is was shown when it was made."""

    id = fields.String(required=True)
    made_at = fields.String(required=True)
    ends_at = fields.String(
        required=True, allow_none=True, metadata={"description": "Null while it is the newest."}
    )


class WebhookShown(Schema):
    """Where messages are sent, and of what."""

    id = fields.String(required=True)
    url = fields.String(required=True)
    events = fields.List(fields.String(), required=True)
    state = fields.String(required=True, validate=validate.OneOf(("enabled", "disabled")))
    made_at = fields.String(required=True)
    disabled_at = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True, metadata={"description": "Why it was disabled."})
    secrets = fields.List(fields.Nested(SecretShown), required=True)
    secret = fields.String(
        allow_none=True,
        metadata={
            "description": "The new secret, `whsec_...`. It is shown this once: keep it. A repeat of the request has null."
        },
    )


class WebhooksAnswer(Schema):
    """All webhooks of a reporter."""

    items = fields.List(fields.Nested(WebhookShown), required=True)


class MessageShown(Schema):
    """What was sent, or is to be, and how that went."""

    id = fields.String(
        required=True, metadata={"description": "The `webhook-id`: the same at every attempt."}
    )
    webhook = fields.String(required=True)
    sequence = fields.Integer(
        required=True, allow_none=True, metadata={"description": "As in the changes; null for a test."}
    )
    type = fields.String(required=True, validate=validate.OneOf((*EVENTS, TEST)))
    body = fields.String(required=True, metadata={"description": "What is sent, byte for byte."})
    state = fields.String(required=True, validate=validate.OneOf(("waiting", "sent", "failed")))
    attempts = fields.Integer(required=True)
    due_at = fields.String(required=True, metadata={"description": "Of the next attempt, or the last."})
    first_due_at = fields.String(
        required=True, metadata={"description": "From then on it is tried for two days."}
    )
    last_status = fields.Integer(required=True, allow_none=True)
    last_error = fields.String(required=True, allow_none=True)
    sent_at = fields.String(required=True, allow_none=True)


class MessagesAnswer(Schema):
    """A page of messages."""

    items = fields.List(fields.Nested(MessageShown), required=True)
    next = fields.String(required=True, allow_none=True)


class ReplayAnswer(Schema):
    """How much is sent again."""

    entries = fields.Integer(required=True)
    next = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "There is more: ask again with this as `after`. Null: that was all."},
    )
