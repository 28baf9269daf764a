"""Differences between two versions of a ruleset."""

from services.validation.rulesets.domain.differences import Change, RuleChange, differences
from services.validation.rulesets.operations.files import read_ruleset
from tests.validation.drafts import STRICT, draft, dumped, written_draft

OLD = read_ruleset(draft("WBCTi", "2026.1", add=[STRICT]))


def test_a_version_says_the_same_as_itself():
    assert differences(OLD, OLD).is_empty


def test_rules_that_came_and_went_are_shown_as_they_are_written():
    new = read_ruleset(draft("WBCTi", "2026.1", add=[STRICT | {"id": "WBCTi-91"}]))
    found = differences(OLD, new)
    assert [rule["id"] for rule in found.added] == ["WBCTi-91"]
    assert found.removed == (STRICT,)
    assert (found.changed, found.is_reordered, found.is_empty) == ((), False, False)


def test_a_changed_rule_is_shown_part_by_part_and_its_examples_by_what_they_show():
    passes = [*STRICT["examples"]["passes"], {"record": {"priority_level": "high", "ref": "A"}}]
    changed = STRICT | {
        "severity": "warning",
        "when": "given(priority_level)",
        "examples": STRICT["examples"] | {"passes": passes},
    }
    del changed["examples"]["skips"]
    found = differences(OLD, read_ruleset(draft("WBCTi", "2026.1", add=[changed])))
    assert found.changed == (
        RuleChange(
            "WBCTi-90",
            "A need is urgent",
            (
                Change("severity", "error", "warning"),
                Change("when", None, "given(priority_level)"),
                Change("examples: passes", STRICT["examples"]["passes"], passes),
                Change("examples: skips", STRICT["examples"]["skips"], None),
            ),
        ),
    )


def test_version_title_and_order_are_shown_too():
    written = written_draft("WBCTi", "2026.9", add=[STRICT]) | {"title": "Others"}
    written["rules"].reverse()
    found = differences(OLD, read_ruleset(dumped(written)))
    assert found.heading == (Change("version", "2026.1", "2026.9"), Change("title", OLD.title, "Others"))
    assert found.is_reordered
    assert (found.added, found.removed, found.changed) == ((), (), ())
