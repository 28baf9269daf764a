"""The cases of an IATI ruleset, checked and in one spelling, for rulesets of any published tool."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from services.validation.engine.domain.language.patterns import PatternIsRefused
from services.validation.engine.domain.language.perl_patterns import read_pattern
from services.validation.iati.domain.kinds import ID_CONDITIONS, KINDS, Kind

LOOP = "loop"
LISTS = ("paths", "excluded", "prefix", "subs")
NUMBERS = ("sum", "min", "max")
SHARED = ("condition", "idCondition", "ruleInfo")
"""Keys that every case may have."""

_ALSO_KNOWN_AS = {"evaluatesto": "evaluates_to_true", "numberrange": "range", "foreach": LOOP}


class RulesetIsRefused(ValueError):
    """A ruleset does not follow the IATI Standard. The text states the place, the error and the expected form."""

    def __init__(self, where: str, wrong: str, passes: str) -> None:
        super().__init__(f"The IATI ruleset cannot be used: {where}: {wrong.removesuffix('.')}. {passes}")


@dataclass(frozen=True)
class Loop:
    """A loop: its rule is evaluated for each value that `foreach` finds. The value replaces `$1` in the keys of `subs`."""

    foreach: str
    subs: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """A case. `number` counts from 0 among the cases of its kind and selector; `judged_as` is the kind that a loop repeats."""

    where: str
    kind: str
    selector: str
    number: int
    judged_as: str
    written: Mapping[str, Any]
    loop: Loop | None = None


def cases_of(written: Any) -> Iterator[Case]:
    """Yield the cases of a ruleset in its order. Raise RulesetIsRefused."""
    for selector, rules in _mapping(written, "the file", "selectors, such as //iati-activity,").items():
        inside = f"'{_short(selector)}'"
        for name, rule in _mapping(rules, inside, "names of rules, such as atleast_one,").items():
            judged_as = _kind_of(name, inside, (*KINDS, LOOP))
            where = f"{inside}, {judged_as}"
            for number, case in enumerate(_list_of_cases(rule, where)):
                at = f"{where}, case {number}"
                if judged_as == LOOP:
                    yield from _repeated(case, at, selector, number)
                else:
                    checked = _checked(case, KINDS[judged_as], at)
                    yield Case(at, judged_as, selector, number, judged_as, checked)


def _repeated(case: Any, at: str, selector: str, number: int) -> Iterator[Case]:
    """Yield the cases that a loop repeats, each as a case of its own."""
    case = _spelt(_mapping(case, at, "foreach, do and subs"), ("foreach", "do", "subs", *SHARED), at)
    _need(case, ("foreach", "do"), at)
    _check_types(case, at)
    written = case.get("subs", ())
    subs = (written,) if isinstance(written, str) else tuple(written)
    for name, rule in _mapping(case["do"], f"{at}, do", "names of rules, such as strict_sum,").items():
        judged_as = _kind_of(name, f"{at}, do", tuple(KINDS))
        for inner, sub_case in enumerate(_list_of_cases(rule, f"{at}, do, {judged_as}")):
            inside = f"{at}, do, {judged_as}, case {inner}"
            checked = _with_outer(_checked(sub_case, KINDS[judged_as], inside), case)
            yield Case(inside, LOOP, selector, number, judged_as, checked, Loop(case["foreach"], subs))


def _with_outer(inner: dict[str, Any], loop: Mapping[str, Any]) -> dict[str, Any]:
    """Add the shared keys of a loop to a repeated case. If both have a condition, both must hold."""
    outer = {key: loop[key] for key in SHARED if key in loop}
    if "condition" in inner and "condition" in outer:
        outer["condition"] = f"({outer['condition']}) and ({inner.pop('condition')})"
        return {**inner, **outer}
    return {**outer, **inner}


def _kind_of(name: str, where: str, known: Sequence[str]) -> str:
    """Find the kind by its name in any current spelling: at_least_one, atleast_one, atLeastOne."""
    spelling = _normalise(name)
    by_name = {_normalise(each): each for each in known}
    kind = by_name.get(_normalise(_ALSO_KNOWN_AS.get(spelling, spelling)))
    if kind is None:
        raise RulesetIsRefused(where, f"there is no rule '{_short(name)}'", f"There are: {', '.join(known)}.")
    return kind


def _normalise(name: str) -> str:
    return re.sub(r"[_\s-]", "", name).lower()


def _checked(case: Any, kind: Kind, at: str) -> dict[str, Any]:
    """Return the case with its keys in the Spec's spelling, after checking its values."""
    known = (*kind.needs, *kind.optional, *SHARED)
    found = _spelt(_mapping(case, at, f"the keys {', '.join(kind.needs)}"), known, at)
    _need(found, kind.needs, at)
    if "prefix" in kind.optional and "prefix" not in found and "start" not in found:
        raise RulesetIsRefused(at, "'prefix' is missing", "Give the XPaths of the prefixes.")
    _check_types(found, at)
    return found


def _spelt(case: Mapping[str, Any], known: Sequence[str], at: str) -> dict[str, Any]:
    """Return the known keys in one spelling. Nearly known keys are typing errors; all others are comments."""
    by_name = {_normalise(each): each for each in known}
    for key in case:
        near = get_close_matches(_normalise(key), by_name, n=1, cutoff=0.8)
        if near and _normalise(key) not in by_name:
            raise RulesetIsRefused(
                at, f"there is no key '{_short(key)}'", f"Did you mean '{by_name[near[0]]}'?"
            )
    return {by_name[_normalise(key)]: value for key, value in case.items() if _normalise(key) in by_name}


def _need(case: Mapping[str, Any], keys: Sequence[str], at: str) -> None:
    for key in keys:
        if key not in case:
            raise RulesetIsRefused(at, f"'{key}' is missing", f"Required: {', '.join(keys)}.")


def _check_types(case: Mapping[str, Any], at: str) -> None:
    for key, value in case.items():
        if key in LISTS:
            is_right, passes = _is_list(value, or_text=key in ("prefix", "subs")), "A list of texts."
        elif key in NUMBERS:
            is_right, passes = _is_number(value), "A number."
        elif key in ("do", "ruleInfo"):
            is_right, passes = isinstance(value, dict), "Names and values in braces."
        else:
            is_right, passes = isinstance(value, str) and value != "", "A text."
        if not is_right and not (key == "separator" and value == ""):
            raise RulesetIsRefused(at, f"'{key}' is {_short(json.dumps(value))}", passes)
    if case.get("idCondition", next(iter(ID_CONDITIONS))) not in ID_CONDITIONS:
        raise RulesetIsRefused(at, "there is no such idCondition", f"One of: {', '.join(ID_CONDITIONS)}.")
    if "regex" in case:
        try:
            read_pattern(case["regex"])
        except PatternIsRefused as refused:
            raise RulesetIsRefused(at, f"regex: {refused}", "A Perl-style pattern.") from None


def _is_list(value: Any, *, or_text: bool) -> bool:
    if isinstance(value, str):
        return or_text
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _is_number(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return abs(value) <= 10**300
    return isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", value) is not None


def _mapping(written: Any, where: str, expected: str) -> Mapping[str, Any]:
    if not isinstance(written, dict):
        raise RulesetIsRefused(
            where, f"it contains {_short(json.dumps(written))}", f"Give {expected} in braces."
        )
    return written


def _list_of_cases(rule: Any, where: str) -> list[Any]:
    cases = _mapping(rule, where, "the list 'cases'").get("cases")
    if not isinstance(cases, list):
        raise RulesetIsRefused(where, "there is no list 'cases'", 'Give {"cases": [...]}.')
    return cases


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:80]}…"  # noqa: PLR2004 - enough to find it
