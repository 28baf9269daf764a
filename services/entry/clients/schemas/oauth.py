"""Shapes of token requests, key sets and metadata, by RFC 6749, 7517 and 8414."""

from marshmallow import EXCLUDE, Schema, fields


class TokenForm(Schema):
    """A token request. Unknown fields are ignored, as RFC 6749 demands."""

    class Meta:
        """Unknown fields are ignored."""

        unknown = EXCLUDE

    grant_type = fields.String(load_default=None, metadata={"description": "client_credentials"})
    scope = fields.String(
        load_default=None, metadata={"description": "read, write or both; all, if left out"}
    )
    act_for = fields.String(
        load_default=None, metadata={"description": "The structure to act for, such as AL-WBCTi"}
    )
    client_id = fields.String(
        load_default=None, metadata={"description": "The client; required with a secret in the form"}
    )
    client_secret = fields.String(
        load_default=None,
        metadata={"description": "The secret, unless the header Authorization (Basic) has it"},
    )
    client_assertion_type = fields.String(load_default=None)
    client_assertion = fields.String(load_default=None, metadata={"description": "A JWT (RFC 7523)"})


class TokenResponse(Schema):
    """An issued token."""

    access_token = fields.String(required=True)
    token_type = fields.String(required=True)
    expires_in = fields.Integer(required=True, metadata={"description": "Seconds"})
    scope = fields.String(required=True)


class OAuthErrorResponse(Schema):
    """A denied token request (RFC 6749, section 5.2)."""

    error = fields.String(required=True)
    error_description = fields.String(required=True)


class KeySetResponse(Schema):
    """Public keys (RFC 7517)."""

    keys = fields.List(fields.Dict(keys=fields.String(), values=fields.String()), required=True)


class MetadataResponse(Schema):
    """The metadata of the authorization server (RFC 8414)."""

    issuer = fields.String(required=True)
    token_endpoint = fields.String(required=True)
    jwks_uri = fields.String(required=True)
    scopes_supported = fields.List(fields.String(), required=True)
    response_types_supported = fields.List(fields.String(), required=True)
    grant_types_supported = fields.List(fields.String(), required=True)
    token_endpoint_auth_methods_supported = fields.List(fields.String(), required=True)
    token_endpoint_auth_signing_alg_values_supported = fields.List(fields.String(), required=True)
