"""Bearer tokens: issued with the installation's key, checked by every service on its own."""

import math
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import jwt

from shared.identity.callers import SCOPES, Caller
from shared.identity.issuers import ALGORITHMS, KEYS_TTL_SECONDS, Issuer, IssuerIsUnavailable
from shared.identity.keys import ALGORITHM, PublicKeys, signing_key
from shared.identity.rights import ROLES

ISSUER = "iisgd"
MAX_VERIFIED = 4096
"""Checked tokens that a process remembers: a signature is checked once, not on every request."""

CLAIMS = ("exp", "sub", "role", "pillars", "scope")
MAX_REPORTER, MAX_CLIENT = 40, 100


def issue_token(
    folder: Path, caller: Caller, *, audience: str, now: datetime, lifetime: timedelta = timedelta(hours=1)
) -> str:
    """A token for the caller, signed with the installation's newest private key; `KeyIsMissing` without one."""
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
    """The request carries a bearer token that is not valid here. The reason is not given: it would help to forge one."""

    def __init__(self) -> None:
        super().__init__("The token is not valid here: not ours, not for this system, or no longer.")


class VerifiedToken(NamedTuple):
    """A token that was good: whose it is, until when it holds, and when its signature must be looked at again."""

    caller: Caller
    ends_at: float
    check_at: float


class Tokens:
    """Checks bearer tokens: our own with the public keys in the folder, the issuer's with those it publishes."""

    def __init__(self, folder: Path, *, audience: str, issuer: Issuer | None = None) -> None:
        self._audience = audience
        self._issuer = issuer
        self._keys = PublicKeys(folder)
        self._edition = 0
        self._checked: dict[str, VerifiedToken] = {}
        self._lock = threading.Lock()

    def caller(self, token: str, *, now: datetime) -> Caller:
        """Who the token speaks for; `TokenIsRefused` if it is forged, foreign or no longer valid."""
        moment = now.timestamp()
        if self._keys.edition() != self._edition:
            self._edition, self._checked = self._keys.edition(), {}
        # What is checked while keys change is remembered where nobody looks any more.
        checked = self._checked
        known = checked.get(token)
        if known is None or known.check_at <= moment:
            known = self._check(token, moment)
            with self._lock:
                if len(checked) >= MAX_VERIFIED:
                    checked.clear()
                checked[token] = known
        if known.ends_at <= moment:
            raise TokenIsRefused
        return known.caller

    def _check(self, token: str, moment: float) -> VerifiedToken:
        try:
            said = jwt.decode_complete(token, options={"verify_signature": False})
            signer = self._signer(said["payload"].get("iss"), said["header"].get("kid"))
            claims = jwt.decode(
                token,
                signer.key,
                algorithms=signer.algorithms,
                audience=self._audience,
                issuer=signer.issuer,
                # The time is checked against the service's clock, not the library's.
                options={"require": list(CLAIMS), "verify_exp": False, "verify_iat": False},
            )
            return VerifiedToken(_caller_in(claims), float(claims["exp"]), moment + signer.kept_seconds)
        except UNREADABLE as error:
            raise TokenIsRefused from error

    def _signer(self, issuer: object, kid: object) -> "VerificationKey":
        """Who a token says has signed it; KeyError or `KeysAreAway` where it can be nobody."""
        if self._issuer is not None and issuer == self._issuer.name:
            # A key that is taken back is found out when the issuer's keys are asked for again.
            return VerificationKey(self._issuer.key(kid), ALGORITHMS, self._issuer.name, KEYS_TTL_SECONDS)
        return VerificationKey(self._keys.get(str(kid)), (ALGORITHM,), ISSUER, math.inf)


class VerificationKey(NamedTuple):
    """With what a token's signature is checked, and for how long that can be relied on."""

    key: Any
    algorithms: Sequence[str]
    issuer: str
    kept_seconds: float


UNREADABLE = (
    *(jwt.PyJWTError, IssuerIsUnavailable, KeyError, TypeError, ValueError),
    # What is nested or counted beyond measure.
    *(RecursionError, OverflowError),
)
"""What comes of reading tokens that nobody of ours has written."""


def _caller_in(claims: Mapping[str, Any]) -> Caller:
    """Who the claims name; raises KeyError, TypeError or ValueError for what no token of ours says."""
    partner, pillars = claims.get("partner"), claims["pillars"]
    if claims["role"] not in ROLES or not isinstance(partner, str | None) or not isinstance(pillars, list):
        raise ValueError("these are no claims of ours")
    if not math.isfinite(claims["exp"]):
        raise ValueError("a token ends")
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
    """A text that can be written down beside what its bearer does; ValueError for anything else."""
    if not isinstance(value, str) or len(value) > most or not value.isprintable():
        raise ValueError("this is no short text")
    return value
