"""The kinds of rules in IATI rulesets. Each becomes a rule of the rule language over columns of XPath results.

The meaning follows the IATI Ruleset Spec and, where the Spec is silent, the IATI Validator, for which the Spec was
written. docs/iati.md has the table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.reference.fields import Field

_TEXTS = Field("texts", "list", items=Field("text", "text"))
_NUMBERS = Field("numbers", "list", items=Field("number", "number"))

COLUMNS: Mapping[str, Field] = {
    **dict.fromkeys(("paths", "excluded", "one", "lacking", "prefix", "agencies", "publishers"), _TEXTS),
    "found": _NUMBERS,
    **{name: Field(name, "text") for name in ("less", "more", "date", "start", "end", "now")},
    **{name: Field(name, "text") for name in ("regex", "separator", "total")},
    **{name: Field(name, "number") for name in ("min", "max")},
    **{name: Field(name, "code") for name in ("condition", "premise", "conclusion", "holds")},
}
"""The columns of a record made from an XML node, for all kinds of rules. An empty list is missing."""

ONE_OR_ALL: Mapping[str, str] = {
    "lang": "descendant::narrative[not(@xml:lang)]",
    "sector": "transaction[not(sector)]",
    "recipient-country|recipient-region": "transaction[not(recipient-country|recipient-region)]",
    "currency": (
        "descendant::value[not(@currency)] | descendant::forecast[not(@currency)]"
        " | descendant::loan-status[not(@currency)]"
    ),
}
"""The known values of `all` in one_or_all, with the XPath of the elements that lack the value."""

AGENCIES = "ORG-ID-PREFIX"
"""The prefix that stands for the list of registration agencies."""

ID_CONDITIONS: Mapping[str, str] = {
    "NOT_EXISTING_ORG_ID": "count(paths, item in publishers) == 0",
    "NOT_EXISTING_ORG_ID_PREFIX": "count(paths, begins_with_one(item, publishers, '-')) == 0",
}


@dataclass(frozen=True)
class Column:
    """The source of a column's values.

    `how` is `texts` (of all nodes that `paths` find), `counts` (of nodes per path), `date` (the first), `truth` (of a
    path), `value` (a constant) or `known` (data from outside the file: agencies, publishers).
    """

    how: str
    paths: tuple[str, ...] = ()
    value: Any = None


@dataclass(frozen=True)
class Kind:
    """A kind of rule: the required keys of a case, its columns, its assertion, and the expected values in words."""

    columns: Callable[[Mapping[str, Any]], dict[str, Column]]
    holds: Callable[[Mapping[str, Any]], str]
    passes: Callable[[Mapping[str, Any]], str]
    needs: tuple[str, ...]
    optional: tuple[str, ...] = ()
    skips_missing: bool = False
    """Whether a missing value skips the rule, as for dates. Other kinds evaluate a missing value as an empty list."""


def _all_of(case: Mapping[str, Any], key: str = "paths") -> tuple[str, ...]:
    """Return the XPaths of a key, without duplicates."""
    written = case[key]
    return tuple(dict.fromkeys([written] if isinstance(written, str) else written))


def _shown(case: Mapping[str, Any], key: str = "paths", word: str = "or") -> str:
    return f" {word} ".join(f"`{path}`" for path in _all_of(case, key)) or "(no path)"


def _texts(**keys: str) -> Callable[[Mapping[str, Any]], dict[str, Column]]:
    return lambda case: {column: Column("texts", _all_of(case, key)) for column, key in keys.items()}


def _truths(**keys: str) -> Callable[[Mapping[str, Any]], dict[str, Column]]:
    return lambda case: {column: Column("truth", (case[key],)) for column, key in keys.items()}


def _dates(*keys: str) -> Callable[[Mapping[str, Any]], dict[str, Column]]:
    return lambda case: {key: Column("date", (case[key],)) for key in keys}


def _date_now(case: Mapping[str, Any]) -> dict[str, Column]:
    return {"date": Column("date", (case["date"],)), "now": Column("date", ("NOW",))}


def _counts(case: Mapping[str, Any]) -> dict[str, Column]:
    return {"found": Column("counts", _all_of(case))}


def _one_or_all(case: Mapping[str, Any]) -> dict[str, Column]:
    lacking = ONE_OR_ALL.get(case["all"].replace(" ", ""))
    # The Spec says "attributes or elements": any other value is an XPath that has to find a node.
    path = lacking or f"self::node()[not({case['all']})]"
    return {"one": Column("texts", (case["one"],)), "lacking": Column("texts", (path,))}


def _with_values(**keys: str) -> Callable[[Mapping[str, Any]], dict[str, Column]]:
    def columns(case: Mapping[str, Any]) -> dict[str, Column]:
        values = {column: Column("value", value=case.get(key)) for column, key in keys.items()}
        return {"paths": Column("texts", _all_of(case)), **values}

    return columns


def _prefix_key(case: Mapping[str, Any]) -> str:
    return "prefix" if "prefix" in case else "start"


def _asks_for_agency(case: Mapping[str, Any]) -> bool:
    return _all_of(case, _prefix_key(case)) == (AGENCIES,)


def _starts(case: Mapping[str, Any]) -> dict[str, Column]:
    paths = {"paths": Column("texts", _all_of(case))}
    if _asks_for_agency(case):
        return {**paths, "agencies": Column("known", value="agencies")}
    separator = Column("value", value=case.get("separator", ""))
    return {**paths, "prefix": Column("texts", _all_of(case, _prefix_key(case))), "separator": separator}


def _starts_hold(case: Mapping[str, Any]) -> str:
    if _asks_for_agency(case):
        return _every("agency(item) in agencies")
    return "absent(paths) or (given(prefix) and every(paths, begins_with_one(item, prefix, separator)))"


def _starts_pass(case: Mapping[str, Any]) -> str:
    start = "the code of a registration agency" if _asks_for_agency(case) else _shown(case, _prefix_key(case))
    separator = f" and '{case['separator']}'" if case.get("separator") else ""
    return f"Each {_shown(case)} begins with {start}{separator}."


def _range_holds(case: Mapping[str, Any]) -> str:
    bounds = [
        part
        for key, part in (("min", "min <= amount(item)"), ("max", "amount(item) <= max"))
        if case.get(key) is not None
    ]
    return _every(" and ".join(bounds) or "amount(item) == amount(item)")


def _range_passes(case: Mapping[str, Any]) -> str:
    bounds = [f"at {word} {case[key]}" for key, word in (("min", "least"), ("max", "most")) if key in case]
    return f"Each {_shown(case)} is a number, {' and '.join(bounds) or 'any'}."


def _every(condition: str) -> str:
    return f"absent(paths) or every(paths, {condition})"


def _says(text: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda _: text


def _words(template: str) -> Callable[[Mapping[str, Any]], str]:
    """Make a function that fills {a} with the value of a key, and {a:or} with its XPaths."""

    def filled(case: Mapping[str, Any]) -> str:
        text = template
        for key, value in case.items():
            text = text.replace(f"{{{key}}}", str(value))
            if isinstance(value, str | list):
                text = text.replace(f"{{{key}:or}}", _shown(case, key)).replace(
                    f"{{{key}:and}}", _shown(case, key, "and")
                )
        return text

    return filled


KINDS: Mapping[str, Kind] = {
    "no_more_than_one": Kind(
        _texts(paths="paths"), _says("count(paths) <= 1"), _words("At most one of {paths:or}."), ("paths",)
    ),
    "atleast_one": Kind(
        _texts(paths="paths"), _says("count(paths) >= 1"), _words("At least one of {paths:or}."), ("paths",)
    ),
    "only_one_of": Kind(
        _texts(paths="paths", excluded="excluded"),
        _says("(given(excluded) and absent(paths)) or (absent(excluded) and count(paths) == 1)"),
        _words("None of {paths:or} with {excluded:or}; otherwise exactly one."),
        ("excluded", "paths"),
    ),
    "one_or_all": Kind(
        _one_or_all,
        _says("given(one) or absent(lacking)"),
        _words("{one:or}, or otherwise {all} at every place that may have it."),
        ("one", "all"),
    ),
    "dependent": Kind(
        _counts,
        _says("every(found, item == 0) or every(found, item > 0)"),
        _words("All of {paths:and}, or none of them."),
        ("paths",),
    ),
    "unique": Kind(
        _texts(paths="paths"),
        _says("distinct(paths)"),
        _words("The texts of {paths:and} are unique."),
        ("paths",),
    ),
    "sum": Kind(
        _with_values(total="sum"),
        _says("absent(paths) or adds_up(paths, total)"),
        _words("The numbers of {paths:and}, if any, add up to {sum}."),
        ("paths", "sum"),
    ),
    "strict_sum": Kind(
        _with_values(total="sum"),
        _says("adds_up(paths, total)"),
        _words("The numbers of {paths:and} add up to {sum}."),
        ("paths", "sum"),
    ),
    "range": Kind(
        _with_values(min="min", max="max"), _range_holds, _range_passes, ("paths",), ("min", "max")
    ),
    "date_order": Kind(
        _dates("less", "more"),
        _says("less <= more"),
        _words("`{less}` is not after `{more}`."),
        ("less", "more"),
        skips_missing=True,
    ),
    "date_now": Kind(
        _date_now,
        _says("date <= now"),
        _words("`{date}` is not in the future."),
        ("date",),
        skips_missing=True,
    ),
    "time_limit": Kind(
        _dates("start", "end"),
        _says("end <= year_after(start)"),
        _words("`{end}` is at most a year after `{start}`."),
        ("start", "end"),
        skips_missing=True,
    ),
    "between_dates": Kind(
        _dates("date", "start", "end"),
        _says("start <= date <= end"),
        _words("`{date}` is between `{start}` and `{end}`, both included."),
        ("date", "start", "end"),
        skips_missing=True,
    ),
    "regex_matches": Kind(
        _with_values(regex="regex"),
        _says(_every("item == '' or finds(item, regex)")),
        _words("Each {paths:or} matches the pattern {regex}."),
        ("paths", "regex"),
    ),
    "regex_no_matches": Kind(
        _with_values(regex="regex"),
        _says(_every("item == '' or not finds(item, regex)")),
        _words("No {paths:or} matches the pattern {regex}."),
        ("paths", "regex"),
    ),
    "startswith": Kind(_starts, _starts_hold, _starts_pass, ("paths",), ("prefix", "start", "separator")),
    "if_then": Kind(
        _truths(premise="if", conclusion="then"),
        _says("not premise or conclusion"),
        _words("If `{if}`, then `{then}`."),
        ("if", "then"),
        ("paths",),
    ),
    "evaluates_to_true": Kind(_truths(holds="eval"), _says("holds"), _words("`{eval}` is true."), ("eval",)),
    "no_spaces": Kind(
        _texts(paths="paths"),
        _says(_every("trimmed(item) == item")),
        _words("No {paths:or} begins or ends with a blank or a line break."),
        ("paths",),
    ),
    "no_percent": Kind(
        _texts(paths="paths"),
        _says(_every("not finds(item, '%')")),
        _words("No {paths:or} contains a percent sign."),
        ("paths",),
    ),
}
"""Each kind by its name in the Spec. `loop` is not a kind, since it repeats rules of other kinds."""
