"""The format of client secrets: `iisgd_`, 43 random characters, and 6 characters of their checksum.

A secret scanner finds them by `iisgd_[0-9A-Za-z]{49}`, and recognises them by the checksum.
"""

import hashlib
import re
import zlib

PREFIX = "iisgd_"
RANDOM_BYTES = 32

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BODY, _CHECKSUM, _HINT = 43, 6, 4
"""256 bits take 43 digits of base 62, 32 bits take 6."""

_FORM = re.compile(rf"{PREFIX}([0-9A-Za-z]{{{_BODY}}})([0-9A-Za-z]{{{_CHECKSUM}}})")


def encode_secret(random: bytes) -> str:
    """Encode 32 random bytes as a secret."""
    body = _in_base_62(int.from_bytes(random, "big"), _BODY)
    return PREFIX + body + _checksum(body)


def has_valid_checksum(secret: str) -> bool:
    """Return whether the text has the format and checksum of a secret. A mistyped secret needs no look-up."""
    found = _FORM.fullmatch(secret)
    return found is not None and _checksum(found[1]) == found[2]


def hash_secret(secret: str) -> str:
    """Return the hash of a secret, which is stored in its place.

    One round of SHA-256 is enough: 256 random bits cannot be guessed. A slow hash, as for passwords, would only let
    outsiders keep the service busy.
    """
    return hashlib.sha256(secret.encode()).hexdigest()


def secret_hint(secret: str) -> str:
    """Return the last characters of a secret. They are part of the checksum; 232 unknown bits remain."""
    return secret[-_HINT:]


def _checksum(body: str) -> str:
    return _in_base_62(zlib.crc32(body.encode()), _CHECKSUM)


def _in_base_62(number: int, width: int) -> str:
    digits = ""
    for _ in range(width):
        number, digit = divmod(number, 62)
        digits = _DIGITS[digit] + digits
    return digits
