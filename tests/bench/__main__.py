"""Runs the benches: `python -m tests.bench [NAME ...]`."""

import sys

from tests.bench.posts import measure_posts
from tests.figures import run

MEASURES = {"posts": measure_posts}

if __name__ == "__main__":
    run(MEASURES, sys.argv[1:], "bench.json")
