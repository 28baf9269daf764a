"""Canonical JSON: equal values are equal bytes."""

import json
import re
from typing import Any

import orjson

_LONG_NUMBER = re.compile(rb"[0-9]{19}")
"""Digits that may be an integer beyond 64 bits."""

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical_json(value: Any) -> bytes:
    """Serialise a value with sorted names, without spaces, as UTF-8."""
    return _ENCODER.encode(value).encode()


def parse_json(text: bytes) -> Any:
    """Parse canonical JSON.

    Integers keep every digit, whatever their size: orjson, which is several times faster, would turn those beyond 64 bits
    into floats.
    """
    return json.loads(text) if _LONG_NUMBER.search(text) else orjson.loads(text)
