"""Tests of the mutation run: its mutants, its exclusions, and the mutants that it kills."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
import yaml

from services.validation.rulesets.operations.files import shapes
from tests.mutants import rules, source
from tests.mutants.changes import IsBrokenBefore, Mutant, changes
from tests.mutants.engine import Engine
from tests.mutants.report import Half, by_file, figures_of

ROOT = Path(__file__).parent.parent


def changed(expression: str) -> set[str]:
    return {ast.unparse(each) for each in changes(ast.parse(expression, mode="eval").body)}


def changed_lines(text: str) -> list[str]:
    return [f"{each.before} -> {each.after}" for each in source.mutants_of(dedent(text), "module.py")]


# Mutants


@pytest.mark.parametrize(
    ("expression", "others"),
    [
        ("a <= b", {"a < b", "a > b"}),
        ("a == b", {"a != b"}),
        ("a in b", {"a not in b"}),
        ("a < b < c", {"a <= b < c", "a >= b < c", "a < b <= c", "a < b >= c"}),
        ("a and b", {"a or b", "a", "b"}),
        ("a or b or c", {"a and b and c", "a or b", "a or c", "b or c"}),
        ("not a", {"a"}),
        ("a + b", {"a - b"}),
        ("7", {"8"}),
        ("True", {"False"}),
        ("'need'", {"''"}),
        ("None", set()),
        ("a", set()),
    ],
)
def test_an_expression_is_broken_in_each_small_way(expression: str, others: set[str]) -> None:
    assert changed(expression) == others


def test_a_statement_is_left_out_or_loses_its_value() -> None:
    assert changed_lines(
        """
        def f(found):
            first = found.pop()
            found.clear()
            return first
        """
    ) == [
        "first = found.pop() -> first = None",
        "found.clear() -> pass",
        "return first -> return None",
    ]


def test_a_condition_is_turned_round_once() -> None:
    assert changed_lines("if found:\n    pass") == ["found -> not found"]
    assert changed_lines("if not found:\n    pass") == ["not found -> found"]
    assert changed_lines("if a == b:\n    pass") == ["a == b -> a != b"]


def test_tables_and_cached_functions_are_broken_too() -> None:
    lines = changed_lines(
        """
        MOST = {"records": 20}

        @lru_cache(maxsize=512)
        def year(day):
            return int(day[:4])
        """
    )
    assert "{'records': 20} -> {'records': 21}" in lines
    assert "return int(day[:4]) -> return None" in lines
    assert not any("512" in line for line in lines)


def test_what_only_people_and_type_checkers_read_is_left_alone() -> None:
    assert (
        changed_lines(
            '''
            """A module."""
            from typing import TYPE_CHECKING

            if TYPE_CHECKING:
                from a import b

            __all__ = ["f"]

            def f(a: "int | None") -> "str | None":
                """A function."""

            WHY = "What a message says is no behaviour."

            class Rule:
                test: "Test" = field(repr=False)
            '''
        )
        == []
    )
    assert changed_lines("def f(a):\n    raise ValueError(f'{a}: no')") == [
        "raise ValueError(f'{a}: no') -> pass"
    ]


# Killed mutants


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A package whose one test checks everything except the bound, and a loop that a mutant makes endless."""
    (tmp_path / "planted" / "inner").mkdir(parents=True)
    (tmp_path / "planted" / "__init__.py").touch()
    (tmp_path / "planted" / "inner" / "__init__.py").touch()
    (tmp_path / "planted" / "inner" / "bounds.py").write_text(
        dedent(
            """
            def is_long(text):
                return len(text) > 3

            def countdown(days):
                told = []
                while days:
                    told.append(days)
                    days -= 1
                return told
            """
        )
    )
    (tmp_path / "test_planted.py").write_text(
        dedent(
            """
            from planted.inner.bounds import countdown, is_long

            def test_bounds():
                assert is_long("a long text") is True
                assert is_long("") is False

            def test_countdown():
                assert countdown(2) == [2, 1]
            """
        )
    )
    return tmp_path


def tried(root: Path) -> subprocess.CompletedProcess[str]:
    """Run the planted mutants in a process that may fork; this process, with pytest loaded, may not."""
    program = """
        import sys, json
        from pathlib import Path
        from tests.mutants.engine import Engine

        engine = Engine(Path(sys.argv[1]), "planted", "test_planted.py", patience=1)
        outcomes = [(str(each), outcome) for each, outcome in engine.outcomes(engine.mutants())]
        Path(sys.argv[1], "outcomes.json").write_text(json.dumps(outcomes))
    """
    command = [sys.executable, "-c", dedent(program), str(root)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False)


def test_a_planted_mutant_is_killed_a_hang_is_ended_and_a_survivor_is_told(planted: Path) -> None:
    module = planted / "planted" / "inner" / "bounds.py"
    before = module.read_text()
    tried(planted)
    outcomes = dict(json.loads((planted / "outcomes.json").read_text()))
    assert {mutant.partition(": ")[2] for mutant, outcome in outcomes.items() if outcome == "survived"} == {
        "return len(text) > 3  ->  return len(text) >= 3",
        "len(text) > 3  ->  len(text) > 4",
    }
    assert outcomes["planted/inner/bounds.py:3: return len(text) > 3  ->  return len(text) <= 3"] == "killed"
    assert outcomes["planted/inner/bounds.py:9: days -= 1  ->  pass"] == "timeout"
    assert module.read_text() == before


def test_a_part_of_the_engine_may_be_broken_alone(planted: Path) -> None:
    engine = Engine(planted, "planted", "test_planted.py")
    assert engine.parts() == ["__init__", "inner", "inner/__init__", "inner/bounds"]
    assert {each.file for each in engine.mutants("inner")} == {"planted/inner/bounds.py"}
    assert len(engine.mutants("inner/bounds")) == len(engine.mutants()) > 0
    assert engine.mutants("inner/bound") == engine.mutants("__init__") == []


def test_nothing_is_said_of_mutants_while_the_tests_fail(planted: Path) -> None:
    (planted / "test_planted.py").write_text("def test_fails():\n    assert False\n")
    assert "IsBrokenBefore: test_planted.py fail" in tried(planted).stderr


# Rules

RULE = """
name: planted
version: "1"
title: Planted
rules:
  - id: PLT-01
    title: A response ends after it starts
    severity: error
    level: record
    kinds: [response]
    assert: start <= end
    field: end
    message: The end lies before the start.
    expected: An end on or after the start.
    why: How long things take is reported from these two dates.
    examples:
      passes:
        - record: {start: 2026-02-01, end: 2026-06-30}
      fails:
        - record: {start: 2026-06-30, end: 2026-02-01}
      skips:
        - record: {start: 2026-02-01}
"""


def outcomes_of(text: str) -> dict[str, str]:
    mutants = rules.mutants_of(text.encode(), "planted.yaml", shapes())
    return {str(each): each.outcome() for each in mutants}


def test_a_rule_whose_examples_miss_the_bound_has_a_survivor() -> None:
    assert outcomes_of(RULE) == {
        "planted.yaml:11 PLT-01 assert: start <= end  ->  start < end": "survived",
        "planted.yaml:11 PLT-01 assert: start <= end  ->  start > end": "killed",
        "planted.yaml:6 PLT-01 missing: skip  ->  given": "killed",
    }


def test_an_example_at_the_bound_kills_it() -> None:
    bound = "passes:\n        - record: {start: 2026-02-01, end: 2026-02-01}"
    assert "survived" not in outcomes_of(RULE.replace("passes:", bound)).values()


def test_a_clause_or_a_condition_that_no_example_needs_survives() -> None:
    text = RULE.replace("start <= end", "start <= end and given(ref)\n    when: given(end)")
    outcomes = outcomes_of(text.replace("{start", "{ref: R-1, start"))
    assert outcomes["planted.yaml:12 PLT-01 when: given(end)  ->  nothing"] == "survived"
    assert (
        outcomes["planted.yaml:11 PLT-01 assert: start <= end and given(ref)  ->  start <= end"] == "survived"
    )
    assert outcomes["planted.yaml:11 PLT-01 assert: start <= end and given(ref)  ->  given(ref)"] == "killed"


def test_a_change_that_cannot_be_loaded_is_refused() -> None:
    outcomes = outcomes_of(RULE.replace("start <= end", "valid('currency', 'EUR', start) and start <= end"))
    (refused,) = (mutant for mutant, outcome in outcomes.items() if outcome == "refused")
    assert refused.endswith("->  valid('', 'EUR', start) and start <= end")


def test_what_changes_nothing_that_is_run_is_no_mutant() -> None:
    text = RULE.replace("start <= end", "default(start, end) <= default(end, start)\n    when: given(end)")
    assert not any("missing" in mutant for mutant in outcomes_of(text))


def test_nothing_is_said_of_a_rule_whose_examples_do_not_behave() -> None:
    text = RULE.replace("start <= end", "start > end")
    with pytest.raises(IsBrokenBefore, match="PLT-01: example 1"):
        outcomes_of(text)


def test_a_rule_can_be_told_by_its_line() -> None:
    where = next(iter(outcomes_of(RULE))).split(" ")[0].split(":")
    assert yaml.safe_load(RULE.splitlines()[int(where[1]) - 1]) == {"assert": "start <= end"}


# Figures


def half(name: str, total: int, *outcomes: str) -> Half:
    return Half(name, total, [(Mutant(f"{name}.py", "1", "a", "b"), outcome) for outcome in outcomes])


def test_a_hang_and_a_refusal_count_as_noticed_and_each_half_has_the_bar() -> None:
    halves = [
        half("engine", 300, "killed", "timeout", "killed", "survived"),
        half("rules", 100, "killed", "refused"),
    ]
    figures = {figure.name: figure for figure in figures_of(halves)}
    assert figures["mutants killed"].value == pytest.approx((0.75 * 300 + 1.0 * 100) / 400)
    assert figures["mutants killed: engine"].holds is False
    assert figures["mutants killed: rules"].holds is True
    assert by_file(halves)[0] == {"file": "engine.py", "killed": 2, "refused": 0, "timeout": 1, "survived": 1}
