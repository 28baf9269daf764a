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
from shared.http import PUBLIC, ROLES, PageQuery, Problem, Refusals, Role, Route
from shared.http.auth.roles import SECRETARIAT

DELEGATING: frozenset[Role] = frozenset(("structure", "coordinator", "secretariat"))

ROUTES = (
    Route(
        "POST",
        "/clients",
        clients.post_client,
        allow=SECRETARIAT,
        summary="Create a client for a reporter",
        takes=schemas.ClientBody,
        gives=schemas.ClientResponse,
        statuses=(201,),
    ),
    Route(
        "GET",
        "/clients",
        clients.list_clients,
        allow=ROLES,
        summary="List your clients, with their secrets and keys",
        query=PageQuery,
        gives=schemas.ClientsResponse,
    ),
    Route(
        "POST",
        "/clients/<client>/end",
        clients.revoke_client,
        allow=SECRETARIAT,
        summary="Revoke a client, with all its secrets and keys",
        takes=schemas.RevokeBody,
        gives=schemas.RevokedResponse,
    ),
    Route(
        "POST",
        "/clients/<client>/secrets",
        clients.post_secret,
        allow=ROLES,
        summary="Create a secret for one of your clients; it is shown once",
        takes=schemas.SecretBody,
        gives=schemas.NewSecretResponse,
        statuses=(201,),
    ),
    Route(
        "POST",
        "/clients/<client>/secrets/<secret>/end",
        clients.revoke_secret,
        allow=ROLES,
        summary="Revoke a secret",
        takes=schemas.RevokeBody,
        gives=schemas.RevokedResponse,
    ),
    Route(
        "POST",
        "/clients/<client>/keys",
        clients.post_key,
        allow=ROLES,
        summary="Add a public key to one of your clients",
        takes=schemas.KeyBody,
        gives=schemas.KeyResponse,
        statuses=(201,),
    ),
    Route(
        "POST",
        "/clients/<client>/keys/<key>/end",
        clients.revoke_key,
        allow=ROLES,
        summary="Revoke a key",
        takes=schemas.RevokeBody,
        gives=schemas.RevokedResponse,
    ),
    Route(
        "POST",
        "/delegations",
        clients.post_delegation,
        allow=frozenset(("structure",)),
        summary="Name a backup that may act for you until a day",
        takes=schemas.DelegationBody,
        gives=schemas.DelegationResponse,
        statuses=(201,),
    ),
    Route(
        "GET",
        "/delegations",
        clients.list_delegations,
        allow=DELEGATING,
        summary="List delegations from you, to you, and of your partner's structures",
        query=PageQuery,
        gives=schemas.DelegationsResponse,
    ),
    Route(
        "POST",
        "/delegations/<delegation>/end",
        clients.revoke_delegation,
        allow=frozenset(("structure", "secretariat")),
        summary="Revoke a delegation before its last day",
        takes=schemas.RevokeBody,
        gives=schemas.DelegationResponse,
    ),
    Route(
        "POST",
        "/entry/oauth/token",
        oauth.issue_token,
        allow=PUBLIC,
        summary="Get a token for a client (OAuth 2.0 client credentials)",
        takes=oauth_schemas.TokenForm,
        takes_form=True,
        gives=oauth_schemas.TokenResponse,
        refuses=Refusals(oauth.oauth_error, oauth_schemas.OAuthErrorResponse),
        sees_all="the request itself identifies the caller",
        at_root=True,
    ),
    Route(
        "GET",
        "/entry/oauth/jwks.json",
        oauth.show_keys,
        allow=PUBLIC,
        summary="Get the public keys that verify tokens",
        gives=oauth_schemas.KeySetResponse,
        at_root=True,
    ),
    Route(
        "GET",
        "/.well-known/oauth-authorization-server",
        oauth.show_metadata,
        allow=PUBLIC,
        summary="Get the metadata of the authorization server (RFC 8414)",
        gives=oauth_schemas.MetadataResponse,
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
