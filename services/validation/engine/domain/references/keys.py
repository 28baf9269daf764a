"""The form in which rules compare values."""

from typing import Any

from shared.reference.refs import ref_key


def as_key(value: Any) -> Any:
    """Return the form in which a value is compared with others: texts that differ only in encoding are equal."""
    return ref_key(value) if isinstance(value, str) else value
