"""The structural rules: what a record must be before any other rule can judge it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.validation.engine.domain.findings import Place, bounded, fingerprint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.validation.engine.domain.findings import Fault


@dataclass(frozen=True)
class StructuralRule:
    """A check of the shape. It has an id, a severity and reasons like any rule."""

    title: str
    severity: str
    why: str


STRUCTURAL_RULES: Mapping[str, StructuralRule] = {
    "STR-01": StructuralRule(
        "A record is a group of fields", "blocker", "Nothing can be read from anything else."
    ),
    "STR-02": StructuralRule(
        "Required fields are given", "error", "Without it the record cannot be counted or found again."
    ),
    "STR-03": StructuralRule(
        "A field has the type that is expected",
        "error",
        "A value of another type cannot be compared or added up.",
    ),
    "STR-04": StructuralRule(
        "A code is one of its list",
        "error",
        "All partners use the same codes, so that figures can be compared.",
    ),
    "STR-05": StructuralRule(
        "Values are within bounds", "error", "A value so large is nearly always a slip."
    ),
    "STR-06": StructuralRule(
        "Fields are known", "warning", "A misspelt field would be lost without anybody noticing."
    ),
}


def locate_fault(fault: Fault, *, ref: Any, index: int) -> Place:
    """A fault of the record at `index`, as a place of its structural rule."""
    return Place(
        ref=ref,
        pointer=f"/records/{index}{fault.at}",
        value=bounded(fault.value),
        # A text is taken whole; of anything else its outline must do, since it may be of any size and depth.
        fingerprint=fingerprint(fault.value if isinstance(fault.value, str) else bounded(fault.value)),
        message=fault.message,
        expected=fault.expected,
    )
