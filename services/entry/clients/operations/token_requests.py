"""Authenticate clients by a secret or a signed assertion, and authorise their token requests."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from services.entry.audit import operations as audit
from services.entry.clients.domain import Client, ClientKey, is_coordinator
from services.entry.clients.formats import has_valid_checksum, hash_secret
from services.entry.clients.store import clients, delegations
from shared.database import Transaction
from shared.identity.callers import Caller
from shared.identity.client_assertions import Assertion, AssertionIsRefused, check_assertion, claimed_client
from shared.reference import STRUCTURES, ReporterIsUnknown
from shared.reference import reporter as known_reporter
from shared.reference.days import reporter_day

UNKNOWN = "The client is unknown or revoked, or the secret or key is not a live one of the client."


class TokenIsDenied(Exception):
    """The token request is denied, with an error code of RFC 6749, section 5.2."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True)
class AuthenticatedClient:
    """A client that was authenticated by a secret, or by an assertion signed with a key."""

    client: Client
    secret: str | None = None
    kid: str | None = None
    assertion: Assertion | None = None


def authenticate_secret(tx: Transaction, *, client: str, secret: str) -> AuthenticatedClient | None:
    """Return the client if the secret is one of its live secrets; None otherwise.

    Raise `TokenIsDenied` for a mistyped secret. A wrong secret costs a look-up and a hash, and reveals nothing. A limit
    on attempts adds nothing against 256 random bits, and would let outsiders lock a client out.
    """
    if not has_valid_checksum(secret):
        raise TokenIsDenied(
            "invalid_client", "The secret was mistyped or cut off: its checksum does not match."
        )
    known = _find_client(tx, client)
    if known is None:
        return None
    hashed = hash_secret(secret)
    for each in known.live_secrets(tx.now):
        if hmac.compare_digest(each.hash, hashed):
            return AuthenticatedClient(known, secret=each.id)
    return None


def authenticate_assertion(
    tx: Transaction, *, client: str | None, assertion: str, audiences: Sequence[str]
) -> AuthenticatedClient:
    """Return the client that has signed the assertion for one of the audiences with a live key.

    `client` is the id that the request names in addition, if any. Raise `TokenIsDenied` for an invalid assertion.
    """
    try:
        named, kid = claimed_client(assertion)
        known = _find_client(tx, named)
        key = _find_key(known, kid) if known and client in (None, named) else None
        if known is None or key is None:
            raise TokenIsDenied("invalid_client", UNKNOWN)
        checked = check_assertion(assertion, client=named, jwk=key.jwk, audiences=audiences, now=tx.now)
    except AssertionIsRefused as error:
        raise TokenIsDenied("invalid_client", str(error)) from error
    return AuthenticatedClient(known, kid=key.kid, assertion=checked)


def authorise(
    tx: Transaction,
    *,
    authenticated: AuthenticatedClient,
    scopes: Sequence[str],
    act_for: str | None,
    address: str | None,
) -> Caller:
    """Return the caller for which the token speaks, and record it. Raise `TokenIsDenied` for excessive requests.

    Without `scopes`, the token has all scopes of the client. `act_for` is the structure that a delegate acts for.
    """
    client, assertion = authenticated.client, authenticated.assertion
    if assertion and not clients.insert_assertion(
        tx, client.id, jti=assertion.jti, ends_at=assertion.ends_at
    ):
        raise TokenIsDenied(
            "invalid_client", "The assertion was used before: sign a new one, with another jti."
        )
    if not set(scopes) <= set(client.scopes):
        raise TokenIsDenied("invalid_scope", f"The client has the scopes: {' '.join(client.scopes)}.")
    caller = _caller(tx, client, tuple(scopes) or client.scopes, act_for)
    if authenticated.secret:
        clients.touch_secret(tx, client.id, authenticated.secret)
    if authenticated.kid:
        clients.touch_key(tx, client.id, authenticated.kid)
    audit.record_action(
        tx,
        actor=audit.actor_of(caller, address=address),
        action="token.issued",
        reporter=caller.reporter,
        partner=caller.partner,
        detail={"client": client.id, "scopes": list(caller.scopes)},
    )
    return caller


def delete_expired_assertions(tx: Transaction) -> None:
    """Delete used assertions that have expired."""
    clients.delete_assertions(tx, before=tx.now)


def _find_client(tx: Transaction, client: str) -> Client | None:
    # A text that cannot be an id may contain anything, even characters that a database refuses.
    return clients.find_client(tx, client) if client.isascii() and client.isprintable() else None


def _find_key(client: Client, kid: str | None) -> ClientKey | None:
    """Return the live key with the id, or the only live key if no id is given; None without one."""
    live = client.live_keys()
    if kid is None and len(live) > 1:
        raise AssertionIsRefused("The client has two live keys: name one in the header, as kid.")
    return next((key for key in live if kid in (None, key.kid)), None)


def _caller(tx: Transaction, client: Client, scopes: tuple[str, ...], act_for: str | None) -> Caller:
    try:
        own = known_reporter(client.reporter)
    except ReporterIsUnknown:
        raise TokenIsDenied("unauthorized_client", "The client's reporter is no longer registered.") from None
    if act_for in (None, own.code):
        return Caller(own.code, own.role, own.partner, own.pillars, scopes, client.id)
    if act_for not in STRUCTURES or not (
        is_coordinator(own.code, act_for)
        or delegations.exists_delegation(tx, structure=act_for, to=own.code, on=reporter_day(act_for, tx.now))
    ):
        raise TokenIsDenied(
            "invalid_grant",
            f"{own.code} may not act for this reporter: it is not the reporter's coordinator, and has no active delegation "
            "from the reporter.",
        )
    structure = known_reporter(act_for)
    return Caller(
        structure.code, structure.role, structure.partner, structure.pillars, scopes, client.id, own.code
    )
