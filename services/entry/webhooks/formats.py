"""The bodies and signatures of messages, by Standard Webhooks 1.0.0."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from shared.clock import iso
from shared.records.canonical import canonical_json

PREFIX = "whsec_"
"""The prefix by which secret scanners find a leaked secret."""

SECRET_BYTES = 32


def encode_secret(random: bytes) -> str:
    """Encode random bytes as a secret."""
    return PREFIX + base64.b64encode(random).decode()


def message_body(type_: str, *, at: datetime, data: Mapping[str, Any]) -> str:
    """Return the body of a message: its type, time and data. It is signed byte for byte."""
    return canonical_json({"type": type_, "timestamp": iso(at), "data": dict(data)}).decode()


def signature_headers(message: str, *, body: str, at: datetime, secrets: Iterable[str]) -> dict[str, str]:
    """Return the headers of an attempt at a time, with one signature for each secret. Any one of them suffices."""
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
