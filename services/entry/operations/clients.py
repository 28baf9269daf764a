"""Make clients for reporters, give them secrets and keys, two of each while they change from one to the next, and end them."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from services.entry import store
from services.entry.domain.clients import (
    LONGEST_SECRET_DAYS,
    MOST_LIVE,
    Client,
    ClientIsEnded,
    ClientKey,
    EndedAlready,
    EnoughAreLive,
    KeyIsKnown,
    Secret,
)
from services.entry.domain.journal import Author
from services.entry.domain.markings import check_unclassified
from services.entry.formats.secrets import hash_of, hint_of, secret_of
from services.entry.operations.journal import note
from shared.database import Transaction
from shared.errors import FieldError, NotFound, Unprocessable
from shared.ids import new_id
from shared.reference import ReporterIsUnknown
from shared.reference import reporter as known_reporter


def make_client(
    tx: Transaction, *, author: Author, reporter: str, label: str, scopes: Sequence[str]
) -> Client:
    """Make a client for a reporter. It gets in once it has a secret or a key."""
    check_unclassified(label, at="/label")
    try:
        known_reporter(reporter)
    except ReporterIsUnknown as error:
        raise Unprocessable([FieldError("/reporter", str(error), "the code of a reporter")]) from None
    client = Client(
        id=new_id(),
        reporter=reporter,
        label=label,
        scopes=tuple(scopes),
        made_at=tx.now,
        made_by=author.actor,
    )
    store.add_client(tx, client)
    _note(tx, author, "client.made", client, label=label, scopes=list(scopes))
    return client


def end_client(tx: Transaction, *, author: Author, client: str, reason: str) -> None:
    """End a client with all its secrets and keys; the tokens that it has end within minutes."""
    check_unclassified(reason, at="/reason")
    known = _changeable(tx, client, within=None)
    store.end_client(tx, known.id)
    _note(tx, author, "client.ended", known, reason=reason)


def make_client_secret(
    tx: Transaction, *, author: Author, client: str, within: str | None, random: bytes, days: int
) -> tuple[Secret, str]:
    """Give a client a secret made of random bytes; with it comes what it is, which is nowhere kept.

    `within` names the reporter whose clients the author may change; None: everybody's.
    """
    if not 1 <= days <= LONGEST_SECRET_DAYS:
        raise Unprocessable([FieldError("/days", f"A secret is good for 1 to {LONGEST_SECRET_DAYS} days.")])
    known = _changeable(tx, client, within=within)
    live = known.live_secrets(tx.now)
    if len(live) >= MOST_LIVE:
        raise EnoughAreLive("secret", [f"...{secret.hint}" for secret in live])
    text = secret_of(random)
    secret = Secret(
        id=new_id(),
        hash=hash_of(text),
        hint=hint_of(text),
        made_at=tx.now,
        expires_at=tx.now + timedelta(days=days),
    )
    store.add_client_secret(tx, known.id, secret)
    _note(tx, author, "secret.made", known, secret=secret.id, hint=secret.hint)
    return secret, text


def end_client_secret(
    tx: Transaction, *, author: Author, client: str, within: str | None, secret: str, reason: str
) -> None:
    """End a secret: nobody gets a token with it any more."""
    check_unclassified(reason, at="/reason")
    known = _changeable(tx, client, within=within)
    found = next((each for each in known.secrets if each.id == secret), None)
    if found is None:
        raise NotFound("secret")
    if found.ended_at is not None:
        raise EndedAlready("secret")
    store.end_client_secret(tx, known.id, secret)
    _note(tx, author, "secret.ended", known, secret=secret, hint=found.hint, reason=reason)


def add_client_key(
    tx: Transaction, *, author: Author, client: str, within: str | None, jwk: Mapping[str, str]
) -> ClientKey:
    """Let a client in that signs with the private key to this public one (`shared.http.auth.public_jwk`)."""
    known = _changeable(tx, client, within=within)
    if any(each.kid == jwk["kid"] for each in known.keys):
        raise KeyIsKnown(jwk["kid"])
    live = known.live_keys()
    if len(live) >= MOST_LIVE:
        raise EnoughAreLive("key", [each.kid for each in live])
    key = ClientKey(kid=jwk["kid"], jwk=jwk, made_at=tx.now)
    store.add_client_key(tx, known.id, key)
    _note(tx, author, "key.made", known, kid=key.kid)
    return key


def end_client_key(
    tx: Transaction, *, author: Author, client: str, within: str | None, kid: str, reason: str
) -> None:
    """End a key: what it signs is refused."""
    check_unclassified(reason, at="/reason")
    known = _changeable(tx, client, within=within)
    found = next((each for each in known.keys if each.kid == kid), None)
    if found is None:
        raise NotFound("key")
    if found.ended_at is not None:
        raise EndedAlready("key")
    store.end_client_key(tx, known.id, kid)
    _note(tx, author, "key.ended", known, kid=kid, reason=reason)


def _changeable(tx: Transaction, client: str, *, within: str | None) -> Client:
    """The client, which nobody else changes now; a foreign one is as one that does not exist (`NotFound`)."""
    known = store.find_client_to_change(tx, client)
    if known is None or within not in (None, known.reporter):
        raise NotFound("client")
    if known.ended_at is not None:
        raise ClientIsEnded
    return known


def _note(tx: Transaction, author: Author, action: str, client: Client, **detail: Any) -> None:
    note(
        tx,
        author=author,
        action=action,
        reporter=client.reporter,
        partner=_partner_of(client.reporter),
        detail={"client": client.id, **detail},
    )


def _partner_of(reporter: str) -> str | None:
    """The partner of a reporter, also of one that has left meanwhile."""
    try:
        return known_reporter(reporter).partner
    except ReporterIsUnknown:
        return None
