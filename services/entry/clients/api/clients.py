"""Clients with their secrets and keys, and delegations, over HTTP."""

import secrets
from typing import Any

from services.entry.audit import operations as audit
from services.entry.clients.domain import Client, ClientKey, Delegation, Secret
from services.entry.clients.formats import RANDOM_BYTES
from services.entry.clients.operations import clients, delegations
from shared.clock import iso
from shared.http.paging import Page
from shared.http.routes import RequestContext, Result

SHOWN_ONCE = {"Cache-Control": "no-store"}


def post_client(call: RequestContext) -> Result:
    """Create a client."""
    actor = audit.actor_of(call.known_caller, address=call.address)
    client = clients.create_client(call.tx, actor=actor, **call.body)
    return Result(_client(client), status=201)


def list_clients(call: RequestContext) -> Result:
    """List the caller's clients, the latest first."""
    limit = call.query["limit"]
    found = clients.list_clients(
        call.tx, caller=call.known_caller, after=call.query["after"], limit=limit + 1
    )
    return Result(Page.of([_client(each) for each in found], limit=limit, key=lambda item: str(item["id"])))


def revoke_client(call: RequestContext, client: str) -> Result:
    """Revoke a client."""
    actor = audit.actor_of(call.known_caller, address=call.address)
    clients.revoke_client(call.tx, actor=actor, client=client, **call.body)
    return Result({"ended_at": iso(call.tx.now)})


def post_secret(call: RequestContext, client: str) -> Result:
    """Create a secret. Only this response shows its text."""
    secret, text = clients.create_secret(
        call.tx, client=client, random=secrets.token_bytes(RANDOM_BYTES), **_identity(call), **call.body
    )
    facts = _secret(secret)
    return Result(
        facts | {"secret": text}, status=201, headers=SHOWN_ONCE, stored_body=facts | {"secret": None}
    )


def revoke_secret(call: RequestContext, client: str, secret: str) -> Result:
    """Revoke a secret."""
    clients.revoke_secret(call.tx, client=client, secret=secret, **_identity(call), **call.body)
    return Result({"ended_at": iso(call.tx.now)})


def post_key(call: RequestContext, client: str) -> Result:
    """Add a public key to a client."""
    key = clients.create_key(call.tx, client=client, **_identity(call), **call.body)
    return Result(_key(key), status=201)


def revoke_key(call: RequestContext, client: str, key: str) -> Result:
    """Revoke a key."""
    clients.revoke_key(call.tx, client=client, kid=key, **_identity(call), **call.body)
    return Result({"ended_at": iso(call.tx.now)})


def post_delegation(call: RequestContext) -> Result:
    """Grant a delegation."""
    granted = delegations.grant_delegation(
        call.tx, structure=call.known_caller.reporter, **_identity(call), **call.body
    )
    return Result(_delegation(granted), status=201)


def list_delegations(call: RequestContext) -> Result:
    """List the delegations visible to the caller, the latest first."""
    limit = call.query["limit"]
    found = delegations.list_delegations(
        call.tx, caller=call.known_caller, after=call.query["after"], limit=limit + 1
    )
    items = [_delegation(each) for each in found]
    return Result(Page.of(items, limit=limit, key=lambda item: str(item["id"])))


def revoke_delegation(call: RequestContext, delegation: str) -> Result:
    """Revoke a delegation."""
    revoked = delegations.revoke_delegation(call.tx, delegation=delegation, **_identity(call), **call.body)
    return Result(_delegation(revoked))


def _identity(call: RequestContext) -> dict[str, Any]:
    caller = call.known_caller
    return {"caller": caller, "actor": audit.actor_of(caller, address=call.address)}


def _client(client: Client) -> dict[str, Any]:
    return vars(client) | {
        "made_at": iso(client.made_at),
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
    return vars(key) | {
        "made_at": iso(key.made_at),
        "ended_at": key.ended_at and iso(key.ended_at),
        "last_used_at": key.last_used_at and iso(key.last_used_at),
    }


def _delegation(delegation: Delegation) -> dict[str, Any]:
    return vars(delegation) | {
        "given_at": iso(delegation.given_at),
        "expires_on": delegation.expires_on.isoformat(),
        "ended_at": delegation.ended_at and iso(delegation.ended_at),
    }
