"""Translation of IATI rulesets: each case becomes a rule, evaluated for records made from XML nodes."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.validation.engine.domain.language.context import Context
from services.validation.engine.domain.reading import ruleset_of
from services.validation.engine.domain.rules import Rule, Shapes
from services.validation.iati.domain.cases import Case, RulesetIsRefused, cases_of
from services.validation.iati.domain.kinds import COLUMNS, ID_CONDITIONS, KINDS, Column
from services.validation.iati.domain.paths import PathIsRefused, check_path, stays_inside, with_value

MAX_RULES = 999
DATE_WORDS = ("NOW", "TODAY")
"""Words that may replace a date: the moment of evaluation, and the beginning of its day."""

IN_REFERENCE = "(see the reference)"
"""The text that replaces, in a message, a pattern or path with braces. The reference contains the original."""

_SEVERITIES = {"critical": "blocker", "error": "error", "warning": "warning"}


_NOTHING_KNOWN = Context()
"""The empty context. No rule of the Standard reads other records."""

SHAPES = Shapes("1", {"support": COLUMNS}, {"version": "1", "kinds": {"support": {}}})
"""The shape of the records made from XML nodes."""


@dataclass(frozen=True)
class IatiRule:
    """A case of an IATI ruleset with its translation to a rule."""

    case: Case
    rule: Rule

    @property
    def id(self) -> str:
        """The id of the rule."""
        return self.rule.id

    @property
    def passes(self) -> str:
        """The expected values, in words."""
        return _passes(self.case.judged_as, self.case.written)

    def columns(self, value: str | None = None) -> dict[str, Column]:
        """Return the columns that the rule reads of a node, in a loop for its current `value`."""
        case = dict(self.case.written)
        if self.case.loop is not None and value is not None:
            case |= {key: _with_value(case[key], value) for key in self.case.loop.subs if key in case}
        columns = KINDS[self.case.judged_as].columns(case)
        if "condition" in case:
            columns["condition"] = Column("truth", (case["condition"],))
        if "idCondition" in case:
            columns["publishers"] = Column("known", value="publishers")
        return columns

    def paths(self) -> Iterator[str]:
        """Yield the XPaths that are evaluated from the node."""
        for column in self.columns("x").values():
            yield from column.paths
        if self.case.loop is not None:
            yield self.case.loop.foreach

    def outcome(self, record: Mapping[str, Any]) -> bool | None:
        """Evaluate the rule: True, False, or None if its condition does not hold or a value is missing."""
        passed = self.rule.test(record, {}, None, _NOTHING_KNOWN)
        return passed if isinstance(passed, bool) else None


def _with_value(written: Any, value: str) -> Any:
    if isinstance(written, str):
        return with_value(written, value)
    return [with_value(each, value) for each in written] if isinstance(written, list) else written


@dataclass(frozen=True)
class IatiRuleset:
    """A translated ruleset, with its rules in order."""

    rules: tuple[IatiRule, ...]
    written: Mapping[str, Any]
    """The ruleset as data in the format of ruleset files."""

    @property
    def stays_inside(self) -> bool:
        """Whether no rule reads outside its activity, so that activities can be read one by one."""
        return all(stays_inside(rule.case.selector, rule.paths()) for rule in self.rules)


def iati_ruleset(written: Any) -> IatiRuleset:
    """Translate a ruleset that was parsed from JSON. Raise RulesetIsRefused."""
    cases = list(cases_of(written))
    if len(cases) > MAX_RULES:
        raise RulesetIsRefused(
            "the file", f"it has {len(cases):,} cases", f"At most {MAX_RULES} can be read."
        )
    ours = {
        "name": "IATI",
        "version": "1",
        "title": "Rules of an IATI ruleset",
        "rules": [_written(case, f"IATI-{number:03}") for number, case in enumerate(cases, start=1)],
    }
    read = ruleset_of(ours, SHAPES)
    rules = tuple(IatiRule(case, rule) for case, rule in zip(cases, read.rules, strict=True))
    for rule in rules:
        _check_paths(rule)
    return IatiRuleset(rules, ours)


def _check_paths(rule: IatiRule) -> None:
    try:
        for path in (rule.case.selector, *rule.paths()):
            check_path(path)
    except PathIsRefused as refused:
        raise RulesetIsRefused(rule.case.where, str(refused), "Give an XPath 1.0 from the node.") from None


def _written(case: Case, id_: str) -> dict[str, Any]:
    """Return the case as data of a rule, with its source as the reference."""
    kind = KINDS[case.judged_as]
    info = case.written.get("ruleInfo", {})
    passes = _passes(case.judged_as, _without_braces(case.written))
    conditions = ["condition"] if "condition" in case.written else []
    if "idCondition" in case.written:
        conditions.append(ID_CONDITIONS[case.written["idCondition"]])
    return {
        "id": id_,
        "title": _whole(str(info.get("message") or _passes(case.judged_as, case.written))),
        "severity": _SEVERITIES.get(str(info.get("severity")), "error"),
        "level": "record",
        "kinds": ["support"],
        **({"when": " and ".join(conditions)} if conditions else {}),
        "assert": kind.holds(case.written),
        "missing": "skip" if kind.skips_missing else "given",
        "field": "",
        "message": f"This requirement is not met: {passes}",
        "expected": passes,
        "why": f"The IATI Standard requires it{_number_of(info)}.",
        "reference": _source(case),
    }


def _source(case: Case) -> str:
    source: dict[str, Any] = {"selector": case.selector, "kind": case.judged_as, "case": dict(case.written)}
    if case.loop is not None:
        source["loop"] = {"foreach": case.loop.foreach, "subs": list(case.loop.subs)}
    return _whole(json.dumps(source, ensure_ascii=False))


def _number_of(info: Mapping[str, Any]) -> str:
    return f" (rule {info['id']})" if isinstance(info.get("id"), str) else ""


def _passes(kind: str, written: Mapping[str, Any]) -> str:
    return _whole(KINDS[kind].passes(written))


def _without_braces(written: Any) -> Any:
    """Replace texts with braces, which have another meaning in messages, by a pointer to the reference."""
    if isinstance(written, str):
        return IN_REFERENCE if "{" in written or "}" in written else written
    if isinstance(written, list):
        return [_without_braces(each) for each in written]
    if isinstance(written, dict):
        return {key: _without_braces(value) for key, value in written.items()}
    return written


def _whole(text: str) -> str:
    """Replace lone surrogates, which cannot be written to a file."""
    return text.encode(errors="replace").decode()
