"""The routes of clients, their secrets and keys, delegations and tokens."""

from services.entry.clients.api import clients as api
from services.entry.clients.api import oauth
from services.entry.clients.domain import (
    ActingMayNot,
    ClientIsEnded,
    DelegationIsOver,
    EndedAlready,
    EnoughAreLive,
    KeyIsKnown,
)
from services.entry.clients.operations.token_requests import TokenIsNotGiven
from services.entry.clients.schemas import clients as schemas
from services.entry.clients.schemas import oauth as oauth_schemas
from shared.http import PUBLIC, ROLES, PageQuery, Problem, Refusals, Role, Route
from shared.http.auth.roles import SECRETARIAT

DELEGATING: frozenset[Role] = frozenset(("structure", "coordinator", "secretariat"))

ROUTES = (
    Route(
        "POST",
        "/clients",
        api.post_client,
        allow=SECRETARIAT,
        summary="Make a client for a reporter",
        takes=schemas.ClientBody,
        gives=schemas.ClientAnswer,
        statuses=(201,),
    ),
    Route(
        "GET",
        "/clients",
        api.list_clients,
        allow=ROLES,
        summary="List your clients, with what they can show to get tokens",
        query=PageQuery,
        gives=schemas.ClientsAnswer,
    ),
    Route(
        "POST",
        "/clients/<client>/end",
        api.end_client,
        allow=SECRETARIAT,
        summary="End a client, with all its secrets and keys",
        takes=schemas.EndBody,
        gives=schemas.EndAnswer,
    ),
    Route(
        "POST",
        "/clients/<client>/secrets",
        api.post_secret,
        allow=ROLES,
        summary="Give a client of yours a secret; it is shown once",
        takes=schemas.SecretBody,
        gives=schemas.NewSecretAnswer,
        statuses=(201,),
    ),
    Route(
        "POST",
        "/clients/<client>/secrets/<secret>/end",
        api.end_secret,
        allow=ROLES,
        summary="End a secret",
        takes=schemas.EndBody,
        gives=schemas.EndAnswer,
    ),
    Route(
        "POST",
        "/clients/<client>/keys",
        api.post_key,
        allow=ROLES,
        summary="Give a client of yours a public key",
        takes=schemas.KeyBody,
        gives=schemas.KeyAnswer,
        statuses=(201,),
    ),
    Route(
        "POST",
        "/clients/<client>/keys/<key>/end",
        api.end_key,
        allow=ROLES,
        summary="End a key",
        takes=schemas.EndBody,
        gives=schemas.EndAnswer,
    ),
    Route(
        "POST",
        "/delegations",
        api.post_delegation,
        allow=frozenset(("structure",)),
        summary="Name a backup that may act for you until a day",
        takes=schemas.DelegationBody,
        gives=schemas.DelegationAnswer,
        statuses=(201,),
    ),
    Route(
        "GET",
        "/delegations",
        api.list_delegations,
        allow=DELEGATING,
        summary="List who may act for you, or your partner's structures, and for whom you may act",
        query=PageQuery,
        gives=schemas.DelegationsAnswer,
    ),
    Route(
        "POST",
        "/delegations/<delegation>/end",
        api.end_delegation,
        allow=frozenset(("structure", "secretariat")),
        summary="End a delegation before its day",
        takes=schemas.EndBody,
        gives=schemas.DelegationAnswer,
    ),
    Route(
        "POST",
        "/entry/oauth/token",
        oauth.give_token,
        allow=PUBLIC,
        summary="Get a token with what a client can show (OAuth 2.0 client credentials)",
        takes=oauth_schemas.TokenForm,
        takes_form=True,
        gives=oauth_schemas.TokenAnswer,
        refuses=Refusals(oauth.tell_refusal, oauth_schemas.RefusalAnswer),
        sees_all="who calls is what it looks up",
        at_root=True,
    ),
    Route(
        "GET",
        "/entry/oauth/jwks.json",
        oauth.show_keys,
        allow=PUBLIC,
        summary="Show the keys with which tokens can be checked",
        gives=oauth_schemas.KeysAnswer,
        at_root=True,
    ),
    Route(
        "GET",
        "/.well-known/oauth-authorization-server",
        oauth.describe,
        allow=PUBLIC,
        summary="Show what can be asked for a token, and where (RFC 8414)",
        gives=oauth_schemas.MetadataAnswer,
        at_root=True,
    ),
)

PROBLEMS = {
    TokenIsNotGiven: Problem(400, "No token is given"),
    ActingMayNot: Problem(403, "Who acts for another may not do this"),
    ClientIsEnded: Problem(409, "The client is ended"),
    EndedAlready: Problem(409, "It is ended already"),
    EnoughAreLive: Problem(409, "There are enough"),
    KeyIsKnown: Problem(409, "The key is known"),
    DelegationIsOver: Problem(409, "The delegation is over"),
}
