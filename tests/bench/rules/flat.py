"""100,000 flat rows through sixteen rules: the rule engine, a handwritten function, pandera, Polars, frictionless."""

import gc
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from services.validation.engine.domain.findings import Judgement
from tests.bench.rules.by_hand import judge_by_hand, judge_unseen_by_hand
from tests.bench.rules.ours import all_findings, counts_as_reported, counts_of, judge_with_ours
from tests.bench.rules.rows import COUNT, DOUBLED, NEEDS, Finding, make_rows
from tests.figures import Figure

ROOT = Path(__file__).resolve().parents[3]
PYTHON = ROOT / ".venv-yardsticks" / "bin" / "python"
ROUNDS = 7
SLOW = ("frictionless", "frictionless_python")
"""Engines that run once, because they take seconds and the others a fraction of one."""

AGAINST: Sequence[tuple[str, str, float | None, float | None]] = (
    ("by_hand", "one handwritten function without type checks", 0.6, None),
    (
        "by_hand_unseen",
        "the handwritten function with type and date checks, which the engine also makes",
        None,
        None,
    ),
    ("pandera", "pandera on a pandas frame", 1.0, None),
    ("frictionless", "frictionless with its own formulas", 20.0, None),
    ("frictionless_python", "frictionless with a Python check for rules that span fields", None, None),
    ("polars", "handwritten Polars expressions on one thread", None, 0.5),
)
"""The engines for comparison, with descriptions, bars and aims."""

Timed = tuple[float, Any]
"""Seconds and findings."""


def measure_flat() -> Iterable[Figure]:
    """Measure the engines in turn on the same rows; each has them in memory in its preferred form."""
    rows, needs = make_rows(), frozenset(NEEDS)
    with _apart() as judge_apart:
        rounds = [
            {
                "ours": _timed(lambda: judge_with_ours(rows)),
                "by_hand": _timed(lambda: judge_by_hand(rows, needs)),
                "by_hand_unseen": _timed(lambda: judge_unseen_by_hand(rows, needs)),
                "polars": judge_apart("polars"),
                "pandera": judge_apart("pandera"),
            }
            for _ in range(ROUNDS)
        ]
        slow = {name: judge_apart(name) for name in SLOW}
    found = {name: found for name, (_, found) in (rounds[-1] | slow).items()}
    judgement = found.pop("ours")
    _check_yardsticks({name: set(findings) for name, findings in found.items()})
    yield _difference(judgement, all_findings(rows), found["by_hand"])
    rate = COUNT / median(each["ours"][0] for each in rounds)
    for name, against, bar, aim in AGAINST:
        ratio = median((each | slow)[name][0] / each["ours"][0] for each in rounds)
        how = f"{rate:,.0f} rows/s, compared with {against}"
        yield Figure(f"rules.flat.{name}", ratio, "x", how, bar=bar, aim=aim)


def _timed(judge: Callable[[], Any]) -> Timed:
    gc.collect()
    began = time.perf_counter()
    found = judge()
    return time.perf_counter() - began, found


@contextmanager
def _apart() -> Iterator[Callable[[str], Timed]]:
    """Start a process of a separate environment with prepared rows; yield a function that judges with one engine."""
    # NumPy chooses kernels for the processor; Polars uses one core, like all others.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("OPENBLAS_")}  # noqa: TID251 - a child's environment
    process = subprocess.Popen(
        [PYTHON, "-m", "tests.bench.rules.apart"],
        cwd=ROOT,
        env=environ | {"POLARS_MAX_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def judge(engine: str) -> Timed:
        process.stdin.write(f"{engine}\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        return answer["seconds"], [(at, rule) for at, rule in answer["found"]]

    try:
        yield judge
    finally:
        process.stdin.close()
        process.wait(60)


def _check_yardsticks(found: dict[str, set[Finding]]) -> None:
    """Raise unless all engines find the same as the handwritten function."""
    by_hand = found["by_hand"]
    for name in ("by_hand_unseen", "polars", "pandera"):
        if found[name] != by_hand:
            raise RuntimeError(f"{name} finds other things: {sorted(found[name] ^ by_hand)[:3]}")
    for name in SLOW:
        # Of two rows with one ref, the engine reports only the second.
        untold = [rule for _, rule in by_hand - found[name]]
        if not found[name] < by_hand or untold != ["FLAT-15"] * DOUBLED:
            raise RuntimeError(f"{name} finds other things: {sorted(found[name] ^ by_hand)[:3]}")


def _difference(judgement: Judgement, ours: set[Finding], by_hand: list[Finding]) -> Figure:
    """Return the number of (row, rule) findings that only one of the two has, plus the wrong counts in the report."""
    counts, expected = counts_of(judgement), counts_as_reported(by_hand)
    differing: list[Any] = sorted(ours ^ set(by_hand))
    differing += [rule for rule in counts.keys() | expected.keys() if counts[rule] != expected[rule]]
    how = f"differences from {len(by_hand)} (row, rule) findings of the function: {differing[:3] or 'none'}"
    return Figure("rules.flat.differing", len(differing), "", how, bar=0, less_is_better=True)
