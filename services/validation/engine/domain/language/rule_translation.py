"""Translation of rules into Python functions. The rule language is a small subset of Python's expressions.

docs/rules.md describes the language; `translation` explains why it is safe.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.validation.engine.domain.language.calls import ExpressionTranslation
from services.validation.engine.domain.language.context import Context
from services.validation.engine.domain.language.days import DAYS
from services.validation.engine.domain.language.functions import FUNCTIONS, number
from services.validation.engine.domain.language.scopes import Load, Loads, Scope
from services.validation.engine.domain.references.keys import as_key

Test = Callable[[Mapping[str, Any], Mapping[str, Any], Any, Context], bool | str]
"""(record, submission, item, context) -> True if passed, False if failed, or the reason for skipping."""
Text = Callable[[Mapping[str, Any], Mapping[str, Any], Any, Context], Any]

MISSING = ("skip", "fail", "given")
"""The effects of a missing value: the rule is skipped, it fails, or it is evaluated with None."""

ABSENT = "missing"
CONDITION = "condition"
SKIPS = (ABSENT, CONDITION, "broken", "nothing")
"""The reasons for skipping a rule: a value is missing; its condition does not hold; a field that it reads is invalid;
its list is empty."""


@dataclass(frozen=True)
class TranslatedRule:
    """A rule as Python source: conditions for skipping (`unless`) and for missing values (`absent`), and the assertion.

    `reads` names the fields that it reads of its record, `columns` those of other records.
    """

    unless: str | None
    absent: str | None
    holds: str
    missing: str
    reads: frozenset[str]
    columns: frozenset[str]

    def branches(self) -> list[tuple[str, str]]:
        """Return the rule as (condition, `failed` or the reason for skipping); the first condition that holds decides."""
        found = []
        if self.unless is not None:
            found.append((self.unless, CONDITION))
        if self.absent is not None:
            found.append((self.absent, "failed" if self.missing == "fail" else ABSENT))
        return [*found, (f"not ({self.holds})", "failed")]

    def test(self, loads: Loads) -> Test:
        """Compile the rule into a function."""
        outcomes = {"failed": "False"}
        lines = [f" if {condition}: return {outcomes.get(to, repr(to))}" for condition, to in self.branches()]
        test: Test = function_of(
            ["def made(r, s, i0, x):", *load_lines(loads.all, " "), *lines, " return True"]
        )
        return test


@dataclass(frozen=True)
class TranslatedValue:
    """An expression as a function that returns its value, None if it is missing."""

    of: Text
    columns: frozenset[str]


def translate(
    condition: str | None, assertion: str, *, missing: str, scope: Scope, loads: Loads
) -> TranslatedRule:
    """Translate a condition and an assertion, and add the values that they read to `loads`. Raise ExpressionIsRefused."""
    if_part, then_part = (
        ExpressionTranslation(scope, "skip", loads),
        ExpressionTranslation(scope, missing, loads),
    )
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
    """Compile a function that returns the expression's value. Raise ExpressionIsRefused."""
    loads = Loads()
    part = ExpressionTranslation(scope, "skip", loads)
    value = part.of(expression)
    text = function_of(["def made(r, s, i0, x):", *load_lines(loads.all, " "), f" return {value}"])
    return TranslatedValue(text, frozenset(part.columns))


def load_lines(loads: Iterable[Load], indent: str) -> list[str]:
    """Return the source lines that load values."""
    return [f"{indent}{load.variable} = {load.source}" for load in loads]


def function_of(lines: Sequence[str], **also: Any) -> Any:
    """Compile the function `made` from translated lines. It reaches the language's functions and nothing else."""
    space: dict[str, Any] = {
        "__builtins__": {},
        "E": {},
        "n": number,
        "k": as_key,
        "Exception": Exception,
        **also,
    }
    space |= {"DAYS": DAYS, "all": all, "any": any, "sum": sum, "len": len, "enumerate": enumerate}
    space |= {f"f_{name}": function.call for name, function in FUNCTIONS.items() if function.call}
    # The lines consist of the translation's own words and quoted constants only; see there.
    exec(compile("\n".join(lines), "<rules>", "exec"), space)  # noqa: S102 - see above
    return space["made"]
