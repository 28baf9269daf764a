"""The fields of each mapping, with which records are judged, read from files and written to files."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from shared.i18n.languages import LANGUAGES
from shared.reference.fields.columns import Column, columns_of
from shared.reference.fields.help import CODES, HELP
from shared.reference.fields.kinds import FIELDS, VERSION
from shared.reference.fields.model import (
    MAX_LIST,
    MAX_NUMBER,
    MAX_REF,
    MAX_TEXT,
    Field,
    SchemaIsInvalid,
    field_of,
)

__all__ = [
    "CODES",
    "FIELDS",
    "LANGUAGES",
    "MAX_LIST",
    "MAX_NUMBER",
    "MAX_REF",
    "MAX_TEXT",
    "VERSION",
    "Column",
    "Field",
    "SchemaIsInvalid",
    "columns_of",
    "field_of",
    "fields_of",
]


def fields_of(kind: str) -> Mapping[str, Field]:
    """Return the fields of a kind of record, in the order in which people read them; raise KeyError."""
    return _FIELDS[kind]


def _worded(field: Field, path: str, name: str) -> Field:
    """Return the field, and the fields inside it, with labels and help."""
    return replace(
        field,
        fields={each: _worded(inner, f"{path}.{each}", f".{each}") for each, inner in field.fields.items()},
        items=field.items and _worded(field.items, path, f"{field.name}[]"),
        codelist=field.codelist or CODES.get(path),
        label_name=name,
        help=HELP[path],
    )


_FIELDS: Mapping[str, Mapping[str, Field]] = MappingProxyType(
    {
        kind: MappingProxyType(
            {name: _worded(field_of(name, written), name, name) for name, written in fields.items()}
        )
        for kind, fields in FIELDS["kinds"].items()
    }
)
