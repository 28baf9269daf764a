import copy
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.validation.engine.domain.evaluation.judging import judge
from services.validation.engine.domain.evaluation.submissions import Submission
from services.validation.engine.domain.reading import RulesetIsBroken, combined, ruleset_of, shapes_of
from services.validation.engine.domain.references.lookups import Snapshot
from services.validation.engine.domain.rules import Rule, Ruleset
from services.validation.rulesets.domain.examples import check_examples, example_records, example_submission
from services.validation.rulesets.domain.mending import check_mended, refused_codes
from services.validation.rulesets.formats import yaml_files
from services.validation.rulesets.operations.files import FOLDER, NAMES, bundled_ruleset, shapes
from shared.reference import PILLARS, reporter
from shared.reference.fields import FIELDS, SchemaIsInvalid
from tests import iati
from tests.bundled_rulesets import ruleset_for

ENOUGH = {"general": 25} | dict.fromkeys(PILLARS, 15)
ALL_RULES = [pytest.param(name, rule, id=rule.id) for name in NAMES for rule in bundled_ruleset(name).rules]
MOST = 0.6
"""A rule that fails more of the real rows than this says more about the rule than about the rows."""


@cache
def file_of(name: str) -> dict:
    if name == "fields":
        return FIELDS
    return dict(yaml_files.read_yaml((Path(FOLDER) / f"{name}.yaml").read_bytes()))


def written(name: str) -> dict:
    return copy.deepcopy(file_of(name))


def alone(name: str, rule: Rule, **changes: Any) -> Ruleset:
    """Return a ruleset with this one rule, changed; a change to None removes the part."""
    changed = {word: said for word, said in {**rule.written, **changes}.items() if said is not None}
    return ruleset_of({"name": name, "version": "1", "title": "One rule", "rules": [changed]}, shapes())


def said_by(name: str, rule: Rule) -> Iterator[str]:
    """Return the texts about each failing example, and the constant texts."""
    yield from (rule.title, rule.why)
    for example in rule.examples["fails"]:
        if example.keys() & {"previous", "similar", "former"}:
            continue
        known = {tuple(each[:4]): "in_force" for each in example.get("known", ())}
        submission, records = example_submission(rule, name, example), example_records(example)
        judgement = judge(
            alone(name, rule), submission, records, lambda _, known=known: Snapshot(known=known)
        )
        for finding in judgement.findings:
            if finding.rule == rule.id:
                yield from (
                    text for place in finding.places for text in (place["message"], place["expected"])
                )


@pytest.mark.parametrize("name", NAMES)
def test_every_example_of_every_rule_behaves(name: str) -> None:
    assert list(check_examples(bundled_ruleset(name))) == []


@pytest.mark.parametrize(("name", "rule"), ALL_RULES)
def test_what_a_rule_says_would_pass_does_pass(name: str, rule: Rule) -> None:
    assert list(check_mended(alone(name, rule))) == []
    # What others reported and what a file has beside its records is not corrected in a record.
    if rule.level != "file" and rule.for_each != "similar":
        assert any("mended" in example for example in rule.examples["fails"])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("year", range(2013, 2034, 2))
def test_the_codes_that_a_message_offers_pass_in_every_period(name: str, year: int) -> None:
    ruleset = bundled_ruleset(name)
    for rule in ruleset.rules:
        for kind in rule.kinds if "codes(" in rule.written["expected"] else ():
            period = f"{year}-{year + 1}" if kind == "need" else str(year)
            wrong = {"code": "zzz"} if rule.for_each == "themes" else "zzz"
            record = {rule.for_each or rule.place: [wrong] if rule.for_each == "themes" else wrong}
            if rule.for_each == "transactions":
                record = {
                    "transactions": [{"type": "3", "date": f"{year}-05-01", "amount": 5, "currency": "zzz"}]
                }
            example = {"record": record, "submission": {"kind": kind, "period": period}}
            assert list(refused_codes(rule, ruleset, example)) == [], (rule.id, period)


def test_support_before_the_first_list_of_themes_needs_none_and_may_have_any_of_the_list() -> None:
    for pillar, code in (
        ("WBCTi", "jap25_europol"),
        ("WBCSCi", "empact22_drugs"),
        ("WBBSi", "eibm_i_return"),
    ):
        for record in ({"ref": "S-1"}, {"ref": "S-2", "themes": [{"code": code}]}):
            submission = Submission(
                pillar, "support", "2015", "TLP:GREEN", f"AL-{pillar}", "AL", "2026-11-23"
            )
            judgement = judge(ruleset_for(pillar), submission, [record], lambda _: Snapshot())
            found = {finding.rule for finding in judgement.findings}
            assert found.isdisjoint({"GEN-58", f"{pillar}-02"}), (pillar, record)


@pytest.mark.parametrize("name", NAMES)
def test_a_ruleset_has_enough_rules_some_that_return_and_some_that_only_warn(name: str) -> None:
    severities = Counter(rule.severity for rule in bundled_ruleset(name).rules)
    assert severities.total() >= ENOUGH[name]
    assert severities["warning"] > severities["error"] > 0


@pytest.mark.parametrize(("name", "rule"), ALL_RULES)
def test_a_rule_shows_what_passes_and_what_fails_and_what_it_is_not_for(name: str, rule: Rule) -> None:
    assert rule.examples["passes"]
    assert rule.examples["fails"]
    assert rule.examples.get("skips") or not ("when" in rule.written or rule.for_each)


@pytest.mark.parametrize(("name", "rule"), [each for each in ALL_RULES if "when" in each.values[1].written])
def test_without_its_condition_a_rule_is_wrong_about_one_of_its_examples(name: str, rule: Rule) -> None:
    assert list(check_examples(alone(name, rule, when=None)))


@pytest.mark.parametrize(("name", "rule"), ALL_RULES)
def test_what_a_reporter_reads_is_filled_and_made_of_sentences(name: str, rule: Rule) -> None:
    title, *texts = said_by(name, rule)
    assert not title.endswith(".")
    for text in (title, *texts):
        assert "(unknown)" not in text
        assert not re.search(r"[{}]|\bcountr|Kosovo(?!\*)", text)
    for text in texts:
        assert re.search(r'[.?][")]?$', text), text


def test_no_two_rules_ask_the_same_of_the_same_records() -> None:
    rules = [rule for name in NAMES for rule in bundled_ruleset(name).rules]
    asked = Counter(
        (rule.written["assert"], rule.written.get("when"), rule.for_each, kind)
        for rule in rules
        for kind in rule.kinds
    )
    assert [each for each, times in asked.items() if times > 1] == []
    assert [each for each, times in Counter(rule.title for rule in rules).items() if times > 1] == []


@pytest.mark.parametrize("name", NAMES)
def test_ids_bear_the_name_of_their_file_and_ascend(name: str) -> None:
    prefix = "GEN" if name == "general" else name
    numbers = [int(rule.id.removeprefix(f"{prefix}-")) for rule in bundled_ruleset(name).rules]
    assert numbers == sorted(set(numbers))
    if name != "general":
        assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.skipif(not iati.SAMPLE.exists(), reason="the real rows lie beside the project, and are not here")
@pytest.mark.parametrize("pillar", PILLARS)
def test_no_rule_fails_most_real_rows(pillar: str) -> None:
    failed: Counter[str] = Counter()
    rows = 0
    for submitted in iati.submissions():
        body = submitted.body
        rows += len(body["records"])
        submission = Submission(
            pillar=pillar,
            kind=body["kind"],
            period=body["period"],
            tlp=body["tlp"],
            reporter=submitted.reporter,
            partner=reporter(submitted.reporter).partner,
            received_on="2026-11-23",
        )
        judgement = judge(ruleset_for(pillar), submission, body["records"], lambda _: Snapshot())
        assert judgement.outcomes["errored"] == 0
        failed.update({finding.rule: finding.count for finding in judgement.findings})
    assert {rule for rule, times in failed.items() if times > MOST * rows} == set()


def test_a_pillars_rules_come_after_the_general_ones_and_the_stamp_names_both() -> None:
    for pillar in PILLARS:
        ruleset = ruleset_for(pillar)
        ids = [rule.id for rule in ruleset.rules]
        assert ids == [rule.id for name in ("general", pillar) for rule in bundled_ruleset(name).rules]
        assert ruleset.stamp.name == pillar
        assert ruleset.stamp.version == "2026.3+general.2026.3"
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
        ({"level": "planet"}, "level"),
        ({"level": "file"}, "for_each: unread"),
        ({"missing": "maybe"}, "missing"),
        ({"id": "general one"}, "id"),
        ({"kinds": []}, "kinds"),
        ({"kinds": ["needs"]}, "needs"),
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
    with pytest.raises(SchemaIsInvalid):
        shapes_of({"version": "1", "kinds": {"need": {"colour": spec}}})


@pytest.mark.parametrize(
    ("examples", "problem"),
    [
        ({"passes": [{"record": {"title": "n/a"}}], "fails": [{"record": {"title": "n/a"}}]}, "' fails"),
        ({"passes": [{"record": {"title": "A title"}}]}, "no example that fails"),
        (
            {"passes": [{"record": {"title": 7}}], "fails": [{"record": {"title": "n/a"}}]},
            "no valid record|not a valid",
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
    problems = list(check_examples(ruleset_of(file, shapes())))
    assert len(problems) == 1
    assert any(each in problems[0] for each in problem.split("|"))


def test_dates_in_the_files_stay_texts() -> None:
    assert yaml_files.read_yaml(b"start: 2026-05-31") == {"start": "2026-05-31"}


@pytest.mark.parametrize("path", sorted(Path(FOLDER).glob("*.yaml")), ids=lambda path: path.stem)
def test_both_parsers_read_the_same(path):
    content = path.read_bytes() + b"more: {day: 2026-05-31, yes: on, number: 0o7, nothing: ~}\n"
    fast = yaml.load(content, Loader=yaml_files._FastLoader)
    assert fast == yaml.load(content, Loader=yaml_files._Loader)
    assert fast["more"]["day"] == "2026-05-31"


@pytest.mark.parametrize("levels", [51, 100_000])
def test_a_file_that_is_nested_too_deeply_is_refused_with_its_line(levels):
    with pytest.raises(
        yaml_files.FileIsUnreadable, match="line 2: lists and mappings are nested more than 50"
    ):
        yaml_files.read_yaml(b"name: WBCTi\nrules: " + b"[" * levels + b"]" * levels)


def test_a_file_without_names_is_refused() -> None:
    with pytest.raises(yaml_files.FileIsUnreadable):
        yaml_files.read_yaml(b"- one\n- two\n")
