"""What entry does about who is who, declared: clients and their secrets and keys, delegations, tokens."""

from services.entry.api import clients as api
from services.entry.api import oauth
from services.entry.domain.clients import (
    ActingMayNot,
    ClientIsEnded,
    EndedAlready,
    EnoughAreLive,
    KeyIsKnown,
)
from services.entry.domain.delegations import DelegationIsOver
from services.entry.operations import TokenIsNotGiven
from services.entry.schemas import clients as schemas
from services.entry.schemas import oauth as oauth_schemas
from shared.http.paging import PageQuery
from shared.http.problems import Problem
from shared.http.routes import PUBLIC, Refusals, Route
from shared.identity.rights import ROLES, Role

SECRETARIAT: frozenset[Role] = frozenset(("secretariat",))
DELEGATING: frozenset[Role] = frozenset(("structure", "coordinator", "secretariat"))

ROUTES = (
    Route(
        "POST",
        "/clients",
        api.post_client,
        allow=SECRETARIAT,
        summary="Make a client for a reporter",
        request_schema=schemas.ClientBody,
        response_schema=schemas.ClientAnswer,
        statuses=(201,),
    ),
    Route(
        "GET",
        "/clients",
        api.list_clients,
        allow=ROLES,
        summary="List your clients, with what they can show to get tokens",
        query=PageQuery,
        response_schema=schemas.ClientsAnswer,
    ),
    Route(
        "POST",
        "/clients/<client>/end",
        api.end_client,
        allow=SECRETARIAT,
        summary="End a client, with all its secrets and keys",
        request_schema=schemas.EndBody,
        response_schema=schemas.EndAnswer,
    ),
    Route(
        "POST",
        "/clients/<client>/secrets",
        api.post_secret,
        allow=ROLES,
        summary="Give a client of yours a secret; it is shown once",
        request_schema=schemas.SecretBody,
        response_schema=schemas.NewSecretAnswer,
        statuses=(201,),
    ),
    Route(
        "POST",
        "/clients/<client>/secrets/<secret>/end",
        api.end_secret,
        allow=ROLES,
        summary="End a secret",
        request_schema=schemas.EndBody,
        response_schema=schemas.EndAnswer,
    ),
    Route(
        "POST",
        "/clients/<client>/keys",
        api.post_key,
        allow=ROLES,
        summary="Give a client of yours a public key",
        request_schema=schemas.KeyBody,
        response_schema=schemas.KeyAnswer,
        statuses=(201,),
    ),
    Route(
        "POST",
        "/clients/<client>/keys/<key>/end",
        api.end_key,
        allow=ROLES,
        summary="End a key",
        request_schema=schemas.EndBody,
        response_schema=schemas.EndAnswer,
    ),
    Route(
        "POST",
        "/delegations",
        api.post_delegation,
        allow=frozenset(("structure",)),
        summary="Name a backup that may act for you until a day",
        request_schema=schemas.DelegationBody,
        response_schema=schemas.DelegationAnswer,
        statuses=(201,),
    ),
    Route(
        "GET",
        "/delegations",
        api.list_delegations,
        allow=DELEGATING,
        summary="List who may act for you, or your partner's structures, and for whom you may act",
        query=PageQuery,
        response_schema=schemas.DelegationsAnswer,
    ),
    Route(
        "POST",
        "/delegations/<delegation>/end",
        api.end_delegation,
        allow=frozenset(("structure", "secretariat")),
        summary="End a delegation before its day",
        request_schema=schemas.EndBody,
        response_schema=schemas.DelegationAnswer,
    ),
    Route(
        "POST",
        "/entry/oauth/token",
        oauth.give_token,
        allow=PUBLIC,
        summary="Get a token with what a client can show (OAuth 2.0 client credentials)",
        request_schema=oauth_schemas.TokenForm,
        request_is_form=True,
        response_schema=oauth_schemas.TokenAnswer,
        refuses=Refusals(oauth.tell_refusal, oauth_schemas.RefusalAnswer),
        all_rows_reason="who calls is what it looks up",
        at_root=True,
    ),
    Route(
        "GET",
        "/entry/oauth/jwks.json",
        oauth.show_keys,
        allow=PUBLIC,
        summary="Show the keys with which tokens can be checked",
        response_schema=oauth_schemas.KeysAnswer,
        at_root=True,
    ),
    Route(
        "GET",
        "/.well-known/oauth-authorization-server",
        oauth.describe,
        allow=PUBLIC,
        summary="Show what can be asked for a token, and where (RFC 8414)",
        response_schema=oauth_schemas.MetadataAnswer,
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
