"""The memory of all processes of `make run` together."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

from deploy.launcher import free_port, iisgd
from tests.figures import Figure

START_SECONDS = 120.0
SETTLE_SECONDS = 5.0
MEGABYTE = 1e6


def measure_memory() -> Iterable[Figure]:
    """Start the system as `make run` does, wait until the sample is loaded, and add up the processes' shares."""
    with tempfile.TemporaryDirectory() as home, (Path(home) / "output").open("w+") as output:
        run = subprocess.Popen(
            iisgd("run", "--port", free_port()),
            env=dict(os.environ) | {"IISGD_HOME": home},  # noqa: TID251 - a child's environment
            stdout=output,
        )
        try:
            _wait_until_loaded(run, Path(home) / "output")
            time.sleep(SETTLE_SECONDS)
            run_and_children = [psutil.Process(run.pid), *psutil.Process(run.pid).children(recursive=True)]
            shares = [process.memory_full_info().pss for process in run_and_children]
        finally:
            run.send_signal(signal.SIGINT)
            run.wait(60)
    how = f"proportional set sizes of {len(shares)} processes of `make run`, with the sample loaded"
    yield Figure("run.memory", sum(shares) / MEGABYTE, "MB", how, bar=600, less_is_better=True)


def _wait_until_loaded(run: subprocess.Popen[bytes], output: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while "Press Ctrl-C to stop" not in output.read_text():
        if run.poll() is not None or time.monotonic() > until:
            raise TimeoutError(f"`iisgd run` is not ready; its exit code is {run.poll()}")
        time.sleep(0.2)
