"""The causes of faulty values: why a text that a person typed is no number or no date, and what it may mean.

A cause is a fact without words; `wording` says it in the terms of the reader. Texts are examined only where a fault is
reported, and only up to a length.
"""

from typing import Any

from services.validation.engine.domain.shapes.causes.cells import Cause
from services.validation.engine.domain.shapes.causes.days import explain_day
from services.validation.engine.domain.shapes.causes.numbers import explain_number
from shared.reference.fields import Field


def explain(value: Any, spec: Field) -> Cause | None:
    """Return the cause for which a value is faulty in a field, if it is known."""
    try:
        if spec.type in ("number", "integer"):
            return explain_number(value, spec)
        return explain_day(value) if spec.type == "date" else None
    except (ArithmeticError, ValueError):
        # A fault must be reported even if nobody thought of its text.
        return None
