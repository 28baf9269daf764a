"""Missing values: one definition for judging records and for counting them."""

from typing import Any


def is_missing(value: Any) -> bool:
    """Return whether a value is missing: absent, null, a blank text, an empty list or an empty block."""
    if value is None:
        return True
    if isinstance(value, str):
        return not value or value.isspace()
    return isinstance(value, list | dict) and not value


def drop_missing(value: Any) -> Any:
    """Return the value without the missing fields, at any depth."""
    if isinstance(value, dict):
        # Most values are texts and numbers. This loop is spelled out for speed: reporting reads every record through it.
        kept = {}
        for name, inner in value.items():
            if isinstance(inner, str):
                if inner and not inner.isspace():
                    kept[name] = inner
            elif isinstance(inner, dict | list):
                if inner:
                    kept[name] = drop_missing(inner)
            elif inner is not None:
                kept[name] = inner
        return kept
    if isinstance(value, list):
        return [drop_missing(inner) for inner in value]
    return value
