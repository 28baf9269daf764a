"""Messages to webhooks as bytes, signed as Standard Webhooks 1.0.0 has it."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from shared.clock import iso
from shared.records.canonical import canonical_json

PREFIX = "whsec_"
"""By it a secret that was left lying about is found."""

SECRET_BYTES = 32


def secret_of(random: bytes) -> str:
    """A secret as its receiver keeps it."""
    return PREFIX + base64.b64encode(random).decode()


def body_of(type_: str, *, at: datetime, data: Mapping[str, Any]) -> str:
    """What is sent, and signed byte for byte: what happened, when, and to what."""
    return canonical_json({"type": type_, "timestamp": iso(at), "data": dict(data)}).decode()


def signed(message: str, *, body: str, at: datetime, secrets: Iterable[str]) -> dict[str, str]:
    """The headers of an attempt at the moment; each secret makes a signature, and any one of them is enough."""
    timestamp = str(int(at.timestamp()))
    content = f"{message}.{timestamp}.{body}".encode()
    return {
        "content-type": "application/json",
        "user-agent": "iisgd-webhooks",
        "webhook-id": message,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(content, secret) for secret in secrets),
    }


def _signature(content: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
