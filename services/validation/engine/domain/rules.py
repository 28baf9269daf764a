"""Rules and rulesets as values: translated once, ready to judge."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from services.validation.engine.domain.findings import shown
from shared.reference import PeriodIsUnknown, years_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from services.validation.domain.language.context import Context
    from services.validation.domain.language.scopes import Loads, Scope
    from services.validation.domain.language.translating import Test, Text, Translated
    from services.validation.engine.domain.findings import RulesetStamp
    from shared.reference.fields import Field

MOST_SHOWN = 20
"""So many entries of a list are written out in a message."""


@dataclass(frozen=True)
class Message:
    """A text with places that are filled with values of the record."""

    parts: tuple[str | Text, ...]

    def filled(
        self, record: Mapping[str, Any], submission: Mapping[str, Any], item: Any, context: Context
    ) -> str:
        """The text about this record; a value that cannot be had is called unknown."""
        return "".join(
            part if isinstance(part, str) else _value(part, record, submission, item, context)
            for part in self.parts
        )


def _value(
    part: Text, record: Mapping[str, Any], submission: Mapping[str, Any], item: Any, context: Context
) -> str:
    try:
        value = part(record, submission, item, context)
    except Exception:  # noqa: BLE001 - a finding must not be lost because its message cannot be filled
        return "(unknown)"
    if isinstance(value, list):
        return ", ".join(_plain(each) for each in value[:MOST_SHOWN]) + (
            ", …" if len(value) > MOST_SHOWN else ""
        )
    return _plain(value)


def _plain(value: Any) -> str:
    """Without quotation marks: where a message wants them, it has them."""
    text = shown(value)
    return text[1:-1] if isinstance(value, str) else text


@dataclass(frozen=True)
class Rule:
    """One rule. `written` is the rule as data, for those who read it; the rest is for the engine."""

    id: str
    version: str
    """The version of the ruleset that it stands in."""
    title: str
    severity: str
    level: str
    kinds: tuple[str, ...]
    years: tuple[int, int]
    for_each: str | None
    list_source: str | None
    """How the list that the rule goes through is had from a record."""
    place: str
    why: str
    reference: str
    examples: Mapping[str, Sequence[Mapping[str, Any]]]
    written: Mapping[str, Any]
    scope: Scope = field(compare=False, repr=False)
    test: Test = field(compare=False, repr=False)
    reads: frozenset[str] = field(compare=False, repr=False)
    columns: frozenset[str] = field(compare=False, repr=False)
    message: Message = field(compare=False, repr=False)
    expected: Message = field(compare=False, repr=False)
    translated: Callable[[Loads], Translated] = field(compare=False, repr=False)
    """The rule in Python, what it reads noted in the argument."""

    @property
    def is_wide(self) -> bool:
        """Whether it is judged once over the whole submission, not record by record."""
        return "records" in self.scope.names

    @property
    def goes_through_record(self) -> bool:
        """Whether the entries it goes through stand in the record itself, so that a finding can point at them."""
        return (
            self.for_each is not None and self.list_source is not None and self.list_source.startswith("r.")
        )

    def applies_to(self, *, kind: str, period: str) -> bool:
        """Whether the rule is for this mapping and for a year of this period."""
        if kind not in self.kinds:
            return False
        try:
            years = years_of(period)
        except PeriodIsUnknown:
            return True
        return self.years[0] <= years[-1] and years[0] <= self.years[1]


@dataclass(frozen=True)
class Shapes:
    """The fields of each kind, as the file describes them."""

    version: str
    kinds: Mapping[str, Mapping[str, Field]]
    written: Mapping[str, Any]

    def names(self, kinds: Iterable[str]) -> dict[str, Field]:
        """The fields of all these kinds together: one that a kind lacks is missing there."""
        return {name: spec for kind in kinds for name, spec in self.kinds[kind].items()}


@dataclass(frozen=True)
class Ruleset:
    """The rules in force for a pillar: the general ones and its own, in one order."""

    stamp: RulesetStamp
    title: str
    rules: tuple[Rule, ...]
    shapes: Shapes
    compiled: dict[Any, Any] = field(default_factory=dict, init=False, compare=False, repr=False)
    """What was made of the rules to judge by them, kept as long as they are."""

    def rules_for(self, *, kind: str, period: str) -> tuple[Rule, ...]:
        """The rules that judge this mapping of this period."""
        return tuple(rule for rule in self.rules if rule.applies_to(kind=kind, period=period))
