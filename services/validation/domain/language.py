"""The language of rules: a small part of Python's expressions, each translated once into a Python function.

docs/rules.md describes it for those who write rules; `translation` says why it is safe.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.validation.domain.functions import FUNCTIONS, Context, number
from services.validation.domain.translation import ExpressionIsRefused, Scope, Translation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Test = Callable[[Mapping[str, Any], Mapping[str, Any], Any, Context], bool | None]
    """(record, submission, item, context) -> passed, failed, or None where the rule does not apply."""
    Text = Callable[[Mapping[str, Any], Mapping[str, Any], Any, Context], Any]

__all__ = ["MISSING", "ExpressionIsRefused", "Scope", "Translated", "translate", "translate_value"]

MISSING = ("skip", "fail", "given")
"""What a missing value does to a rule: it is skipped, it fails, or it is judged as it is."""


@dataclass(frozen=True)
class Translated:
    """A rule as a function: `test` judges, `reads` names the record's fields that it looks at."""

    test: Test
    reads: frozenset[str]


def translate(condition: str | None, assertion: str, *, missing: str, scope: Scope) -> Translated:
    """Make one function of a condition and an assertion; raises ExpressionIsRefused."""
    if_part = Translation(scope, "skip")
    then_part = Translation(scope, missing)
    lines = ["def test(r, s, i0, x):"]
    if condition is not None:
        applies = if_part.of(condition)
        lines += if_part.loading("return None")
        lines.append(f" if not ({applies}): return None")
    holds = then_part.of(assertion)
    lines += then_part.loading("return False" if missing == "fail" else "return None")
    lines.append(f" return True if ({holds}) else False")
    return Translated(_function(lines), frozenset(if_part.reads | then_part.reads))


def translate_value(expression: str, *, scope: Scope) -> Text:
    """Make a function that gives the expression's value, None where it is missing; raises ExpressionIsRefused."""
    part = Translation(scope, "given")
    value = part.of(expression)
    text: Text = _function(["def test(r, s, i0, x):", *part.loading("return None"), f" return {value}"])
    return text


def _function(lines: Sequence[str]) -> Any:
    space: dict[str, Any] = {"__builtins__": {}, "E": {}, "all": all, "any": any, "sum": sum, "len": len}
    space["n"] = number
    space |= {f"f_{name}": function.call for name, function in FUNCTIONS.items()}
    # Composed from the translation's own words only; see there.
    exec(compile("\n".join(lines), "<rule>", "exec"), space)  # noqa: S102 - see above
    return space["test"]
