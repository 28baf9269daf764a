"""Statistics of rules over current verdicts, for the roles that maintain the rules."""

from collections.abc import Callable
from itertools import count

import pytest

from services.validation.findings import store
from services.validation.rulesets.domain.costs import ROUNDS, TIMES, measure_microseconds
from services.validation.rulesets.operations import files
from services.validation.verdicts import tasks
from services.validation.verdicts.domain.rule_statistics import RuleStatistics
from services.validation.verdicts.operations import exemptions, rule_statistics
from services.validation.verdicts.schemas.statistics import RuleStatisticsResponse
from shared.identity.callers import Caller
from shared.resources import Runtime
from tests.validation.conftest import NEED, submission_id, withdrawn
from tests.validation.drafts import STRICT, draft


def statistics_from(**reporters: tuple[int, int]) -> RuleStatistics:
    """Return the counts of a rule for each reporter."""
    statistics = RuleStatistics()
    for reporter, (passed, failed) in reporters.items():
        statistics.add(reporter, {"passed": passed, "failed": failed, "errored": 0, "skipped": {}})
    return statistics


def test_a_rules_share_is_over_what_it_judged_whoever_reported_it():
    statistics = statistics_from(al=(3, 1), xk=(4, 0), rs=(0, 0))
    assert (statistics.share, statistics.failing_reporters, len(statistics.judged)) == (1 / 8, 1, 2)
    assert statistics_from().share == 0


@pytest.mark.parametrize(
    ("reporters", "expected"),
    [
        ({"al": (0, 5), "xk": (0, 1), "rs": (1, 9)}, True),
        ({"al": (0, 5), "xk": (0, 1)}, False),
        ({"al": (0, 5), "xk": (0, 1), "rs": (2, 9)}, False),
        ({"al": (0, 9_000), "xk": (5, 0), "rs": (5, 0)}, False),
        ({f"r{number}": (0, 1) for number in range(9)} | {"who found out": (1, 0)}, True),
        ({f"r{number}": (0, 1) for number in range(8)} | {"who found out": (1, 0)}, False),
    ],
)
def test_a_rule_that_fails_nearly_everything_of_nearly_all_of_several_reporters_is_the_problem_itself(
    reporters, expected
):
    assert statistics_from(**reporters).fails_everybody is expected


def test_a_rules_cost_is_that_of_one_judging_of_its_examples():
    ruleset = files.read_ruleset(draft(add=[STRICT]))
    rule = ruleset.rules[-1]
    seconds = count()
    assert measure_microseconds(rule, ruleset, lambda: next(seconds)) == pytest.approx(1e6 / (TIMES * 3))
    assert next(seconds) == 2 * ROUNDS


@pytest.fixture
def runtime(runtime_of: Callable[[str], Runtime]) -> Runtime:
    return runtime_of("validation")


@pytest.fixture
def judge(runtime, received):
    """Submit needs and judge them."""

    def run(*records, **facts) -> None:
        effect = tasks.check_submission(runtime, received(runtime, *records, **facts))
        with runtime.database.begin() as tx:
            effect(tx)

    return run


def statistics_of(runtime: Runtime) -> dict[str, dict]:
    with runtime.database.read() as tx:
        found = rule_statistics.list_rule_statistics(tx, blobs=runtime.blobs, timer=count().__next__)
    return {rule["id"]: rule for rule in found}


def test_only_verdicts_that_stand_are_counted(runtime, judge):
    nameless = NEED | {"title": "Not Applicable"}
    judge(nameless, number=1)
    judge(NEED, number=1, version=2)
    judge(NEED, nameless | {"ref": "CT-002"}, number=2, reporter="XK-WBCTi", partner="XK")
    judge(nameless, number=3, reporter="RS-WBCTi", partner="RS")
    with runtime.database.begin() as tx:
        tasks.withdraw_submission(runtime, withdrawn(3, 2))(tx)
    rule = statistics_of(runtime)["GEN-02"]
    assert (rule["judged"], rule["failed"], rule["share"]) == (3, 1, 0.3333)
    assert (rule["reporters"], rule["of_reporters"], rule["fails_everybody"]) == (1, 2, False)
    assert (rule["ruleset"], rule["version"], rule["severity"]) == ("general", "2026.3", "error")


def test_a_rule_that_fails_everybody_is_pointed_out(runtime, judge):
    for number, partner in enumerate(("AL", "XK", "RS"), start=1):
        nameless = NEED | {"title": "Not Applicable"}
        judge(nameless, number=number, reporter=f"{partner}-WBCTi", partner=partner)
    assert [each for each, rule in statistics_of(runtime).items() if rule["fails_everybody"]] == ["GEN-02"]


def test_how_often_a_rule_is_excused_is_counted(runtime, judge):
    judge(NEED | {"title": "Not Applicable"}, NEED | {"ref": "CT-002", "title": "Cars"})
    secretariat = Caller("SECRETARIAT", "secretariat", None, ())
    reporter = Caller("AL-WBCTi", "structure", "AL", ("WBCTi",))
    with runtime.database.begin() as tx:
        found = {each.rule: each.finding for each in store.list_by_submission(tx, submission_id(1))}
        exemptions.waive_finding(
            tx, caller=secretariat, finding=found["GEN-02"], reason="Agreed", expires_on=tx.now.date()
        )
        exemptions.justify_finding(tx, caller=reporter, finding=found["GEN-03"], text="That is its name")
    rules = statistics_of(runtime)
    assert (rules["GEN-02"]["waived"], rules["GEN-02"]["justified"]) == (1, 0)
    assert (rules["GEN-03"]["waived"], rules["GEN-03"]["justified"]) == (0, 1)


def test_every_rule_in_force_is_there_though_it_never_judged(runtime):
    found = statistics_of(runtime)
    assert {rule["ruleset"] for rule in found.values()} == set(files.NAMES)
    assert found["WBBSi-01"] | {"microseconds": 0} == {
        "id": "WBBSi-01",
        "title": found["WBBSi-01"]["title"],
        "severity": "error",
        "ruleset": "WBBSi",
        "version": "2026.3",
        "judged": 0,
        "failed": 0,
        "errored": 0,
        "share": 0.0,
        "reporters": 0,
        "of_reporters": 0,
        "justified": 0,
        "waived": 0,
        "microseconds": 0,
        "fails_everybody": False,
    }


@pytest.mark.parametrize("code", ["SECRETARIAT", "RCC-ANALYST"])
def test_who_looks_after_the_rules_is_told_over_http(client_of, runtime, judge, code):
    judge(NEED)
    answer = client_of("validation").get("/validation/v1/rules/stats", as_=code)
    assert answer.status_code == 200
    assert RuleStatisticsResponse().validate(answer.json) == {}
    rules = {rule["id"]: rule for rule in answer.json["items"]}
    assert rules["GEN-02"]["judged"] == 1
    assert all(rule["microseconds"] > 0 for rule in rules.values())


def test_reporters_are_not_told(client_of):
    assert client_of("validation").get("/validation/v1/rules/stats", as_="AL-WBCTi").status_code == 403
