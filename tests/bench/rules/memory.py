"""The memory of a worker that judges many records.

`python -m tests.bench.rules.memory COUNT` is the worker.
"""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from deploy.installation import services
from services.validation.engine.domain.evaluation.judging import judge
from shared.runtime.celery_app import build_celery
from shared.settings import Settings
from tests.bench.rules.records import SUBMISSION, look_up, make_records
from tests.bundled_rulesets import ruleset_for
from tests.figures import Figure

COUNT = 100_000
MANY = 400_000
MEGABYTE = 1e6


def measure_memory_of_judging() -> Iterable[Figure]:
    """Measure each count in a separate process that has loaded all modules of a worker."""
    few, many = _peak(COUNT), _peak(MANY)
    how = f"peak resident memory of a worker that judges {COUNT} records of support"
    yield Figure("rules.memory", few, "MB", how, bar=600, less_is_better=True)
    how = f"{many:.0f} MB for {MANY} records, compared with {few:.0f} MB for {COUNT}"
    yield Figure("rules.memory.growth", many / few, "x", how, bar=1.3, less_is_better=True)


def _peak(count: int) -> float:
    """Return the peak memory in megabytes."""
    command = [sys.executable, "-m", "tests.bench.rules.memory", str(count)]
    return int(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout) / MEGABYTE


def main(count: int) -> None:
    """Judge a number of streamed records and print the peak resident memory in bytes."""
    build_celery(services(), Settings())
    judge(ruleset_for(SUBMISSION.pillar), SUBMISSION, make_records(count), look_up).report()
    # getrusage would include the parent's memory from before this program started.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    print(int(status["VmHWM"].split()[0]) * 1024)  # noqa: T201 - the parent reads it


if __name__ == "__main__":
    main(int(sys.argv[1]))
