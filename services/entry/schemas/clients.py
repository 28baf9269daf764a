"""The shapes of clients, their secrets and keys, and of delegations."""

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate

from services.entry.domain.clients import LONGEST_SECRET_DAYS
from shared.identity.callers import SCOPES
from shared.identity.client_assertions import KeyIsUnusable, public_jwk

REASON = validate.Length(3, 500)
MOST_KEY_CHARACTERS = 10_000


class ClientBody(Schema):
    """A new client of a reporter."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    reporter = fields.String(required=True, validate=validate.Length(1, 40))
    label = fields.String(required=True, validate=validate.Length(3, 200))
    scopes = fields.List(
        fields.String(validate=validate.OneOf(SCOPES)),
        load_default=list(SCOPES),
        validate=validate.Length(1, len(SCOPES)),
    )


class SecretBody(Schema):
    """A new secret."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    days = fields.Integer(load_default=365, strict=True, validate=validate.Range(1, LONGEST_SECRET_DAYS))


class KeyBody(Schema):
    """A public key, as PEM or as a JWK; never the private one."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    pem = fields.String(validate=validate.Length(1, MOST_KEY_CHARACTERS))
    jwk = fields.Dict(keys=fields.String())

    @post_load
    def read(self, data: dict[str, Any], **_kwargs: object) -> dict[str, Any]:
        """The key as a JWK with nothing but what is needed."""
        if len(data) != 1:
            raise ValidationError("Give either pem or jwk.")
        ((name, given),) = data.items()
        try:
            return {"jwk": public_jwk(given)}
        except KeyIsUnusable as error:
            raise ValidationError(str(error), name) from None


class EndBody(Schema):
    """Why something ends."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    reason = fields.String(required=True, validate=REASON)


class DelegationBody(Schema):
    """Whom a structure lets act for it, and until when, that day included."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    to = fields.String(required=True, validate=validate.Length(1, 40))
    expires_on = fields.Date(required=True)
    reason = fields.String(required=True, validate=REASON)


class SecretAnswer(Schema):
    """A secret, without what it is."""

    id = fields.String(required=True)
    hint = fields.String(required=True, metadata={"description": "Its last characters."})
    made_at = fields.String(required=True)
    expires_at = fields.String(required=True)
    ended_at = fields.String(required=True, allow_none=True)
    last_used_at = fields.String(required=True, allow_none=True)


class NewSecretAnswer(SecretAnswer):
    """A secret when it is made."""

    secret = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "What it is, this once: a repeat of the request is answered with null."},
    )


class KeyAnswer(Schema):
    """A key."""

    kid = fields.String(required=True)
    jwk = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    made_at = fields.String(required=True)
    ended_at = fields.String(required=True, allow_none=True)
    last_used_at = fields.String(required=True, allow_none=True)


class ClientAnswer(Schema):
    """A client with all secrets and keys that it ever had."""

    id = fields.String(required=True)
    reporter = fields.String(required=True)
    label = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    made_at = fields.String(required=True)
    made_by = fields.String(required=True)
    ended_at = fields.String(required=True, allow_none=True)
    secrets = fields.List(fields.Nested(SecretAnswer), required=True)
    keys = fields.List(fields.Nested(KeyAnswer), required=True)


class ClientsAnswer(Schema):
    """A page of clients."""

    items = fields.List(fields.Nested(ClientAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class EndAnswer(Schema):
    """When something ended."""

    ended_at = fields.String(required=True)


class DelegationAnswer(Schema):
    """A delegation."""

    id = fields.String(required=True)
    structure = fields.String(required=True)
    to = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(("backup",)))
    given_by = fields.String(required=True)
    given_at = fields.String(required=True)
    expires_on = fields.String(required=True)
    reason = fields.String(required=True)
    ended_at = fields.String(required=True, allow_none=True)


class DelegationsAnswer(Schema):
    """A page of delegations."""

    items = fields.List(fields.Nested(DelegationAnswer), required=True)
    next = fields.String(required=True, allow_none=True)
