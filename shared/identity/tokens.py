"""Bearer tokens (JWT): issued with the installation's key, verified by every service itself."""

import math
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import jwt

from shared.i18n import Text
from shared.identity.callers import SCOPES, Caller
from shared.identity.claims import LEEWAY, not_before
from shared.identity.issuers import ALGORITHMS, KEYS_TTL_SECONDS, Issuer, IssuerIsUnavailable
from shared.identity.keys import ALGORITHM, PublicKeys, signing_key
from shared.identity.rights import ROLES

ISSUER = "iisgd"
MAX_VERIFIED = 4096
"""The maximum number of verified tokens in memory: a signature is verified once, not on every request."""

CLAIMS = ("exp", "sub", "role", "pillars", "scope")
MAX_REPORTER, MAX_CLIENT = 40, 100


def issue_token(
    folder: Path, caller: Caller, *, audience: str, now: datetime, lifetime: timedelta = timedelta(hours=1)
) -> str:
    """Issue a token for a caller, signed with the newest private key; raise `KeyIsMissing` without one."""
    name, key = signing_key(folder)
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "aud": audience,
        "sub": caller.reporter,
        "role": caller.role,
        "partner": caller.partner,
        "pillars": list(caller.pillars),
        "scope": " ".join(caller.scopes),
        "iat": int(now.timestamp()),
        "exp": int((now + lifetime).timestamp()),
    }
    if caller.client is not None:
        claims["client_id"] = caller.client
    if caller.actor is not None:
        claims["act"] = {"sub": caller.actor}
    return jwt.encode(claims, key, algorithm=ALGORITHM, headers={"kid": name})


class TokenIsRefused(Exception):
    """The request carries an invalid bearer token. The message does not say why, since that would help to forge one."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "The token is not valid here: another system issued it, it is for another system, or it has expired."
            )
        )


class VerifiedToken(NamedTuple):
    """A verified token: its caller, its expiry, and when its signature must be verified again."""

    caller: Caller
    expires_at: float
    verify_at: float


class Tokens:
    """A verifier of bearer tokens: our own with the public keys in a folder, another issuer's with its published keys."""

    def __init__(self, folder: Path, *, audience: str, issuer: Issuer | None = None) -> None:
        self._audience = audience
        self._issuer = issuer
        self._keys = PublicKeys(folder)
        self._version = 0
        self._verified: dict[str, VerifiedToken] = {}
        self._lock = threading.Lock()

    def caller(self, token: str, *, now: datetime) -> Caller:
        """Return the caller that a token names; raise `TokenIsRefused` if it is forged, foreign or expired."""
        moment = now.timestamp()
        if self._keys.version() != self._version:
            self._version, self._verified = self._keys.version(), {}
        # A token verified while the keys change is stored in the discarded dictionary.
        verified = self._verified
        known = verified.get(token)
        if known is None or known.verify_at <= moment:
            known = self._verify(token, moment)
            with self._lock:
                if len(verified) >= MAX_VERIFIED:
                    verified.clear()
                verified[token] = known
        if known.expires_at <= moment:
            raise TokenIsRefused
        return known.caller

    def _verify(self, token: str, moment: float) -> VerifiedToken:
        try:
            said = jwt.decode_complete(token, options={"verify_signature": False})
            key = self._key_of(said["payload"].get("iss"), said["header"].get("kid"))
            claims = jwt.decode(
                token,
                key.key,
                algorithms=key.algorithms,
                audience=self._audience,
                issuer=key.issuer,
                # The time is verified against the service's clock, not the library's.
                options={
                    "require": list(CLAIMS),
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
            if not_before(claims) > moment + LEEWAY.total_seconds():
                raise TokenIsRefused
            return VerifiedToken(_caller_in(claims), float(claims["exp"]), moment + key.ttl_seconds)
        except UNREADABLE as error:
            raise TokenIsRefused from error

    def _key_of(self, issuer: object, kid: object) -> "VerificationKey":
        """Return the key that a token claims to be signed with; raise KeyError or `IssuerIsUnavailable`."""
        if self._issuer is not None and issuer == self._issuer.name:
            # A withdrawn key is noticed when the issuer's keys are fetched again.
            return VerificationKey(self._issuer.key(kid), ALGORITHMS, self._issuer.name, KEYS_TTL_SECONDS)
        return VerificationKey(self._keys.get(str(kid)), (ALGORITHM,), ISSUER, math.inf)


class VerificationKey(NamedTuple):
    """The key that verifies a token's signature, and how long the result is valid."""

    key: Any
    algorithms: Sequence[str]
    issuer: str
    ttl_seconds: float


UNREADABLE = (
    *(jwt.PyJWTError, IssuerIsUnavailable, KeyError, TypeError, ValueError),
    # Raised for extreme nesting and numbers.
    *(RecursionError, OverflowError),
)
"""The errors of reading a token that this installation did not issue."""


def _caller_in(claims: Mapping[str, Any]) -> Caller:
    """Return the caller that claims name; raise KeyError, TypeError or ValueError for invalid claims."""
    partner, pillars = claims.get("partner"), claims["pillars"]
    if claims["role"] not in ROLES or not isinstance(partner, str | None) or not isinstance(pillars, list):
        raise ValueError("the claims are invalid")
    if not math.isfinite(claims["exp"]):
        raise ValueError("a token must expire")
    scopes = _text(claims["scope"]).split()
    return Caller(
        reporter=_text(claims["sub"], most=MAX_REPORTER),
        role=claims["role"],
        partner=partner,
        pillars=tuple(map(str, pillars)),
        scopes=tuple(scope for scope in SCOPES if scope in scopes),
        client=_text(claims["client_id"], most=MAX_CLIENT) if "client_id" in claims else None,
        actor=_text(claims["act"]["sub"], most=MAX_REPORTER) if "act" in claims else None,
    )


def _text(value: object, *, most: int = 1000) -> str:
    """Return a short printable text, which can be logged and stored; raise ValueError otherwise."""
    if not isinstance(value, str) or len(value) > most or not value.isprintable():
        raise ValueError("the text is invalid")
    return value
