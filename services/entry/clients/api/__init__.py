"""The routes of clients, secrets, keys, delegations and tokens, and the problems of their operations."""

from services.entry.clients.api import clients, oauth
from services.entry.clients.domain import (
    ClientIsRevoked,
    DelegateIsForbidden,
    DelegationIsOver,
    IsRevoked,
    KeyIsKnown,
    TooManyAreLive,
)
from services.entry.clients.operations.token_requests import TokenIsDenied
from services.entry.clients.schemas import clients as schemas
from services.entry.clients.schemas import oauth as oauth_schemas
from shared.http.paging import PageQuery
from shared.http.problems import Problem
from shared.http.routes import PUBLIC, Refusals, Route
from shared.identity.rights import (
    DELEGATION_ENDERS,
    DELEGATION_READERS,
    DELEGATORS,
    ROLES,
    SECRETARIAT_ONLY,
)

ROUTES = (
    Route(
        "POST",
        "/clients",
        clients.post_client,
        allow=SECRETARIAT_ONLY,
        summary="Create a client for a reporter",
        request_schema=schemas.ClientBody,
        response_schema=schemas.ClientResponse,
        statuses=(201,),
    ),
    Route(
        "GET",
        "/clients",
        clients.list_clients,
        allow=ROLES,
        summary="List your clients, with their secrets and keys",
        query=PageQuery,
        response_schema=schemas.ClientsResponse,
    ),
    Route(
        "POST",
        "/clients/<client>/end",
        clients.revoke_client,
        allow=SECRETARIAT_ONLY,
        summary="Revoke a client, with all its secrets and keys",
        request_schema=schemas.RevokeBody,
        response_schema=schemas.RevokedResponse,
    ),
    Route(
        "POST",
        "/clients/<client>/secrets",
        clients.post_secret,
        allow=ROLES,
        summary="Create a secret for one of your clients; it is shown once",
        request_schema=schemas.SecretBody,
        response_schema=schemas.NewSecretResponse,
        statuses=(201,),
    ),
    Route(
        "POST",
        "/clients/<client>/secrets/<secret>/end",
        clients.revoke_secret,
        allow=ROLES,
        summary="Revoke a secret",
        request_schema=schemas.RevokeBody,
        response_schema=schemas.RevokedResponse,
    ),
    Route(
        "POST",
        "/clients/<client>/keys",
        clients.post_key,
        allow=ROLES,
        summary="Add a public key to one of your clients",
        request_schema=schemas.KeyBody,
        response_schema=schemas.KeyResponse,
        statuses=(201,),
    ),
    Route(
        "POST",
        "/clients/<client>/keys/<key>/end",
        clients.revoke_key,
        allow=ROLES,
        summary="Revoke a key",
        request_schema=schemas.RevokeBody,
        response_schema=schemas.RevokedResponse,
    ),
    Route(
        "POST",
        "/delegations",
        clients.post_delegation,
        allow=DELEGATORS,
        summary="Name a backup that may act for you until a day",
        request_schema=schemas.DelegationBody,
        response_schema=schemas.DelegationResponse,
        statuses=(201,),
    ),
    Route(
        "GET",
        "/delegations",
        clients.list_delegations,
        allow=DELEGATION_READERS,
        summary="List delegations from you, to you, and of your partner's structures",
        query=PageQuery,
        response_schema=schemas.DelegationsResponse,
    ),
    Route(
        "POST",
        "/delegations/<delegation>/end",
        clients.revoke_delegation,
        allow=DELEGATION_ENDERS,
        summary="Revoke a delegation before its last day",
        request_schema=schemas.RevokeBody,
        response_schema=schemas.DelegationResponse,
    ),
    Route(
        "POST",
        "/entry/oauth/token",
        oauth.issue_token,
        allow=PUBLIC,
        summary="Get a token for a client (OAuth 2.0 client credentials)",
        request_schema=oauth_schemas.TokenForm,
        request_is_form=True,
        response_schema=oauth_schemas.TokenResponse,
        refuses=Refusals(oauth.oauth_error, oauth_schemas.OAuthErrorResponse),
        all_rows_reason="the request itself identifies the caller",
        at_root=True,
    ),
    Route(
        "GET",
        "/entry/oauth/jwks.json",
        oauth.show_keys,
        allow=PUBLIC,
        summary="Get the public keys that verify tokens",
        response_schema=oauth_schemas.KeySetResponse,
        at_root=True,
    ),
    Route(
        "GET",
        "/.well-known/oauth-authorization-server",
        oauth.show_metadata,
        allow=PUBLIC,
        summary="Get the metadata of the authorization server (RFC 8414)",
        response_schema=oauth_schemas.MetadataResponse,
        at_root=True,
    ),
)

PROBLEMS = {
    TokenIsDenied: Problem(400, "The token request is denied", slug="token-is-not-given"),
    DelegateIsForbidden: Problem(403, "Delegates may not do this", slug="acting-may-not"),
    ClientIsRevoked: Problem(409, "The client is revoked", slug="client-is-ended"),
    IsRevoked: Problem(409, "Already revoked", slug="ended-already"),
    TooManyAreLive: Problem(409, "Too many live secrets or keys", slug="enough-are-live"),
    KeyIsKnown: Problem(409, "The key was added before"),
    DelegationIsOver: Problem(409, "The delegation is over"),
}
