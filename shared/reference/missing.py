"""What counts as not given, the same for whoever judges a record and whoever counts it."""

from collections.abc import Mapping
from typing import Any


def is_missing(value: Any) -> bool:
    """Absent, null, a blank text, an empty list and an empty block all mean: not given."""
    if value is None:
        return True
    if isinstance(value, str):
        return not value or value.isspace()
    return isinstance(value, list | dict) and not value


def drop_missing(value: Any) -> Any:
    """The value, with every field in it, at whatever depth, that is missing taken out."""
    if isinstance(value, Mapping):
        return {name: drop_missing(inner) for name, inner in value.items() if not is_missing(inner)}
    if isinstance(value, list):
        return [drop_missing(inner) for inner in value]
    return value
