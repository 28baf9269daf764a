"""Shapes of clients, their secrets and keys, and delegations."""

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate

from services.entry.clients.domain import MAX_SECRET_DAYS
from shared.identity.callers import SCOPES
from shared.identity.client_assertions import KeyIsUnusable, public_jwk

REASON = validate.Length(3, 500)
MAX_KEY_LENGTH = 10_000


class _StrictSchema(Schema):
    """A shape without other fields."""

    class Meta:
        """Unknown fields are errors."""

        unknown = RAISE


class ClientBody(_StrictSchema):
    """A new client of a reporter."""

    reporter = fields.String(required=True, validate=validate.Length(1, 40))
    label = fields.String(required=True, validate=validate.Length(3, 200))
    scopes = fields.List(
        fields.String(validate=validate.OneOf(SCOPES)),
        load_default=list(SCOPES),
        validate=validate.Length(1, len(SCOPES)),
    )


class SecretBody(_StrictSchema):
    """A new secret."""

    days = fields.Integer(load_default=365, strict=True, validate=validate.Range(1, MAX_SECRET_DAYS))


class KeyBody(_StrictSchema):
    """A public key, as PEM or as a JWK; never a private key."""

    pem = fields.String(validate=validate.Length(1, MAX_KEY_LENGTH))
    jwk = fields.Dict(keys=fields.String())

    @post_load
    def read(self, data: dict[str, Any], **_kwargs: object) -> dict[str, Any]:
        """Read the key as a JWK with only the necessary members."""
        if len(data) != 1:
            raise ValidationError("Send either pem or jwk.")
        ((name, key),) = data.items()
        try:
            return {"jwk": public_jwk(key)}
        except KeyIsUnusable as error:
            raise ValidationError(str(error), name) from None


class RevokeBody(_StrictSchema):
    """The reason for the revocation."""

    reason = fields.String(required=True, validate=REASON)


class DelegationBody(_StrictSchema):
    """The backup that may act for a structure, and the last day, inclusive."""

    to = fields.String(required=True, validate=validate.Length(1, 40))
    expires_on = fields.Date(required=True)
    reason = fields.String(required=True, validate=REASON)


class SecretResponse(Schema):
    """A secret, without its text."""

    id = fields.String(required=True)
    hint = fields.String(required=True, metadata={"description": "The last characters of the secret."})
    made_at = fields.String(required=True)
    expires_at = fields.String(required=True)
    ended_at = fields.String(required=True, allow_none=True)
    last_used_at = fields.String(required=True, allow_none=True)


class NewSecretResponse(SecretResponse):
    """A new secret, with its text."""

    secret = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "The text of the secret. Only this response shows it; a repeat of the request has null."
        },
    )


class KeyResponse(Schema):
    """A public key of a client."""

    kid = fields.String(required=True)
    jwk = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    made_at = fields.String(required=True)
    ended_at = fields.String(required=True, allow_none=True)
    last_used_at = fields.String(required=True, allow_none=True)


class ClientResponse(Schema):
    """A client with all its secrets and keys, revoked ones too."""

    id = fields.String(required=True)
    reporter = fields.String(required=True)
    label = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    made_at = fields.String(required=True)
    made_by = fields.String(required=True)
    ended_at = fields.String(required=True, allow_none=True)
    secrets = fields.List(fields.Nested(SecretResponse), required=True)
    keys = fields.List(fields.Nested(KeyResponse), required=True)


class ClientsResponse(Schema):
    """A page of clients."""

    items = fields.List(fields.Nested(ClientResponse), required=True)
    next = fields.String(required=True, allow_none=True)


class RevokedResponse(Schema):
    """The time of the revocation."""

    ended_at = fields.String(required=True)


class DelegationResponse(Schema):
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


class DelegationsResponse(Schema):
    """A page of delegations."""

    items = fields.List(fields.Nested(DelegationResponse), required=True)
    next = fields.String(required=True, allow_none=True)
