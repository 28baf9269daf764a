"""100,000 flat rows through sixteen rules: ours, a function written by hand, pandera, Polars, frictionless."""

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
"""Judged once: they take seconds where the others take a fraction of one."""

AGAINST: Sequence[tuple[str, str, float | None, float | None]] = (
    ("by_hand", "one function written by hand, which trusts that values have their types", 0.6, None),
    ("by_hand_unseen", "the same function after a look at types and dates, which ours takes", None, None),
    ("pandera", "pandera on a pandas frame", 1.0, None),
    ("frictionless", "frictionless with its own formulas", 20.0, None),
    ("frictionless_python", "frictionless, what spans fields as a check in Python", None, None),
    ("polars", "Polars expressions written by hand, on one thread", None, 0.5),
)
"""What ours is measured against, with bar and aim."""

Timed = tuple[float, Any]
"""Seconds, and what was found."""


def measure_flat() -> Iterable[Figure]:
    """In turn, round by round, on the same rows; each engine has them in memory in the form it likes."""
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
        how = f"{rate:,.0f} rows/s against {against}"
        yield Figure(f"rules.flat.{name}", ratio, "x", how, bar=bar, aim=aim)


def _timed(judge: Callable[[], Any]) -> Timed:
    gc.collect()
    began = time.perf_counter()
    found = judge()
    return time.perf_counter() - began, found


@contextmanager
def _apart() -> Iterator[Callable[[str], Timed]]:
    """Judges with the engines that live in an environment of their own, in one process that has the rows ready."""
    # NumPy takes the kernels that suit the processor, Polars one core as all the others do.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("OPENBLAS_")}  # noqa: TID251 - the environment of a process of its own
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
    """Raise unless they do the same work: all find what the function finds."""
    by_hand = found["by_hand"]
    for name in ("by_hand_unseen", "polars", "pandera"):
        if found[name] != by_hand:
            raise RuntimeError(f"{name} finds other things: {sorted(found[name] ^ by_hand)[:3]}")
    for name in SLOW:
        # Of two rows with one ref it tells the second alone.
        untold = [rule for _, rule in by_hand - found[name]]
        if not found[name] < by_hand or untold != ["FLAT-15"] * DOUBLED:
            raise RuntimeError(f"{name} finds other things: {sorted(found[name] ^ by_hand)[:3]}")


def _difference(judgement: Judgement, ours: set[Finding], by_hand: list[Finding]) -> Figure:
    """How many (row, rule) findings the one has and the other has not, and counts that the report has wrong."""
    counts, expected = counts_of(judgement), counts_as_reported(by_hand)
    differing: list[Any] = sorted(ours ^ set(by_hand))
    differing += [rule for rule in counts.keys() | expected.keys() if counts[rule] != expected[rule]]
    how = f"ours differs from {len(by_hand)} (row, rule) findings of the function in: {differing[:3] or 'nothing'}"
    return Figure("rules.flat.differing", len(differing), "", how, bar=0, less_is_better=True)
