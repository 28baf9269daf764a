"""The time that `make demo` takes for a new user."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from tests.figures import Figure

ROOT = Path(__file__).resolve().parents[2]


def measure_demo() -> Iterable[Figure]:
    """Measure `make demo` in a ready environment, then in a fresh clone of the last commit, including installs."""
    with tempfile.TemporaryDirectory() as folder:
        yield Figure(
            "demo.ready", _demo(ROOT, Path(folder) / "home"), "s", "make demo", bar=60, less_is_better=True
        )
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        seconds = _demo(clone, Path(folder) / "home")
        yield Figure(
            "demo.fresh",
            seconds,
            "s",
            "make demo in a fresh clone, with installs",
            bar=180,
            less_is_better=True,
        )


def _demo(folder: Path, home: Path) -> float:
    began = time.monotonic()
    # The make that runs the benches must not pass its flags on.
    environ = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL")}  # noqa: TID251 - a child's environment
    subprocess.run(
        ["make", "demo"],
        cwd=folder,
        env=environ | {"IISGD_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.monotonic() - began
