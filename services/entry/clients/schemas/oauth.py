"""The shapes that RFC 6749, 7517 and 8414 give to what clients ask before they have a token."""

from marshmallow import EXCLUDE, Schema, fields


class TokenForm(Schema):
    """What a client asks for. What it is not asked is passed over, as RFC 6749 has it."""

    class Meta:
        """Other fields mean nothing."""

        unknown = EXCLUDE

    grant_type = fields.String(load_default=None, metadata={"description": "client_credentials"})
    scope = fields.String(
        load_default=None, metadata={"description": "read, write or both; all, if left out"}
    )
    act_for = fields.String(
        load_default=None, metadata={"description": "The structure to act for, such as AL-WBCTi"}
    )
    client_id = fields.String(load_default=None)
    client_assertion_type = fields.String(load_default=None)
    client_assertion = fields.String(load_default=None, metadata={"description": "A JWT (RFC 7523)"})


class TokenAnswer(Schema):
    """A token."""

    access_token = fields.String(required=True)
    token_type = fields.String(required=True)
    expires_in = fields.Integer(required=True, metadata={"description": "Seconds"})
    scope = fields.String(required=True)


class RefusalAnswer(Schema):
    """Why there is none (RFC 6749, section 5.2)."""

    error = fields.String(required=True)
    error_description = fields.String(required=True)


class KeysAnswer(Schema):
    """Public keys (RFC 7517)."""

    keys = fields.List(fields.Dict(keys=fields.String(), values=fields.String()), required=True)


class MetadataAnswer(Schema):
    """What this authorization server can do (RFC 8414)."""

    issuer = fields.String(required=True)
    token_endpoint = fields.String(required=True)
    jwks_uri = fields.String(required=True)
    scopes_supported = fields.List(fields.String(), required=True)
    response_types_supported = fields.List(fields.String(), required=True)
    grant_types_supported = fields.List(fields.String(), required=True)
    token_endpoint_auth_methods_supported = fields.List(fields.String(), required=True)
    token_endpoint_auth_signing_alg_values_supported = fields.List(fields.String(), required=True)
