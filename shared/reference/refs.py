"""The comparison of refs, the reporters' own names of records, and of codes."""

import unicodedata


def ref_key(ref: str) -> str:
    """Return the key by which a ref or a code is compared: equal for every way to encode the same letters (Unicode's NFC)."""
    return ref if ref.isascii() else unicodedata.normalize("NFC", ref)
