"""The schema of rule files agrees with the loader: a file that editors refuse does not load."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from services.validation.engine.domain.reading import RulesetIsBroken
from services.validation.rulesets.formats import yaml_files
from services.validation.rulesets.operations.files import FOLDER, NAMES, bundled_file, read_valid_ruleset
from tests.validation.drafts import STRICT, dumped, written_draft

SCHEMA = json.loads((FOLDER / "schema.json").read_bytes())

Change = Callable[[dict[str, Any]], Any]


def of_rule(**parts: Any) -> Change:
    """Return a file with a rule that has these parts; None removes one."""

    def change(written: dict[str, Any]) -> None:
        rule = written["rules"][-1] | parts
        written["rules"][-1] = {part: value for part, value in rule.items() if value is not None}

    return change


def of_file(**parts: Any) -> Change:
    """Return a file with these parts; None removes one."""

    def change(written: dict[str, Any]) -> None:
        written.update(parts)
        for part in [part for part, value in parts.items() if value is None]:
            del written[part]

    return change


EXAMPLES: Mapping[str, Any] = STRICT["examples"]
PASSING = EXAMPLES["passes"]

BROKEN = {
    "no name": of_file(name=None),
    "another's name": of_file(name="WBXX"),
    "no version": of_file(version=None),
    "a version that is a number": of_file(version=2026.3),
    "a version with blanks": of_file(version="2026 2"),
    "a version that reads like a stamp": of_file(version="2026.3+general.1"),
    "a version that is too long": of_file(version="1" * 21),
    "no title": of_file(title=None),
    "a title that is empty": of_file(title=""),
    "a title that is too long": of_file(title="T" * 201),
    "no rules": of_file(rules=None),
    "rules that are none": of_file(rules=[]),
    "rules that are no list": of_file(rules="all"),
    "a rule that is a text": lambda written: written["rules"].append("no rule"),
    "a word that the file does not know": of_file(author="me"),
    "a word that the rule does not know": of_rule(severety="error"),
    **{
        f"a rule without {part}": of_rule(**{part: None})
        for part in ("id", "title", "severity", "level", "kinds", "assert", "field", "message", "expected")
    },
    "a rule without a reason": of_rule(why=None),
    "a rule without examples": of_rule(examples=None),
    **{
        f"a {part} that is no text": of_rule(**{part: 7})
        for part in ("id", "title", "assert", "when", "for_each", "field", "message", "why", "reference")
    },
    **{f"a {part} that is blank": of_rule(**{part: " "}) for part in ("title", "message", "expected", "why")},
    "an id in another form": of_rule(id="urgent"),
    "an unknown severity": of_rule(severity="fatal"),
    "an unknown level": of_rule(level="planet"),
    "an unknown kind": of_rule(kinds=["needs"]),
    "a kind twice": of_rule(kinds=["need", "need"]),
    "no kind": of_rule(kinds=[]),
    "kinds that are a text": of_rule(kinds="need"),
    "an unknown meaning of missing": of_rule(missing="maybe"),
    "periods that are a year": of_rule(periods=2026),
    "periods that are empty": of_rule(periods={}),
    "periods with another word": of_rule(periods={"since": 2026}),
    "periods that are texts": of_rule(periods={"from": "2026"}),
    "an expression that is too long": of_rule(**{"assert": f"priority_level == '{'h' * 800}'"}),
    "examples that are a list": of_rule(examples=PASSING),
    "examples without one that passes": of_rule(examples={"fails": EXAMPLES["fails"]}),
    "examples without one that fails": of_rule(examples={"passes": PASSING}),
    "examples of another behaviour": of_rule(examples=EXAMPLES | {"maybe": PASSING}),
    "examples that are none": of_rule(examples=EXAMPLES | {"skips": []}),
    "an example without a record": of_rule(examples=EXAMPLES | {"skips": [{"submission": {"kind": "need"}}]}),
    "an example with a record and records": of_rule(
        examples=EXAMPLES | {"passes": [{"record": {}, "records": []}]}
    ),
    "an example whose record is a text": of_rule(examples=EXAMPLES | {"skips": [{"record": "none"}]}),
    "an example of an unknown fact": of_rule(
        examples=EXAMPLES | {"passes": [PASSING[0] | {"submission": {"x": "y"}}]}
    ),
}


def is_valid(written: Any) -> bool:
    return bool(Draft202012Validator(SCHEMA).is_valid(written))


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", NAMES)
def test_what_ships_is_as_the_schema_says(name):
    assert is_valid(yaml_files.read_yaml(bundled_file(name)))


def test_a_sound_file_is_sound_to_both():
    written = written_draft(add=[STRICT])
    assert is_valid(written)
    assert read_valid_ruleset(dumped(written)).stamp.version == "2026.4"


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN)
def test_what_the_schema_refuses_the_loader_refuses(change):
    written = written_draft(add=[STRICT])
    written["rules"] = written["rules"][-3:]
    change(written)
    assert not is_valid(written)
    with pytest.raises(RulesetIsBroken) as broken:
        read_valid_ruleset(dumped(written))
    assert all(broken.value.problems)
