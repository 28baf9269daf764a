"""Runs the benches: `python -m tests.bench [NAME ...]`."""

import sys
from collections.abc import Iterable

from tests.bench.annotated import measure_annotated
from tests.bench.demos import measure_demo
from tests.bench.drain import measure_drain
from tests.bench.file_journey import measure_file_journey
from tests.bench.files import measure_files
from tests.bench.ingest import measure_ingest
from tests.bench.latency import measure_latency
from tests.bench.memory import measure_memory
from tests.bench.posts import measure_posts
from tests.bench.rules.flat import measure_flat
from tests.bench.rules.handler import measure_handler
from tests.bench.rules.memory import measure_memory_of_judging
from tests.bench.rules.nested import measure_nested
from tests.figures import Figure, run


def measure_all_files() -> Iterable[Figure]:
    """Measure the reader alone, then the journey of a whole file."""
    yield from measure_files()
    yield from measure_file_journey()


MEASURES = {
    "posts": measure_posts,
    "ingest": measure_ingest,
    "files": measure_all_files,
    "latency": measure_latency,
    "drain": measure_drain,
    "memory": measure_memory,
    "demo": measure_demo,
    "rules-flat": measure_flat,
    "rules-nested": measure_nested,
    "rules-handler": measure_handler,
    "rules-memory": measure_memory_of_judging,
    "annotated": measure_annotated,
}

if __name__ == "__main__":
    run(MEASURES, sys.argv[1:], "bench.json")
