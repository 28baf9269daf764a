"""100,000 nested records of support through all rules in force, and the cost of each rule."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from statistics import median
from typing import Any

from services.validation.engine.domain.evaluation.codegen import generate_runner
from services.validation.engine.domain.evaluation.judging import BATCH, check_records, judge_records
from services.validation.engine.domain.evaluation.merging import merge
from services.validation.engine.domain.evaluation.partial_results import PartialResult
from services.validation.engine.domain.language.context import Context
from services.validation.engine.domain.rules import Rule, Ruleset
from tests.bench.rules.records import SUBMISSION, look_up, make_records
from tests.bundled_rulesets import ruleset_for
from tests.figures import Figure

COUNT = 100_000
SAMPLE = 2_000
ROUNDS = 9
MICROSECONDS = 1e6
LEVELS = ("field", "record")
NOTHING = ""
"""The key of a run without rules."""


def measure_nested() -> Iterable[Figure]:
    """Measure in one process, without making the records and looking up their references."""
    ruleset = ruleset_for(SUBMISSION.pillar)
    rules = ruleset.rules_for(kind=SUBMISSION.kind, period=SUBMISSION.period)
    clock = Clock()
    parts = list(_parts(ruleset, clock))
    clock.time(lambda: merge(ruleset, SUBMISSION, parts).report())
    how = f"{COUNT} records of support, file schema and {len(rules)} rules, one core, up to the report"
    yield Figure("rules.nested.rate", COUNT / clock.seconds, "rows/s", how)
    yield _dearest(ruleset, [rule for rule in rules if rule.level in LEVELS])


class Clock:
    """A sum of durations."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def time(self, work: Callable[[], Any]) -> Any:
        """Return the result of the work, and add its duration."""
        began = time.perf_counter()
        done = work()
        self.seconds += time.perf_counter() - began
        return done


def _parts(ruleset: Ruleset, clock: Clock) -> Iterator[PartialResult]:
    coming = make_records(COUNT)
    for first in range(0, COUNT, BATCH):
        batch = list(islice(coming, BATCH))
        checked = clock.time(lambda at=first, of=batch: check_records(ruleset, SUBMISSION, of, first=at))
        snapshot = look_up(checked.lookups)
        yield clock.time(lambda of=checked, seen=snapshot: judge_records(ruleset, of, seen))


def _dearest(ruleset: Ruleset, rules: Sequence[Rule]) -> Figure:
    """Return the most expensive rule: each runs alone over valid records, less the cost of an empty loop."""
    checked = check_records(ruleset, SUBMISSION, make_records(SAMPLE))
    context, records = Context(look_up(checked.lookups)), list(checked.valid)
    runners = {rule.id: generate_runner([rule]) for rule in rules} | {NOTHING: generate_runner([])}
    # The fastest of several rounds in turn, so that a disturbance of one round does not count.
    rounds = [
        {name: _microseconds(run, records, context) for name, run in runners.items()} for _ in range(ROUNDS)
    ]
    quickest = {name: min(each[name] for each in rounds) for name in runners}
    costs = {rule.id: quickest[rule.id] - quickest[NOTHING] for rule in rules}
    dearest, middle = max(costs, key=costs.__getitem__), median(costs.values())
    how = f"{dearest} costs {costs[dearest]:.2f} µs a record; the median of {len(costs)} rules is {middle:.2f} µs"
    return Figure("rules.nested.dearest", costs[dearest] / middle, "x", how, bar=10, less_is_better=True)


def _microseconds(run: Callable[..., Any], records: Sequence[Any], context: Context) -> float:
    """Return the time per record."""
    found: list[Any] = []
    began = time.thread_time()
    run(records, SUBMISSION.facts, context, [found.append], [found.append])
    return MICROSECONDS * (time.thread_time() - began) / len(records)
