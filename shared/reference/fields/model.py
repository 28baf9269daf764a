"""The definition of a field: its type and bounds, which records must meet, and its label and help for people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from shared.reference.codelists import CODELISTS
from shared.reference.fields.labels import label_of
from shared.reference.tlp import TLP

TYPES = ("ref", "text", "date", "code", "number", "integer", "block", "list")

MAX_TEXT = 20_000
MAX_REF = 120
"""The maximum length of a ref, in whatever channel it comes. It is counted in NFC."""
MAX_LIST = 1_000
MAX_NUMBER = 100_000_000_000
"""The maximum number; a larger one is a typing error. A column of sums can hold 900,000 amounts of this size, in cents."""


class SchemaIsInvalid(ValueError):
    """A description of fields is contradictory."""


@dataclass(frozen=True)
class Field:
    """One field. `items` describes the entries of a list, `fields` those of a block.

    `codelist` names the list of its codes. A field of type `code` allows all of them; for a text, the rules decide which codes
    are allowed (in a period, for a pillar). `also` names a list whose codes are accepted too, but not offered. Fields are
    equal if they accept equal values.
    """

    name: str
    type: str
    required: bool = False
    allowed: tuple[str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    fields: Mapping[str, "Field"] = field(default_factory=dict)
    items: "Field | None" = None
    also: str | None = None
    codelist: str | None = field(default=None, compare=False)
    label_name: str = field(default="", compare=False, repr=False)
    help: str = field(default="", compare=False, repr=False)

    @cached_property
    def choices(self) -> str:
        """The allowed codes, as a message lists them."""
        more = f"; or a code of {CODELISTS[self.also].source}" if self.also else ""
        return ", ".join(self.allowed) + more

    @cached_property
    def accepted(self) -> frozenset[str]:
        """All codes that a record may have: the allowed ones, and those that are not offered."""
        return frozenset((*self.allowed, *(CODELISTS[self.also].codes if self.also else ())))

    def label(self, language: str) -> str:
        """Return the heading in one of `LANGUAGES`, else in English. For a list's `items`, it is the heading of one entry."""
        return label_of(self.label_name, language) or self.name


def field_of(name: str, written: Mapping[str, Any]) -> Field:
    """Return the field that a table describes; raise SchemaIsInvalid."""
    known = {"type", "required", "list", "also", "values", "at_least", "at_most", "fields", "items"}
    if not known.issuperset(written) or written.get("type") not in TYPES:
        raise SchemaIsInvalid(f"{name}: a field has a type of {', '.join(TYPES)} and only {sorted(known)}")
    return Field(
        name=name,
        type=written["type"],
        required=bool(written.get("required", False)),
        allowed=_allowed(name, written),
        at_least=written.get("at_least"),
        at_most=written.get("at_most"),
        fields={each: field_of(each, inner) for each, inner in written.get("fields", {}).items()},
        items=field_of(f"{name}[]", written["items"]) if "items" in written else None,
        also=_also(name, written),
        codelist=written.get("list"),
    )


def _allowed(name: str, written: Mapping[str, Any]) -> tuple[str, ...]:
    if "values" in written:
        return tuple(written["values"])
    if "list" not in written:
        return ()
    if written["list"] == "tlp":
        return TLP
    if written["list"] not in CODELISTS:
        raise SchemaIsInvalid(f"{name}: there is no code list {written['list']!r}")
    return tuple(CODELISTS[written["list"]].codes)


def _also(name: str, written: Mapping[str, Any]) -> str | None:
    found = written.get("also")
    if found is not None and found not in CODELISTS:
        raise SchemaIsInvalid(f"{name}: there is no code list {found!r}")
    return found
