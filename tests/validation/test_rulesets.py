import copy
from pathlib import Path
from typing import Any

import pytest

from services.validation import formats
from services.validation.domain.examples import problems_of
from services.validation.domain.rules import RulesetIsBroken, combined, ruleset_of, shapes_of
from services.validation.domain.shapes import ShapeIsBroken
from services.validation.operations import check_rulesets, ruleset_for
from services.validation.operations.rulesets import FOLDER, NAMES, ruleset_file, shapes
from shared.reference import PILLARS


def written(name: str) -> dict:
    return copy.deepcopy(dict(formats.read_yaml((Path(FOLDER) / f"{name}.yaml").read_bytes())))


def test_every_example_of_every_rule_behaves() -> None:
    assert check_rulesets() == []


@pytest.mark.parametrize("name", NAMES)
def test_a_ruleset_has_enough_rules_and_each_has_examples_that_pass_and_fail(name: str) -> None:
    rules = ruleset_file(name).rules
    assert len(rules) >= (10 if name == "general" else 3)
    assert all(rule.examples["passes"] and rule.examples["fails"] for rule in rules)


def test_ids_and_titles_are_unique_over_all_rulesets() -> None:
    rules = [rule for name in NAMES for rule in ruleset_file(name).rules]
    assert len({rule.id for rule in rules}) == len(rules)
    assert len({(rule.title, rule.written["assert"]) for rule in rules}) == len(rules)


def test_a_pillars_rules_come_after_the_general_ones_and_the_stamp_names_both() -> None:
    for pillar in PILLARS:
        ruleset = ruleset_for(pillar)
        ids = [rule.id for rule in ruleset.rules]
        assert ids == [rule.id for name in ("general", pillar) for rule in ruleset_file(name).rules]
        assert ruleset.stamp.name == pillar
        assert ruleset.stamp.version == "2026.1+general.2026.1"
        assert len(ruleset.stamp.hash) == 64


@pytest.mark.parametrize("changed", ["general", "WBBSi", "fields"])
def test_the_hash_changes_with_any_word_of_either_file_or_of_the_fields(changed: str) -> None:
    files = {name: written(name) for name in ("general", "WBBSi", "fields")}
    if changed == "fields":
        files["fields"]["kinds"]["need"]["title"]["at_most"] = 1999
    else:
        files[changed]["rules"][0]["why"] += " Indeed."
    described = shapes_of(files["fields"])
    other = combined(ruleset_of(files["general"], described), ruleset_of(files["WBBSi"], described))
    assert other.stamp.hash != ruleset_for("WBBSi").stamp.hash


def test_the_same_files_give_the_same_hash() -> None:
    described = shapes_of(written("fields"))
    again = combined(ruleset_of(written("general"), described), ruleset_of(written("WBBSi"), described))
    assert again.stamp == ruleset_for("WBBSi").stamp


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"severity": "fatal"}, "severity"),
        ({"level": "field"}, "level"),
        ({"missing": "maybe"}, "missing"),
        ({"id": "general one"}, "id"),
        ({"kinds": []}, "kinds"),
        ({"kinds": ["needs"]}, "kinds"),
        ({"assert": "titel == 'x'"}, "titel"),
        ({"when": "open('/etc/passwd')"}, "open"),
        ({"field": "titel"}, "titel"),
        ({"message": "About {titel}."}, "titel"),
        ({"expected": "About {titel}."}, "titel"),
        ({"for_each": "title"}, "list"),
        ({"for_each": "transaction"}, "transaction"),
        ({"severety": "error"}, "severety"),
        ({"why": None}, "why"),
    ],
)
def test_a_rule_that_says_something_impossible_is_refused_by_name(
    change: dict[str, Any], complaint: str
) -> None:
    file = written("general")
    rule = file["rules"][1]
    rule.update(change)
    rule = {key: value for key, value in rule.items() if value is not None}
    file["rules"][1] = rule
    with pytest.raises(RulesetIsBroken, match=complaint):
        ruleset_of(file, shapes())


def test_all_that_is_wrong_with_a_ruleset_is_said_at_once() -> None:
    file = written("general")
    file["rules"] += [file["rules"][0], "no rule at all"]
    file["rules"][3] = {**file["rules"][3], "assert": "nothing"}
    del file["title"]
    with pytest.raises(RulesetIsBroken) as broken:
        ruleset_of(file, shapes())
    assert len(broken.value.problems) == 4


@pytest.mark.parametrize(
    "spec", [{"type": "money"}, {"type": "code", "list": "colours"}, {"type": "text", "length": 3}, {}]
)
def test_a_field_that_cannot_be_is_refused(spec: dict[str, Any]) -> None:
    with pytest.raises(ShapeIsBroken):
        shapes_of({"version": "1", "kinds": {"need": {"colour": spec}}})


@pytest.mark.parametrize(
    ("examples", "problem"),
    [
        ({"passes": [{"record": {"title": "n/a"}}], "fails": [{"record": {"title": "n/a"}}]}, "is failed"),
        ({"passes": [{"record": {"title": "A title"}}]}, "no example that fails"),
        (
            {"passes": [{"record": {"title": 7}}], "fails": [{"record": {"title": "n/a"}}]},
            "no sound record|not a sound",
        ),
        ({"fails": [{"record": {"title": "-"}}], "passes": [{"record": {"ref": "A"}}]}, "is skipped"),
        (
            {"fails": [{"record": {"title": "-"}}], "passes": [{"record": {"title": "Ok ok"}}], "maybe": []},
            "maybe",
        ),
    ],
)
def test_examples_that_do_not_behave_are_reported(examples: dict[str, Any], problem: str) -> None:
    file = written("general")
    file["rules"] = [{**file["rules"][1], "examples": examples}]
    problems = list(problems_of(ruleset_of(file, shapes())))
    assert len(problems) == 1
    assert any(each in problems[0] for each in problem.split("|"))


def test_dates_in_the_files_stay_texts() -> None:
    assert formats.read_yaml(b"start: 2026-05-31") == {"start": "2026-05-31"}


def test_a_file_without_names_is_refused() -> None:
    with pytest.raises(formats.FileIsNoMapping):
        formats.read_yaml(b"- one\n- two\n")
