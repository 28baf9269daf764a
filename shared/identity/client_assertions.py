"""Client assertions (RFC 7523, `private_key_jwt`), and the public keys with which clients register."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from shared.i18n import Text
from shared.identity.claims import LEEWAY, not_before

MIN_RSA_BITS, MAX_RSA_BITS = 2048, 8192
"""The sizes of RSA keys. Longer keys take too long to verify."""

MAX_KID, MAX_JTI, MAX_JWK = 100, 100, 5_000

MAX_LIFETIME = timedelta(minutes=5)

PRIVATE_MEMBERS = frozenset(("d", "p", "q", "dp", "dq", "qi", "k"))
PRIVATE = "This is a private key, which only its owner may know: create a new pair"

UNREADABLE = (jwt.PyJWTError, KeyError, TypeError, ValueError, AttributeError, RecursionError, OverflowError)
"""The errors of reading untrusted keys and assertions."""


class KeyIsUnusable(Exception):
    """The public key cannot be used."""

    def __init__(self, why: str) -> None:
        super().__init__(
            Text(
                "{why}. Give a public key: Ed25519, EC on P-256, or RSA of {least} to {most} bits.",
                why=why,
                least=MIN_RSA_BITS,
                most=MAX_RSA_BITS,
            )
        )


class AssertionIsRefused(Exception):
    """A client's assertion does not authenticate it."""


@dataclass(frozen=True)
class Assertion:
    """A verified assertion, which is valid once."""

    jti: str
    ends_at: datetime
    """The time after which it is expired, so that its jti need not be stored."""


def public_jwk(given: str | Mapping[str, Any]) -> dict[str, str]:
    """Convert a public key, PEM or JWK, to a minimal JWK; raise `KeyIsUnusable`.

    Its `kid` is that of the given JWK, or else its thumbprint (RFC 7638).
    """
    try:
        if isinstance(given, str) and given.lstrip().startswith("{"):
            given = json.loads(given)
        name, key = _pem(given) if isinstance(given, str) else _jwk(given)
    except UNREADABLE as error:
        raise KeyIsUnusable("The key cannot be read") from error
    members = _members(key)
    if not isinstance(name, str | None) or name == "" or not _is_name(name or "-", MAX_KID):
        raise KeyIsUnusable(f"Its kid is not a text of 1 to {MAX_KID} characters")
    return members | {"kid": name or _thumbprint(members), "use": "sig"}


def _pem(text: str) -> tuple[Any, object]:
    if "PRIVATE KEY" in text:
        raise KeyIsUnusable(PRIVATE)
    return None, serialization.load_pem_public_key(text.encode())


def _jwk(members: Mapping[str, Any]) -> tuple[Any, object]:
    if PRIVATE_MEMBERS & members.keys():
        raise KeyIsUnusable(PRIVATE)
    if len(json.dumps(members)) > MAX_JWK:
        raise KeyIsUnusable("The key is too long")
    return members.get("kid"), jwt.PyJWK(dict(members)).key


def claimed_client(assertion: str) -> tuple[str, str | None]:
    """Return the client and the key that an assertion claims; nothing is verified yet."""
    try:
        said = jwt.decode_complete(assertion, options={"verify_signature": False})
    except UNREADABLE as error:
        raise AssertionIsRefused("The assertion is not a JWT.") from error
    client, kid = said["payload"].get("sub"), said["header"].get("kid")
    if not isinstance(client, str) or not isinstance(kid, str | None):
        raise AssertionIsRefused("The assertion needs the client as sub.")
    return client, kid


def check_assertion(
    assertion: str, *, client: str, jwk: Mapping[str, str], audiences: Sequence[str], now: datetime
) -> Assertion:
    """Verify an assertion with a client's key; raise `AssertionIsRefused` with the reason."""
    key = jwt.PyJWK(dict(jwk))
    try:
        claims = jwt.decode(
            assertion,
            key,
            algorithms=[key.algorithm_name],
            audience=list(audiences),
            issuer=client,
            subject=client,
            # The time is checked against the service's clock, not the library's.
            options={
                "require": ["iss", "sub", "aud", "exp", "jti"],
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except jwt.InvalidSignatureError as error:
        raise AssertionIsRefused("The assertion is not signed with a live key of the client.") from error
    except UNREADABLE as error:
        raise AssertionIsRefused(
            f"The assertion needs iss and sub ({client}), aud ({audiences[0]}), exp and jti."
        ) from error
    _check_start(claims, now)
    return Assertion(_jti(claims["jti"]), _end(claims["exp"], now))


def _jti(jti: object) -> str:
    if not isinstance(jti, str) or not _is_name(jti, MAX_JTI):
        raise AssertionIsRefused(f"The jti of the assertion must be a text of 1 to {MAX_JTI} characters.")
    return jti


def _check_start(claims: Mapping[str, Any], now: datetime) -> None:
    try:
        begins_at = not_before(claims)
    except UNREADABLE:
        raise AssertionIsRefused(Text("The nbf of the assertion is not a time.")) from None
    if begins_at > (now + LEEWAY).timestamp():
        raise AssertionIsRefused(
            Text("The assertion is not valid yet: its nbf is in the future. Check your clock.")
        )


def _end(exp: Any, now: datetime) -> datetime:
    try:
        ends_at = datetime.fromtimestamp(exp, UTC) + LEEWAY
    except (TypeError, ValueError, OverflowError, OSError):
        raise AssertionIsRefused("The exp of the assertion is not a time.") from None
    if ends_at <= now:
        raise AssertionIsRefused("The assertion has expired.")
    if ends_at > now + MAX_LIFETIME + 2 * LEEWAY:
        raise AssertionIsRefused(
            f"The assertion is valid for too long: at most {MAX_LIFETIME.seconds // 60} minutes from now."
        )
    return ends_at


def _members(key: object) -> dict[str, str]:
    """Return the members of a key's JWK, with its algorithm."""
    if isinstance(key, Ed25519PublicKey):
        algorithm, members = "EdDSA", OKPAlgorithm.to_jwk(key, as_dict=True)
    elif isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        algorithm, members = "ES256", ECAlgorithm.to_jwk(key, as_dict=True)
    elif isinstance(key, RSAPublicKey) and MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
        algorithm, members = "RS256", RSAAlgorithm.to_jwk(key, as_dict=True)
    else:
        raise KeyIsUnusable("The key has another type or length")
    return {name: members[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in members} | {
        "alg": algorithm
    }


def _is_name(text: str, longest: int) -> bool:
    return text.isprintable() and 1 <= len(text) <= longest


def _thumbprint(members: Mapping[str, str]) -> str:
    needed = {name: value for name, value in sorted(members.items()) if name != "alg"}
    digest = hashlib.sha256(json.dumps(needed, separators=(",", ":")).encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
