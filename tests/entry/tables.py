"""Records as rows of a table."""

from collections.abc import Mapping
from typing import Any


def flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record as a row: blocks by `block.field`, lists as one text."""
    row: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            row |= {f"{name}.{inner}": each for inner, each in value.items()}
        else:
            row[name] = "; ".join(value) if isinstance(value, list) else value
    return row
