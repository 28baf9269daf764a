"""Create and revoke clients of reporters, with their secrets and keys: two of each while a client changes over."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from services.entry.audit import operations as audit
from services.entry.audit.domain import Actor
from services.entry.clients.domain import (
    MAX_LIVE,
    MAX_SECRET_DAYS,
    Client,
    ClientIsRevoked,
    ClientKey,
    DelegateIsForbidden,
    IsRevoked,
    KeyIsKnown,
    Secret,
    TooManyAreLive,
)
from services.entry.clients.formats import encode_secret, hash_secret, secret_hint
from services.entry.clients.store import clients
from shared.database import Transaction
from shared.errors import FieldError, NotFound, Unprocessable
from shared.i18n import Text
from shared.identity.callers import Caller
from shared.identity.rights import SECRETARIAT_ONLY
from shared.ids import new_id
from shared.reference import ReporterIsUnknown
from shared.reference import reporter as known_reporter
from shared.reference.markings import check_unclassified

_Found = TypeVar("_Found", Secret, ClientKey)


def create_client(
    tx: Transaction, *, actor: Actor, reporter: str, label: str, scopes: Sequence[str]
) -> Client:
    """Create a client of a reporter. It gets tokens once it has a secret or a key."""
    check_unclassified(label, at="/label")
    try:
        known_reporter(reporter)
    except ReporterIsUnknown as error:
        raise Unprocessable(
            [FieldError("/reporter", error.args[0], Text("the code of a reporter"))]
        ) from None
    client = Client(
        id=new_id(),
        reporter=reporter,
        label=label,
        scopes=tuple(scopes),
        made_at=tx.now,
        made_by=actor.code,
    )
    clients.insert_client(tx, client)
    _record(tx, actor, "client.made", client, label=label, scopes=list(scopes))
    return client


def list_clients(tx: Transaction, *, caller: Caller, after: str | None, limit: int) -> list[Client]:
    """List the caller's clients, the latest first. The Secretariat sees all clients."""
    return clients.list_clients(tx, reporter=_visible_to(caller), after=after, limit=limit)


def revoke_client(tx: Transaction, *, actor: Actor, client: str, reason: str) -> None:
    """Revoke a client with all its secrets and keys. Its tokens expire within minutes."""
    known = _lock_client(tx, client, None, reason=reason)
    clients.update_client_revoked(tx, known.id)
    _record(tx, actor, "client.ended", known, reason=reason)


def create_secret(
    tx: Transaction, *, caller: Caller | None, actor: Actor, client: str, random: bytes, days: int
) -> tuple[Secret, str]:
    """Create a secret of random bytes. Return it with its text, which is not stored.

    `caller` is None for the operator, who may change every client.
    """
    if not 1 <= days <= MAX_SECRET_DAYS:
        raise Unprocessable(
            [
                FieldError(
                    "/days",
                    Text("A secret is valid for 1 to {most} days.", most=MAX_SECRET_DAYS),
                )
            ]
        )
    known = _lock_client(tx, client, caller)
    live = known.live_secrets(tx.now)
    if len(live) >= MAX_LIVE:
        raise TooManyAreLive("secret", [f"...{secret.hint}" for secret in live])
    text = encode_secret(random)
    secret = Secret(
        id=new_id(),
        hash=hash_secret(text),
        hint=secret_hint(text),
        made_at=tx.now,
        expires_at=tx.now + timedelta(days=days),
    )
    clients.insert_secret(tx, known.id, secret)
    _record(tx, actor, "secret.made", known, secret=secret.id, hint=secret.hint)
    return secret, text


def revoke_secret(
    tx: Transaction, *, caller: Caller | None, actor: Actor, client: str, secret: str, reason: str
) -> None:
    """Revoke a secret: it gets no more tokens. `caller` is None for the operator."""
    known = _lock_client(tx, client, caller, reason=reason)
    found = _get_unrevoked(next((each for each in known.secrets if each.id == secret), None), "secret")
    clients.update_secret_revoked(tx, known.id, secret)
    _record(tx, actor, "secret.ended", known, secret=secret, hint=found.hint, reason=reason)


def create_key(
    tx: Transaction, *, caller: Caller | None, actor: Actor, client: str, jwk: Mapping[str, str]
) -> ClientKey:
    """Add a public key (`shared.identity.client_assertions.public_jwk`) to a client, which signs with the private one.

    `caller` is None for the operator.
    """
    known = _lock_client(tx, client, caller)
    if any(each.kid == jwk["kid"] for each in known.keys):
        raise KeyIsKnown(jwk["kid"])
    live = known.live_keys()
    if len(live) >= MAX_LIVE:
        raise TooManyAreLive("key", [each.kid for each in live])
    key = ClientKey(kid=jwk["kid"], jwk=jwk, made_at=tx.now)
    clients.insert_key(tx, known.id, key)
    _record(tx, actor, "key.made", known, kid=key.kid)
    return key


def revoke_key(
    tx: Transaction, *, caller: Caller | None, actor: Actor, client: str, kid: str, reason: str
) -> None:
    """Revoke a key: assertions that it signs are refused. `caller` is None for the operator."""
    known = _lock_client(tx, client, caller, reason=reason)
    _get_unrevoked(next((each for each in known.keys if each.kid == kid), None), "key")
    clients.update_key_revoked(tx, known.id, kid)
    _record(tx, actor, "key.ended", known, kid=kid, reason=reason)


def reporter_to_change(caller: Caller | None) -> str | None:
    """Return the reporter whose clients and delegations the caller may change; None for everyone's.

    Raise `DelegateIsForbidden` for a delegate: its client, secret or key would outlast the delegation. `caller` is None
    for the operator.
    """
    if caller is None:
        return None
    if caller.actor is not None:
        raise DelegateIsForbidden
    return _visible_to(caller)


def _visible_to(caller: Caller) -> str | None:
    # Analysts read all rows of other tables, but only their own clients.
    return None if caller.role in SECRETARIAT_ONLY else caller.reporter


def _lock_client(tx: Transaction, client: str, caller: Caller | None, *, reason: str = "") -> Client:
    """Return the client, locked against other changes. `caller` is None for the operator.

    Raise `DelegateIsForbidden`, `TextIsClassified`, `NotFound` for another reporter's client, or `ClientIsRevoked`.
    """
    within = reporter_to_change(caller)
    check_unclassified(reason, at="/reason")
    known = clients.lock_client(tx, client)
    if known is None or within not in (None, known.reporter):
        raise NotFound("client")
    if known.ended_at is not None:
        raise ClientIsRevoked
    return known


def _get_unrevoked(found: _Found | None, what: str) -> _Found:
    if found is None:
        raise NotFound(what)
    if found.ended_at is not None:
        raise IsRevoked(what)
    return found


def _record(tx: Transaction, actor: Actor, action: str, client: Client, **detail: Any) -> None:
    audit.record_action(
        tx,
        actor=actor,
        action=action,
        reporter=client.reporter,
        partner=_partner_of(client.reporter),
        detail={"client": client.id, **detail},
    )


def _partner_of(reporter: str) -> str | None:
    """Return the partner of a reporter; None for a reporter that has left."""
    try:
        return known_reporter(reporter).partner
    except ReporterIsUnknown:
        return None
