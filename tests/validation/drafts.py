"""Drafts of rulesets: bundled files with changes."""

import copy
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

import yaml

from services.validation.rulesets.formats import yaml_files
from services.validation.rulesets.operations.files import bundled_file

STRICT: dict[str, Any] = {
    "id": "WBCTi-90",
    "title": "A need is urgent",
    "severity": "error",
    "level": "field",
    "kinds": ["need"],
    "assert": "priority_level == 'high'",
    "field": "priority_level",
    "message": "The priority is {priority_level}.",
    "expected": "Only needs of high priority.",
    "why": "A test wants to know.",
    "examples": {
        "passes": [{"record": {"priority_level": "high"}}],
        "fails": [{"record": {"priority_level": "low"}}],
        "skips": [{"record": {"ref": "CT-001"}}],
    },
}
"""A rule that is stricter than all that ship."""


def written_draft(
    name: str = "WBCTi",
    version: str = "2026.4",
    *,
    add: Collection[Mapping[str, Any]] = (),
    drop: Collection[str] = (),
    change: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """Return a bundled file of rules as data, changed; `change` maps rule ids to changed parts."""
    written = copy.deepcopy(_bundled(name))
    changes = change or {}
    kept = [
        _changed(rule, changes.get(rule["id"], {})) for rule in written["rules"] if rule["id"] not in drop
    ]
    return written | {"version": version, "rules": [*kept, *add]}


def _changed(rule: dict[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rule with other parts. The translations of another text would be wrong."""
    reworded = {"title", "message", "expected", "why"} & change.keys()
    return {name: value for name, value in rule.items() if not reworded or name != "translations"} | change


@cache
def _bundled(name: str) -> dict[str, Any]:
    return dict(yaml_files.read_yaml(bundled_file(name)))


def draft(*names: str, **said: Any) -> bytes:
    """Return a changed bundled file of rules."""
    return dumped(written_draft(*names, **said))


def dumped(written: Mapping[str, Any]) -> bytes:
    return yaml.dump(dict(written), Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False).encode()
