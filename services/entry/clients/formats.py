"""The secrets of clients as they are written: `iisgd_`, 43 characters of chance, 6 of their checksum.

What scans texts for secrets finds them by `iisgd_[0-9A-Za-z]{49}`, and by the checksum that it is one of ours.
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


def secret_of(random: bytes) -> str:
    """The secret made of 32 random bytes."""
    body = _in_base_62(int.from_bytes(random, "big"), _BODY)
    return PREFIX + body + _checksum(body)


def is_whole(secret: str) -> bool:
    """Whether this can be a secret of ours: one that was mistyped or cut off is known without asking anybody."""
    found = _FORM.fullmatch(secret)
    return found is not None and _checksum(found[1]) == found[2]


def hash_of(secret: str) -> str:
    """What is stored of a secret.

    One round of SHA-256 is enough: nobody can try out 256 random bits, and a slow hash, as passwords need it, would
    only let strangers keep us busy.
    """
    return hashlib.sha256(secret.encode()).hexdigest()


def hint_of(secret: str) -> str:
    """Its last characters. They are of the checksum: the 232 bits that they leave open are more than anybody can guess."""
    return secret[-_HINT:]


def _checksum(body: str) -> str:
    return _in_base_62(zlib.crc32(body.encode()), _CHECKSUM)


def _in_base_62(number: int, width: int) -> str:
    digits = ""
    for _ in range(width):
        number, digit = divmod(number, 62)
        digits = _DIGITS[digit] + digits
    return digits
