"""Statements that the installation signs: JWS in compact form (RFC 7515), which anybody can check with its public keys.

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
    """A statement was not signed with a key of this installation, or was changed since."""

    def __init__(self, why: str) -> None:
        super().__init__(f"This was not signed by this installation: {why}.")
        self.why = why


class Signer:
    """Signs statements of one type with the newest private key. The same facts are always the same statement."""

    def __init__(self, folder: Path, *, type_: str) -> None:
        self._folder = folder
        self._type = type_
        self._key: tuple[bytes, Ed25519PrivateKey] | None = None
        self._look_at = 0.0

    def sign(self, facts: Mapping[str, Any]) -> str:
        """The statement of the facts; raises `KeyIsMissing`."""
        head, key = self._head_and_key()
        # The library would put the same head together each time anew, and every POST has a receipt.
        signed = head + b"." + base64url_encode(orjson.dumps(facts))
        return (signed + b"." + base64url_encode(key.sign(signed))).decode()

    def _head_and_key(self) -> tuple[bytes, Ed25519PrivateKey]:
        if self._key is None or time.monotonic() >= self._look_at:
            name, pem = signing_key(self._folder)
            key = load_pem_private_key(pem, password=None)
            if not isinstance(key, Ed25519PrivateKey):
                raise TypeError(f"{name} is not an Ed25519 key")
            head = base64url_encode(orjson.dumps({"alg": ALGORITHM, "kid": name, "typ": self._type}))
            self._key = (head, key)
            self._look_at = time.monotonic() + KEY_TTL_SECONDS
        return self._key


def read_signed(statement: str, *, folder: Path, type_: str) -> dict[str, Any]:
    """What a statement says; `SignatureIsWrong` unless a key of this installation, now or formerly, signed it."""
    try:
        head = jwt.get_unverified_header(statement)
        if head.get("typ") != type_:
            raise SignatureIsWrong("it is something else")
        key = any_public_key(folder, str(head.get("kid")))
        facts: dict[str, Any] = jwt.decode(statement, key, algorithms=[ALGORITHM])
    except KeyError:
        raise SignatureIsWrong("the key it names is not one of ours") from None
    except jwt.InvalidTokenError:
        raise SignatureIsWrong("the signature does not fit what it says") from None
    return facts
