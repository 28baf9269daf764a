"""Clients with their secrets and keys, and delegations, over HTTP."""

import secrets
from typing import Any

from services.entry.audit import operations as audit
from services.entry.clients.domain import ActingMayNot, Client, ClientKey, Delegation, Secret
from services.entry.clients.formats import RANDOM_BYTES
from services.entry.clients.operations import clients, delegations
from services.entry.clients.store import clients as store_clients
from shared.clock import iso
from shared.http import Answer, Call, Page

SHOWN_ONCE = {"Cache-Control": "no-store"}


def post_client(call: Call) -> Answer:
    """Make a client."""
    client = clients.make_client(
        call.tx, author=audit.author_of(call.known_caller, address=call.address), **call.body
    )
    return Answer(_client(client), status=201)


def list_clients(call: Call) -> Answer:
    """List the caller's clients, the latest first; the Secretariat sees all."""
    limit = call.query["limit"]
    found = store_clients.list_clients(
        call.tx, reporter=_within(call), after=call.query["after"], limit=limit + 1
    )
    return Answer(Page.of([_client(each) for each in found], limit=limit, key=lambda item: str(item["id"])))


def end_client(call: Call, client: str) -> Answer:
    """End a client."""
    clients.end_client(
        call.tx, author=audit.author_of(call.known_caller, address=call.address), client=client, **call.body
    )
    return Answer({"ended_at": iso(call.tx.now)})


def post_secret(call: Call, client: str) -> Answer:
    """Give a client a secret; what it is, is shown in this answer and never again."""
    secret, text = clients.make_client_secret(
        call.tx,
        author=audit.author_of(call.known_caller, address=call.address),
        client=client,
        within=_own(call),
        random=secrets.token_bytes(RANDOM_BYTES),
        **call.body,
    )
    facts = _secret(secret)
    return Answer(facts | {"secret": text}, status=201, headers=SHOWN_ONCE, kept=facts | {"secret": None})


def end_secret(call: Call, client: str, secret: str) -> Answer:
    """End a secret."""
    clients.end_client_secret(
        call.tx,
        author=audit.author_of(call.known_caller, address=call.address),
        client=client,
        within=_own(call),
        secret=secret,
        **call.body,
    )
    return Answer({"ended_at": iso(call.tx.now)})


def post_key(call: Call, client: str) -> Answer:
    """Give a client a key."""
    key = clients.add_client_key(
        call.tx,
        author=audit.author_of(call.known_caller, address=call.address),
        client=client,
        within=_own(call),
        **call.body,
    )
    return Answer(_key(key), status=201)


def end_key(call: Call, client: str, key: str) -> Answer:
    """End a key."""
    clients.end_client_key(
        call.tx,
        author=audit.author_of(call.known_caller, address=call.address),
        client=client,
        within=_own(call),
        kid=key,
        **call.body,
    )
    return Answer({"ended_at": iso(call.tx.now)})


def post_delegation(call: Call) -> Answer:
    """Name a backup."""
    _refuse_acting(call)
    given = delegations.give_delegation(
        call.tx,
        author=audit.author_of(call.known_caller, address=call.address),
        structure=call.known_caller.reporter,
        **call.body,
    )
    return Answer(_delegation(given), status=201)


def list_delegations(call: Call) -> Answer:
    """List the delegations that the caller may see, the latest first."""
    limit = call.query["limit"]
    found = delegations.list_delegations(
        call.tx, caller=call.known_caller, after=call.query["after"], limit=limit + 1
    )
    items = [_delegation(each) for each in found]
    return Answer(Page.of(items, limit=limit, key=lambda item: str(item["id"])))


def end_delegation(call: Call, delegation: str) -> Answer:
    """End a delegation."""
    ended = delegations.end_delegation(
        call.tx,
        author=audit.author_of(call.known_caller, address=call.address),
        delegation=delegation,
        within=_own(call),
        **call.body,
    )
    return Answer(_delegation(ended))


def _within(call: Call) -> str | None:
    """Whose clients and delegations the caller may look at: its own; None: everybody's."""
    caller = call.known_caller
    return None if caller.role == "secretariat" else caller.reporter


def _own(call: Call) -> str | None:
    """The same, to change something."""
    _refuse_acting(call)
    return _within(call)


def _refuse_acting(call: Call) -> None:
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
