"""The language of rules: a small part of Python's expressions, translated once into Python functions.

docs/rules.md describes it for those who write rules; `translation` says why it is safe.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.validation.engine.domain.language.days import DAYS
from services.validation.engine.domain.language.functions import FUNCTIONS, number
from services.validation.engine.domain.language.scopes import ExpressionIsRefused, Load, Loads, Scope
from services.validation.engine.domain.language.translation import Translation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from services.validation.engine.domain.language.context import Context

    Test = Callable[[Mapping[str, Any], Mapping[str, Any], Any, Context], bool | str]
    """(record, submission, item, context) -> passed, failed, or why it was skipped."""
    Text = Callable[[Mapping[str, Any], Mapping[str, Any], Any, Context], Any]

__all__ = [
    "CONDITION",
    "MISSING",
    "SKIPS",
    "ExpressionIsRefused",
    "Loads",
    "Scope",
    "TranslatedRule",
    "TranslatedValue",
    "function_of",
    "load_lines",
    "translate",
    "translate_value",
]

MISSING = ("skip", "fail", "given")
"""What a missing value does to a rule: it is skipped, it fails, or it is judged as it is."""

ABSENT = "missing"
CONDITION = "condition"
SKIPS = (ABSENT, CONDITION, "broken", "nothing")
"""Why a rule is skipped: a value is missing; its condition does not hold; a field it reads is broken; its list is
empty."""


@dataclass(frozen=True)
class TranslatedRule:
    """A rule in Python: it is skipped where `unless` holds, is `absent` where that does, and fails unless `holds`.

    `reads` names the record's fields that it looks at, `columns` those of other records.
    """

    unless: str | None
    absent: str | None
    holds: str
    missing: str
    reads: frozenset[str]
    columns: frozenset[str]

    def branches(self) -> list[tuple[str, str]]:
        """The rule as conditions, the first that holds decides: (condition, `failed` or why it is skipped)."""
        found = []
        if self.unless is not None:
            found.append((self.unless, CONDITION))
        if self.absent is not None:
            found.append((self.absent, "failed" if self.missing == "fail" else ABSENT))
        return [*found, (f"not ({self.holds})", "failed")]

    def test(self, loads: Loads) -> Test:
        """The rule as a function of its own."""
        outcomes = {"failed": "False"}
        lines = [f" if {condition}: return {outcomes.get(to, repr(to))}" for condition, to in self.branches()]
        test: Test = function_of(
            ["def made(r, s, i0, x):", *load_lines(loads.all, " "), *lines, " return True"]
        )
        return test


@dataclass(frozen=True)
class TranslatedValue:
    """An expression as a function that gives its value, None where it is missing."""

    of: Text
    columns: frozenset[str]


def translate(
    condition: str | None, assertion: str, *, missing: str, scope: Scope, loads: Loads
) -> TranslatedRule:
    """Translate a condition and an assertion; raises ExpressionIsRefused. What they read is noted in `loads`."""
    if_part, then_part = Translation(scope, "skip", loads), Translation(scope, missing, loads)
    unless = None
    if condition is not None:
        applies = if_part.of(condition)
        unless = f"not ({applies})" if if_part.absence is None else f"{if_part.absence} or not ({applies})"
    holds = then_part.of(assertion)
    return TranslatedRule(
        unless=unless,
        absent=then_part.absence,
        holds=holds,
        missing=missing,
        reads=frozenset(if_part.reads | then_part.reads),
        columns=frozenset(if_part.columns | then_part.columns),
    )


def translate_value(expression: str, *, scope: Scope) -> TranslatedValue:
    """Make a function that gives the expression's value; raises ExpressionIsRefused."""
    loads = Loads()
    part = Translation(scope, "skip", loads)
    value = part.of(expression)
    text = function_of(["def made(r, s, i0, x):", *load_lines(loads.all, " "), f" return {value}"])
    return TranslatedValue(text, frozenset(part.columns))


def load_lines(loads: Iterable[Load], indent: str) -> list[str]:
    """The lines that fetch values."""
    return [f"{indent}{load.variable} = {load.source}" for load in loads]


def function_of(lines: Sequence[str], **also: Any) -> Any:
    """The function `made` of lines that the translation composed, with our own functions in reach and nothing else."""
    space: dict[str, Any] = {"__builtins__": {}, "E": {}, "n": number, "Exception": Exception, **also}
    space |= {"DAYS": DAYS, "all": all, "any": any, "sum": sum, "len": len, "enumerate": enumerate}
    space |= {f"f_{name}": function.call for name, function in FUNCTIONS.items() if function.call}
    # Composed from the translation's own words only; see there.
    exec(compile("\n".join(lines), "<rules>", "exec"), space)  # noqa: S102 - see above
    return space["made"]
