"""Clients with their secrets and keys, and delegations, over HTTP."""

import secrets
from typing import Any

from services.entry import operations, store
from services.entry.api.authors import author_of
from services.entry.domain.clients import ActingMayNot, Client, ClientKey, Secret
from services.entry.domain.delegations import Delegation
from services.entry.formats.secrets import RANDOM_BYTES
from shared.clock import iso
from shared.http.paging import Page
from shared.http.routes import RequestContext, Result

SHOWN_ONCE = {"Cache-Control": "no-store"}


def post_client(call: RequestContext) -> Result:
    """Make a client."""
    client = operations.make_client(call.tx, author=author_of(call), **call.body)
    return Result(_client(client), status=201)


def list_clients(call: RequestContext) -> Result:
    """List the caller's clients, the latest first; the Secretariat sees all."""
    limit = call.query["limit"]
    found = store.list_clients(call.tx, reporter=_within(call), after=call.query["after"], limit=limit + 1)
    return Result(Page.of([_client(each) for each in found], limit=limit, key=lambda item: str(item["id"])))


def end_client(call: RequestContext, client: str) -> Result:
    """End a client."""
    operations.end_client(call.tx, author=author_of(call), client=client, **call.body)
    return Result({"ended_at": iso(call.tx.now)})


def post_secret(call: RequestContext, client: str) -> Result:
    """Give a client a secret; what it is, is shown in this answer and never again."""
    secret, text = operations.make_client_secret(
        call.tx,
        author=author_of(call),
        client=client,
        within=_own(call),
        random=secrets.token_bytes(RANDOM_BYTES),
        **call.body,
    )
    facts = _secret(secret)
    return Result(
        facts | {"secret": text}, status=201, headers=SHOWN_ONCE, stored_body=facts | {"secret": None}
    )


def end_secret(call: RequestContext, client: str, secret: str) -> Result:
    """End a secret."""
    operations.end_client_secret(
        call.tx, author=author_of(call), client=client, within=_own(call), secret=secret, **call.body
    )
    return Result({"ended_at": iso(call.tx.now)})


def post_key(call: RequestContext, client: str) -> Result:
    """Give a client a key."""
    key = operations.add_client_key(
        call.tx, author=author_of(call), client=client, within=_own(call), **call.body
    )
    return Result(_key(key), status=201)


def end_key(call: RequestContext, client: str, key: str) -> Result:
    """End a key."""
    operations.end_client_key(
        call.tx, author=author_of(call), client=client, within=_own(call), kid=key, **call.body
    )
    return Result({"ended_at": iso(call.tx.now)})


def post_delegation(call: RequestContext) -> Result:
    """Name a backup."""
    _refuse_acting(call)
    given = operations.give_delegation(
        call.tx, author=author_of(call), structure=call.known_caller.reporter, **call.body
    )
    return Result(_delegation(given), status=201)


def list_delegations(call: RequestContext) -> Result:
    """List the delegations that the caller may see, the latest first."""
    limit = call.query["limit"]
    found = operations.list_delegations(
        call.tx, caller=call.known_caller, after=call.query["after"], limit=limit + 1
    )
    items = [_delegation(each) for each in found]
    return Result(Page.of(items, limit=limit, key=lambda item: str(item["id"])))


def end_delegation(call: RequestContext, delegation: str) -> Result:
    """End a delegation."""
    ended = operations.end_delegation(
        call.tx, author=author_of(call), delegation=delegation, within=_own(call), **call.body
    )
    return Result(_delegation(ended))


def _within(call: RequestContext) -> str | None:
    """Whose clients and delegations the caller may look at: its own; None: everybody's."""
    caller = call.known_caller
    return None if caller.role == "secretariat" else caller.reporter


def _own(call: RequestContext) -> str | None:
    """The same, to change something."""
    _refuse_acting(call)
    return _within(call)


def _refuse_acting(call: RequestContext) -> None:
    """Who only acts for a reporter would make itself a way in that outlasts that."""
    if call.known_caller.actor is not None:
        raise ActingMayNot


def _client(client: Client) -> dict[str, Any]:
    return {
        "id": client.id,
        "reporter": client.reporter,
        "label": client.label,
        "scopes": list(client.scopes),
        "made_at": iso(client.made_at),
        "made_by": client.made_by,
        "ended_at": client.ended_at and iso(client.ended_at),
        "secrets": [_secret(secret) for secret in client.secrets],
        "keys": [_key(key) for key in client.keys],
    }


def _secret(secret: Secret) -> dict[str, Any]:
    return {
        "id": secret.id,
        "hint": secret.hint,
        "made_at": iso(secret.made_at),
        "expires_at": iso(secret.expires_at),
        "ended_at": secret.ended_at and iso(secret.ended_at),
        "last_used_at": secret.last_used_at and iso(secret.last_used_at),
    }


def _key(key: ClientKey) -> dict[str, Any]:
    return {
        "kid": key.kid,
        "jwk": dict(key.jwk),
        "made_at": iso(key.made_at),
        "ended_at": key.ended_at and iso(key.ended_at),
        "last_used_at": key.last_used_at and iso(key.last_used_at),
    }


def _delegation(delegation: Delegation) -> dict[str, Any]:
    return {
        "id": delegation.id,
        "structure": delegation.structure,
        "to": delegation.to,
        "kind": delegation.kind,
        "given_by": delegation.given_by,
        "given_at": iso(delegation.given_at),
        "expires_on": delegation.expires_on.isoformat(),
        "reason": delegation.reason,
        "ended_at": delegation.ended_at and iso(delegation.ended_at),
    }
