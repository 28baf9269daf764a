"""Statements signed by the installation: compact JWS (RFC 7515), which anyone can verify with its public keys.

A statement is no token: it has a type of its own, and no audience.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.utils import base64url_encode

from shared.identity.keys import ALGORITHM, any_public_key, signing_key

KEY_TTL_SECONDS = 60.0


class SignatureIsWrong(Exception):
    """A statement was not signed with a key of this installation, or was changed afterwards."""

    def __init__(self, why: str) -> None:
        super().__init__(f"The statement was not signed by this installation: {why}.")
        self.why = why


class Signer:
    """A signer of statements of one type, with the newest private key. Equal facts give equal statements."""

    def __init__(self, folder: Path, *, type_: str) -> None:
        self._folder = folder
        self._type = type_
        self._key: tuple[bytes, Ed25519PrivateKey] | None = None
        self._expires_at = 0.0

    def sign(self, facts: Mapping[str, Any]) -> str:
        """Return the signed statement of some facts; raise `KeyIsMissing`."""
        head, key = self._head_and_key()
        # The header is cached, since every POST signs a receipt.
        signed = head + b"." + base64url_encode(orjson.dumps(facts))
        return (signed + b"." + base64url_encode(key.sign(signed))).decode()

    def _head_and_key(self) -> tuple[bytes, Ed25519PrivateKey]:
        if self._key is None or time.monotonic() >= self._expires_at:
            name, pem = signing_key(self._folder)
            key = load_pem_private_key(pem, password=None)
            if not isinstance(key, Ed25519PrivateKey):
                raise TypeError(f"{name} is not an Ed25519 key")
            head = base64url_encode(orjson.dumps({"alg": ALGORITHM, "kid": name, "typ": self._type}))
            self._key = (head, key)
            self._expires_at = time.monotonic() + KEY_TTL_SECONDS
        return self._key


def read_signed(statement: str, *, folder: Path, type_: str) -> dict[str, Any]:
    """Return a statement's facts; raise `SignatureIsWrong` unless a current or retired key signed it."""
    try:
        head = jwt.get_unverified_header(statement)
        if head.get("typ") != type_:
            raise SignatureIsWrong("it has another type")
        key = any_public_key(folder, str(head.get("kid")))
        facts: dict[str, Any] = jwt.decode(statement, key, algorithms=[ALGORITHM])
    except KeyError:
        raise SignatureIsWrong("its key is unknown") from None
    except jwt.InvalidTokenError:
        raise SignatureIsWrong("the signature does not match the content") from None
    return facts
