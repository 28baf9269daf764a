"""Who calls: bearer tokens (JWT, Ed25519), checked by every service on its own with the installation's public keys."""

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.http.problems import TokenIsRefused

Role = Literal["structure", "coordinator", "member", "analyst", "secretariat"]

ROLES: frozenset[Role] = frozenset(("structure", "coordinator", "member", "analyst", "secretariat"))
"""Everybody with a token."""

ISSUER = "iisgd"
ALGORITHM = "EdDSA"
REMEMBERED = 4096
"""Checked tokens that a process remembers: a signature is checked once, not on every request."""


@dataclass(frozen=True)
class Caller:
    """Who calls, from the credential only."""

    reporter: str
    role: str
    partner: str | None
    pillars: tuple[str, ...]


class KeyIsMissing(Exception):
    """The installation has no key to issue tokens with."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"There is no *.private.pem in {folder}; run 'iisgd migrate', which makes one.")


def make_keys(folder: Path, *, name: str) -> None:
    """Make the installation's key pair, unless it has one."""
    if list(folder.glob("*.private.pem")):
        return
    folder.mkdir(parents=True, exist_ok=True)
    key = Ed25519PrivateKey.generate()
    private = folder / f"{name}.private.pem"
    private.touch(mode=0o600)
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    (folder / f"{name}.public.pem").write_bytes(
        key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )


def issue_token(
    folder: Path, caller: Caller, *, audience: str, now: datetime, lifetime: timedelta = timedelta(hours=1)
) -> str:
    """A token for the caller, signed with the installation's newest private key; `KeyIsMissing` without one."""
    keys = sorted(folder.glob("*.private.pem"))
    if not keys:
        raise KeyIsMissing(folder)
    claims = {
        "iss": ISSUER,
        "aud": audience,
        "sub": caller.reporter,
        "role": caller.role,
        "partner": caller.partner,
        "pillars": list(caller.pillars),
        "iat": int(now.timestamp()),
        "exp": int((now + lifetime).timestamp()),
    }
    kid = keys[-1].name.removesuffix(".private.pem")
    return jwt.encode(claims, keys[-1].read_bytes(), algorithm=ALGORITHM, headers={"kid": kid})


class Tokens:
    """Checks bearer tokens."""

    def __init__(self, folder: Path, *, audience: str) -> None:
        self._folder = folder
        self._audience = audience
        self._keys: dict[str, Ed25519PublicKey] = {}
        self._checked: dict[str, tuple[Caller, float]] = {}
        self._lock = threading.Lock()

    def caller(self, token: str, *, now: datetime) -> Caller:
        """Who the token speaks for; `TokenIsRefused` if it is forged, foreign or no longer valid."""
        known = self._checked.get(token)
        if known is None:
            known = self._check(token)
            with self._lock:
                if len(self._checked) >= REMEMBERED:
                    self._checked.clear()
                self._checked[token] = known
        caller, expires_at = known
        if expires_at <= now.timestamp():
            raise TokenIsRefused
        return caller

    def _check(self, token: str) -> tuple[Caller, float]:
        try:
            key = self._key(str(jwt.get_unverified_header(token).get("kid")))
            claims = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=self._audience,
                issuer=ISSUER,
                # The time is checked against the service's clock, not the library's.
                options={
                    "require": ["exp", "sub", "role", "pillars"],
                    "verify_exp": False,
                    "verify_iat": False,
                },
            )
            return _caller_in(claims), float(claims["exp"])
        except (jwt.InvalidTokenError, KeyError, TypeError, ValueError) as error:
            raise TokenIsRefused from error

    def _key(self, kid: str) -> Ed25519PublicKey:
        if kid not in self._keys:
            self._keys = {
                path.name.removesuffix(".public.pem"): _public_key(path) for path in self._public_files()
            }
        return self._keys[kid]

    def _public_files(self) -> Sequence[Path]:
        return sorted(self._folder.glob("*.public.pem"))


def _caller_in(claims: dict[str, Any]) -> Caller:
    """Who the claims name; raises TypeError or ValueError for what no token of ours says."""
    partner, pillars = claims.get("partner"), claims["pillars"]
    if claims["role"] not in ROLES or not isinstance(partner, str | None) or not isinstance(pillars, list):
        raise ValueError("these are no claims of ours")
    if not math.isfinite(claims["exp"]):
        raise ValueError("a token ends")
    return Caller(
        reporter=str(claims["sub"]), role=claims["role"], partner=partner, pillars=tuple(map(str, pillars))
    )


def _public_key(path: Path) -> Ed25519PublicKey:
    key = serialization.load_pem_public_key(path.read_bytes())
    if not isinstance(key, Ed25519PublicKey):
        raise TypeError(f"{path} is not an Ed25519 key")
    return key
