"""The structural rules, which a record must pass before any other rule is evaluated."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.validation.engine.domain.findings import Fault, Place, bounded, fingerprint


@dataclass(frozen=True)
class StructuralRule:
    """A rule about the shape of records, with a title, a severity and a reason like any rule."""

    title: str
    severity: str
    why: str


STRUCTURAL_RULES: Mapping[str, StructuralRule] = {
    "STR-01": StructuralRule(
        "A record is a group of fields", "blocker", "Only a group of fields can be read."
    ),
    "STR-02": StructuralRule(
        "Required fields are given", "error", "Without them the record cannot be counted or identified."
    ),
    "STR-03": StructuralRule(
        "Fields have their expected type",
        "error",
        "A value of another type cannot be compared or added up.",
    ),
    "STR-04": StructuralRule(
        "Codes are in their list",
        "error",
        "Figures can be compared because all partners use the same codes.",
    ),
    "STR-05": StructuralRule(
        "Values are within bounds", "error", "A value out of bounds is nearly always a typing error."
    ),
    "STR-06": StructuralRule(
        "Fields are known", "warning", "The value of a misspelt field would be lost unnoticed."
    ),
}


def locate_fault(fault: Fault, *, ref: Any, index: int) -> Place:
    """Describe a fault of the record at `index` as a place of its structural rule."""
    return Place(
        ref=ref,
        pointer=f"/records/{index}{fault.at}",
        value=bounded(fault.value),
        # A text is hashed whole. Other values are hashed by their outline, since their size and depth are unbounded.
        fingerprint=fingerprint(fault.value if isinstance(fault.value, str) else bounded(fault.value)),
        message=fault.message,
        expected=fault.expected,
    )
