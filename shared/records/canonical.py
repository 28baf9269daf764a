"""Canonical JSON: equal values are equal bytes."""

import json
from typing import Any

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical_json(value: Any) -> bytes:
    """Serialise a value with sorted names, without spaces, as UTF-8."""
    return _ENCODER.encode(value).encode()


def parse_json(text: bytes) -> Any:
    """Parse canonical JSON.

    Integers keep every digit, whatever their size. A faster parser would turn those beyond 64 bits into floats.
    """
    return json.loads(text)
