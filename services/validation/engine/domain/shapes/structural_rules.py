"""The structural rules, which a record must pass before any other rule is evaluated."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.validation.engine.domain.findings import Place, bounded, fingerprint
from services.validation.engine.domain.shapes.faults import Fault
from services.validation.engine.domain.shapes.wording import describe_absent, describe_fault
from services.validation.engine.domain.words import DEVELOPER, Words
from shared.i18n import Text
from shared.reference.fields import Field


@dataclass(frozen=True)
class StructuralRule:
    """A rule about the shape of records, with a title, a severity and a reason like any rule."""

    title: Text
    severity: str
    why: Text


STRUCTURAL_RULES: Mapping[str, StructuralRule] = {
    "STR-01": StructuralRule(
        Text("A record is a group of fields"), "blocker", Text("Only a group of fields can be read.")
    ),
    "STR-02": StructuralRule(
        Text("Required fields are given"),
        "error",
        Text("Without them the record cannot be counted or identified."),
    ),
    "STR-03": StructuralRule(
        Text("Fields have their expected type"),
        "error",
        Text("A value of another type cannot be compared or added up."),
    ),
    "STR-04": StructuralRule(
        Text("Codes are in their list"),
        "error",
        Text("Figures can be compared because all partners use the same codes."),
    ),
    "STR-05": StructuralRule(
        Text("Values are within bounds"),
        "error",
        Text("A value out of bounds is nearly always a typing error."),
    ),
    "STR-06": StructuralRule(
        Text("Fields are known"), "warning", Text("The value of a misspelt field would be lost unnoticed.")
    ),
    "STR-07": StructuralRule(
        Text("Tables have a column for each required field"),
        "error",
        Text("Without the column, the field is missing in every row."),
    ),
}

ABSENT_COLUMN = "STR-07"
"""The rule about columns that a table lacks. It counts columns, not records."""


def locate_fault(fault: Fault, *, ref: Any, index: int, words: Words = DEVELOPER) -> Place:
    """Describe a fault of the record at `index` as a place of its structural rule."""
    message, expected = describe_fault(fault, words)
    return Place(
        ref=ref,
        pointer=f"/records/{index}{fault.at}",
        value=bounded(fault.value),
        # A text is hashed whole. Other values are hashed by their outline, since their size and depth are unbounded.
        fingerprint=fingerprint(fault.value if isinstance(fault.value, str) else bounded(fault.value)),
        message=message,
        expected=expected,
    )


def list_absent_columns(fault: Fault) -> Iterator[tuple[str, Field]]:
    """Yield the columns that a missing field needs, with their fields. A list of groups needs those of its first entry."""
    items = fault.spec.items
    if items is None or not items.fields:
        yield fault.path, fault.spec
        return
    for name, inner in items.fields.items():
        if inner.required:
            yield f"{fault.path}.0.{name}", inner


def locate_absent(path: str, spec: Field, *, index: int, words: Words) -> Place:
    """Describe a missing column as a place of its rule; `index` is that of the first record that needs it."""
    message, expected = describe_absent(path, spec, words)
    return Place(
        ref=None,
        pointer=f"/records/{index}/{path.replace('.', '/')}",
        value=None,
        fingerprint=fingerprint(path),
        message=message,
        expected=expected,
    )
