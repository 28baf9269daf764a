"""Rules and rulesets as values, translated once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.validation.engine.domain.findings import RulesetStamp
from services.validation.engine.domain.language.rule_translation import Test, TranslatedRule
from services.validation.engine.domain.language.scopes import Loads, Scope
<<<<<<< HEAD
from services.validation.engine.domain.messages import Message
from shared.reference import PeriodIsUnknown, years_of
from shared.reference.fields import Field

=======
from shared.i18n import Text as Sentence
from shared.reference import PeriodIsUnknown, years_of
from shared.reference.fields import Field

MAX_ENTRIES = 20
"""The maximum number of list entries in a message."""


@dataclass(frozen=True)
class Message:
    """A text with placeholders for values of the record. Texts among the values have at most `longest` characters."""

    parts: tuple["str | Slot", ...]
    longest: int = MAX_QUOTED

    def values(
        self, record: Mapping[str, Any], submission: Mapping[str, Any], item: Any, context: Context
    ) -> dict[str, str]:
        """Return the values for a record by expression. One that cannot be computed is (unknown)."""
        return {
            part.source: _value(part.value, record, submission, item, context, longest=self.longest)
            for part in self.parts
            if isinstance(part, Slot)
        }

    def filled(self, values: Mapping[str, str]) -> str:
        """Fill the text with values. A text that is one value is that value, which may know its template."""
        if len(self.parts) == 1 and isinstance(self.parts[0], Slot):
            return values[self.parts[0].source]
        return "".join(part if isinstance(part, str) else values[part.source] for part in self.parts)


@dataclass(frozen=True)
class Slot:
    """An expression in a text, as it is written and as a function."""

    source: str
    value: Text


def _value(
    part: Text,
    record: Mapping[str, Any],
    submission: Mapping[str, Any],
    item: Any,
    context: Context,
    *,
    longest: int,
) -> str:
    try:
        value = part(record, submission, item, context)
    except Exception:  # noqa: BLE001 - a finding must not be lost because its message cannot be filled
        return "(unknown)"
    if isinstance(value, Sentence):
        return value
    if isinstance(value, list):
        return ", ".join(_plain(each, longest) for each in value[:MAX_ENTRIES]) + (
            ", …" if len(value) > MAX_ENTRIES else ""
        )
    return _plain(value, longest)


def _plain(value: Any, longest: int) -> str:
    """Return a value without quotation marks, which the message adds where it needs them."""
    if isinstance(value, str):
        return value if len(value) <= longest else f"{value[:longest]}…"
    return shown(value)

>>>>>>> f2289fb (Show findings, refusals, accounts and reports in the reader's language)

@dataclass(frozen=True)
class Rule:
    """One rule. `written` is the rule as it is written; the other fields are for the engine."""

    id: str
    version: str
    """The version of the ruleset that contains the rule."""
    title: str
    severity: str
    level: str
    kinds: tuple[str, ...]
    years: tuple[int, int]
    for_each: str | None
    list_source: str | None
    """The expression for the list of which the rule judges each entry."""
    place: str
    why: str
    reference: str
    examples: Mapping[str, Sequence[Mapping[str, Any]]]
    translations: Mapping[str, Mapping[str, str]]
    """The title, message, expectation and reason in other languages."""
    written: Mapping[str, Any]
    scope: Scope = field(compare=False, repr=False)
    test: Test = field(compare=False, repr=False)
    reads: frozenset[str] = field(compare=False, repr=False)
    columns: frozenset[str] = field(compare=False, repr=False)
    message: Message = field(compare=False, repr=False)
    expected: Message = field(compare=False, repr=False)
    translated: Callable[[Loads], TranslatedRule] = field(compare=False, repr=False)
    """Translate the rule to Python and record the names that it reads in the argument."""

    @property
    def is_submission_rule(self) -> bool:
        """Whether the rule judges all records of a submission together."""
        return "records" in self.scope.names

    @property
    def is_file_rule(self) -> bool:
        """Whether the rule judges the parts of the submitted file that were not read."""
        return self.for_each == "unread"

    @property
    def goes_through_record(self) -> bool:
        """Whether the rule judges entries of the record itself, so that a finding can point at them."""
        return (
            self.for_each is not None and self.list_source is not None and self.list_source.startswith("r.")
        )

    def applies_to(self, *, kind: str, period: str) -> bool:
        """Check whether the rule judges this kind and a year of this period."""
        if kind not in self.kinds:
            return False
        try:
            years = years_of(period)
        except PeriodIsUnknown:
            return True
        return self.years[0] <= years[-1] and years[0] <= self.years[1]


@dataclass(frozen=True)
class Shapes:
    """The fields of each kind of record, as they are described."""

    version: str
    kinds: Mapping[str, Mapping[str, Field]]
    written: Mapping[str, Any]

    def names(self, kinds: Iterable[str]) -> dict[str, Field]:
        """Return the fields of all these kinds together. Records of some kinds may lack some of them."""
        return {name: spec for kind in kinds for name, spec in self.kinds[kind].items()}


@dataclass(frozen=True)
class Ruleset:
    """The rules of one file, or all rules of a pillar: the general ones and its own, in order."""

    stamp: RulesetStamp
    title: str
    rules: tuple[Rule, ...]
    shapes: Shapes
    compiled: dict[Any, Any] = field(default_factory=dict, init=False, compare=False, repr=False)
    """The compiled forms of the rules, cached with them."""

    def rules_for(self, *, kind: str, period: str) -> tuple[Rule, ...]:
        """Return the rules that judge this kind in this period."""
        return tuple(rule for rule in self.rules if rule.applies_to(kind=kind, period=period))
