"""Receipts: what was handed in, signed with the installation's key, so that anybody can check it later with its public keys.

A receipt is a JWS in compact form (RFC 7515) whose payload says the submission's id and version, whose it is, the sha-256
of what was handed in, and when. It is no token: it has a type of its own, and no audience.
"""

import time
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.utils import base64url_encode

from services.entry.domain.submissions import Submission, Version
from shared.clock import iso
from shared.http.auth.keys import ALGORITHM, any_public_key, signing_key
from shared.http.bodies import write_json

TYPE = "receipt+jwt"
KEY_KEPT_SECONDS = 60.0


class ReceiptIsForged(Exception):
    """A receipt was not signed with a key of this installation, or was changed since."""

    def __init__(self, why: str) -> None:
        super().__init__(f"This is no receipt of this installation: {why}.")


class Receipts:
    """Signs receipts with the newest private key. The same facts are always the same receipt."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key: tuple[bytes, Ed25519PrivateKey] | None = None
        self._look_at = 0.0

    def sign(self, submission: Submission, version: Version) -> str:
        """The receipt for a version; raises `KeyIsMissing`."""
        head, key = self._signing_key()
        facts = {
            "iss": "iisgd",
            "submission": submission.id,
            "version": version.number,
            "reporter": submission.reporter,
            "pillar": submission.pillar,
            "kind": submission.kind,
            "period": submission.period,
            "content_hash": version.content,
            "received_at": iso(version.received_at),
        }
        # The library would put the same head together each time anew, and every POST has a receipt.
        signed = head + b"." + base64url_encode(write_json(facts))
        return (signed + b"." + base64url_encode(key.sign(signed))).decode()

    def _signing_key(self) -> tuple[bytes, Ed25519PrivateKey]:
        """The head of receipts that are signed with the newest key, and the key."""
        if self._key is None or time.monotonic() >= self._look_at:
            name, pem = signing_key(self._folder)
            key = load_pem_private_key(pem, password=None)
            if not isinstance(key, Ed25519PrivateKey):
                raise TypeError(f"{name} is not an Ed25519 key")
            head = base64url_encode(write_json({"alg": ALGORITHM, "kid": name, "typ": TYPE}))
            self._key = (head, key)
            self._look_at = time.monotonic() + KEY_KEPT_SECONDS
        return self._key


def read_receipt(receipt: str, *, folder: Path) -> dict[str, Any]:
    """What a receipt says; `ReceiptIsForged` unless a key of this installation signed it."""
    try:
        head = jwt.get_unverified_header(receipt)
        if head.get("typ") != TYPE:
            raise ReceiptIsForged("it is something else")
        key = any_public_key(folder, str(head.get("kid")))
        facts: dict[str, Any] = jwt.decode(receipt, key, algorithms=[ALGORITHM])
    except KeyError:
        raise ReceiptIsForged("the key it names is not one of ours") from None
    except jwt.InvalidTokenError:
        raise ReceiptIsForged("the signature does not fit what it says") from None
    return facts
