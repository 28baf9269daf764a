"""Let clients in: recognise one by what it shows, and say for whom, and what for, it gets a token."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from services.entry import store
from services.entry.domain.clients import Client, ClientKey
from services.entry.domain.delegations import coordinates
from services.entry.domain.journal import Author
from services.entry.formats.secrets import hash_of, is_whole
from services.entry.operations.journal import note
from shared.database import Transaction
from shared.identity.callers import Caller
from shared.identity.client_assertions import Assertion, AssertionIsRefused, check_assertion, claimed_client
from shared.reference import STRUCTURES, ReporterIsUnknown
from shared.reference import reporter as known_reporter

UNKNOWN = "The client is not known, was ended, or did not show a live secret or key of its own."


class TokenIsNotGiven(Exception):
    """A client does not get what it asks for, in the words of RFC 6749, section 5.2."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True)
class Shown:
    """A client that was recognised, and by what."""

    client: Client
    secret: str | None = None
    kid: str | None = None
    assertion: Assertion | None = None


def recognise_secret(tx: Transaction, *, client: str, secret: str) -> Shown | None:
    """The client, if the secret is a live one of its; `TokenIsNotGiven` for one that was mistyped.

    A wrong one costs a look-up and a hash, and tells nothing: to bound how often somebody may try would help nobody
    against 256 random bits, and let strangers lock a client out.
    """
    if not is_whole(secret):
        raise TokenIsNotGiven(
            "invalid_client", "The secret was mistyped or cut off: its checksum does not fit."
        )
    known = _find(tx, client)
    if known is None:
        return None
    given = hash_of(secret)
    for each in known.live_secrets(tx.now):
        if hmac.compare_digest(each.hash, given):
            return Shown(known, secret=each.id)
    return None


def recognise_assertion(
    tx: Transaction, *, client: str | None, assertion: str, audiences: Sequence[str]
) -> Shown:
    """The client that has signed this, meant for one of the audiences, with a live key; `TokenIsNotGiven`.

    `client` is who it says it is beside, if it does.
    """
    try:
        named, kid = claimed_client(assertion)
        known = _find(tx, named)
        key = _key(known, kid) if known and client in (None, named) else None
        if known is None or key is None:
            raise TokenIsNotGiven("invalid_client", UNKNOWN)
        checked = check_assertion(assertion, client=named, jwk=key.jwk, audiences=audiences, now=tx.now)
    except AssertionIsRefused as error:
        raise TokenIsNotGiven("invalid_client", str(error)) from error
    return Shown(known, kid=key.kid, assertion=checked)


def let_in(
    tx: Transaction, *, shown: Shown, scopes: Sequence[str], act_for: str | None, address: str | None
) -> Caller:
    """Whom the client's token is to speak for, written down; `TokenIsNotGiven` for what it may not have.

    No `scopes` are all that it may have; `act_for` is the structure it would act for.
    """
    client, kept = shown.client, shown.assertion
    if kept and not store.use_assertion(tx, client.id, jti=kept.jti, ends_at=kept.ends_at):
        raise TokenIsNotGiven(
            "invalid_client", "The assertion was used before: sign a new one, with another jti."
        )
    if not set(scopes) <= set(client.scopes):
        raise TokenIsNotGiven("invalid_scope", f"The client may have the scopes: {' '.join(client.scopes)}.")
    caller = _caller(tx, client, tuple(scopes) or client.scopes, act_for)
    if shown.secret:
        store.use_client_secret(tx, client.id, shown.secret)
    if shown.kid:
        store.use_client_key(tx, client.id, shown.kid)
    note(
        tx,
        author=Author(caller.actor or caller.reporter, client.id, address),
        action="token.issued",
        reporter=caller.reporter,
        partner=caller.partner,
        detail={"client": client.id, "scopes": list(caller.scopes)},
    )
    return caller


def _find(tx: Transaction, client: str) -> Client | None:
    # What cannot be an id may be anything, also what a database does not take as a text.
    return store.find_client(tx, client) if client.isascii() and client.isprintable() else None


def _key(client: Client, kid: str | None) -> ClientKey | None:
    """The live key that is named; without a name, the only one."""
    live = client.live_keys()
    if kid is None and len(live) > 1:
        raise AssertionIsRefused("The client has two live keys: say in the header, as kid, which it is.")
    return next((key for key in live if kid in (None, key.kid)), None)


def _caller(tx: Transaction, client: Client, scopes: tuple[str, ...], act_for: str | None) -> Caller:
    try:
        own = known_reporter(client.reporter)
    except ReporterIsUnknown:
        raise TokenIsNotGiven("unauthorized_client", "The client's reporter is no longer one.") from None
    if act_for in (None, own.code):
        return Caller(own.code, own.role, own.partner, own.pillars, scopes, client.id)
    if act_for not in STRUCTURES or not (
        coordinates(own.code, act_for)
        or store.is_delegated(tx, structure=act_for, to=own.code, on=tx.now.date())
    ):
        raise TokenIsNotGiven(
            "invalid_grant",
            f"{own.code} may not act for that: it is no structure that it coordinates, and none that named it as its "
            "backup until today or later.",
        )
    structure = known_reporter(act_for)
    return Caller(
        structure.code, structure.role, structure.partner, structure.pillars, scopes, client.id, own.code
    )
