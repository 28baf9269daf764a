"""A ruleset as a page: each rule with its reasons and examples, and the fields of records."""

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml

from shared.documents.html import Templates
from shared.reference import CODELISTS, TLP
from shared.reference.fields import MAX_LIST, MAX_NUMBER, MAX_REF, MAX_TEXT
from shared.reference.wording import KIND_TITLES

_TEMPLATES = Templates(Path(__file__).parents[1] / "templates")


LEVELS = {
    "field": "one field of a record",
    "record": "each record alone",
    "submission": "all records of the submission together",
    "reference": "each record, and the records of others",
    "history": "each record, and the records accepted before",
    "file": "each part of the submitted file that was not read",
}
MISSING = {
    "skip": "skipped where a value that it reads is missing",
    "fail": "failed where a value that it reads is missing",
    "given": "judged even where values are missing",
}
SEVERITIES = {
    "blocker": "Blocker: returns the submission",
    "error": "Error: returns the submission",
    "warning": "Warning: does not return it",
    "info": "Information only",
}
BEHAVIOURS = {"passes": "Passes", "fails": "Fails", "skips": "Is skipped"}

_TYPES = {
    "ref": "identifier",
    "text": "text",
    "date": "date, year-month-day",
    "code": "code",
    "number": "number",
    "integer": "whole number",
    "block": "group of fields",
    "list": "list",
}
_FIELD = re.compile(r"\{field\((?:item\.)?([\w.]+)\)\}")
_CODES = re.compile(r"\{code\([\w.]+, ([^{}]*)\)\}")
_PLACE = re.compile(r"(\{[^{}]*\})")


def ruleset_as_html(ruleset: Mapping[str, Any]) -> str:
    """Render the page of a ruleset in the JSON form of `GET /rulesets/<name>`."""
    return _TEMPLATES.render(
        "ruleset.html.j2",
        ruleset=ruleset,
        parts=[
            {"id": prefix, "title": _part_title(prefix, ruleset), "rules": [_rule(rule) for rule in rules]}
            for prefix, rules in groupby(ruleset["rules"], lambda rule: rule["id"].rpartition("-")[0])
        ],
        kinds=[(kind, KIND_TITLES[kind], list(_rows(fields))) for kind, fields in ruleset["fields"].items()],
        severities=SEVERITIES,
        behaviours=BEHAVIOURS,
    )


def _part_title(prefix: str, ruleset: Mapping[str, Any]) -> str:
    return "Rules for all pillars" if prefix == "GEN" else f"Rules of the {ruleset['title']}"


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule for the template."""
    return {
        "for_each": None,
        "when": None,
        "reference": None,
        **rule,
        "applies_to": _applies_to(rule),
        "looks_at": LEVELS.get(rule["level"], rule["level"]),
        "missing": MISSING[rule.get("missing", "skip")],
        "message": _with_places(rule["message"]),
        "expected": _with_places(rule["expected"]),
        "examples": [
            (BEHAVIOURS[name], [snippet(example) for example in rule["examples"][name]])
            for name in BEHAVIOURS
            if rule.get("examples", {}).get(name)
        ],
    }


def _applies_to(rule: Mapping[str, Any]) -> str:
    """Return the kinds and years of a rule: "Needs and responses, from 2025 to 2026"."""
    *others, last = [KIND_TITLES[kind].lower() for kind in rule["kinds"]]
    kinds = f"{', '.join(others)} and {last}" if others else last
    periods = rule.get("periods", {})
    years = "".join(f" {word} {periods[word]}" for word in ("from", "to") if word in periods)
    return kinds.capitalize() + (f",{years}" if years else "")


def _with_places(text: str) -> list[tuple[bool, str]]:
    """Split a message into parts: whether each is a placeholder, and its text. Named fields and codes are texts."""
    parts = [_named(part) for part in _PLACE.split(text) if part]
    return [(part.startswith("{"), part) for part in parts]


def _named(part: str) -> str:
    """Return the field or the codes that a placeholder names; any other part unchanged."""
    if found := _FIELD.fullmatch(part):
        return found[1]
    found = _CODES.fullmatch(part)
    return part if found is None else ", ".join(re.findall("'([^']*)'", found[1]))


def snippet(example: Mapping[str, Any]) -> str:
    """Return an example as YAML: its record alone, if it has nothing else."""
    shown = example["record"] if list(example) == ["record"] else example
    return yaml.dump(shown, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=88).rstrip("\n")


class _Plain(yaml.SafeDumper):
    """A dumper that writes dates without quotation marks and never uses aliases."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the dumper's signature
        return True


_Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeDumper.yaml_implicit_resolvers.items()
}


def _rows(fields: Mapping[str, Any], before: str = "") -> Iterator[dict[str, Any]]:
    """Yield every field with its values; `[]` marks the entries of a list."""
    for name, spec in fields.items():
        yield from _rows_of(f"{before}{name}", spec)


def _rows_of(name: str, spec: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield {
        "name": name,
        "type": _TYPES[spec["type"]],
        "required": bool(spec.get("required")),
        "takes": _takes(spec),
        "codes": _codes(spec),
    }
    if "items" in spec:
        inner = spec["items"]
        if inner["type"] == "block":
            yield from _rows(inner["fields"], f"{name}[].")
        else:
            yield from _rows_of(f"{name}[]", inner)
    if "fields" in spec:
        yield from _rows(spec["fields"], f"{name}.")


def _takes(spec: Mapping[str, Any]) -> str:
    least, most = spec.get("at_least"), spec.get("at_most")
    match spec["type"]:
        case "ref":
            return f"at most {MAX_REF:,} characters"
        case "text":
            return f"at most {most or MAX_TEXT:,} characters"
        case "list":
            return f"at most {most or MAX_LIST:,} entries"
        case "number" | "integer":
            lowest = -MAX_NUMBER if least is None else least
            highest = MAX_NUMBER if most is None else most
            return f"from {_figure(lowest)} to {_figure(highest)}"
        case _:
            return ""


def _figure(number: float) -> str:
    """Format a number. A number of four digits may be a year and has no separator."""
    return f"{number:,}" if abs(number) >= 10_000 else str(number)  # noqa: PLR2004 - see above


def _codes(spec: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the codes of a field with their labels."""
    if "values" in spec:
        return [(code, "") for code in spec["values"]]
    if spec.get("list") == "tlp":
        return [(code, "") for code in TLP]
    if "list" in spec:
        return [(code.code, code.label) for code in CODELISTS[spec["list"]].codes.values()]
    return []
