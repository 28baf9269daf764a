"""Rules and rulesets as values, translated once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.validation.engine.domain.findings import RulesetStamp
from services.validation.engine.domain.language.rule_translation import Test, TranslatedRule
from services.validation.engine.domain.language.scopes import Loads, Scope
from services.validation.engine.domain.messages import Message
from shared.reference import PeriodIsUnknown, years_of
from shared.reference.fields import Field


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
