"""How long a newcomer waits for `make demo`."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from tests.figures import Figure

ROOT = Path(__file__).resolve().parents[2]


def measure_demo() -> Iterable[Figure]:
    """On a ready environment, then in a fresh clone of what is committed, installs included."""
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
            "the same in a fresh clone, with installs",
            bar=180,
            less_is_better=True,
        )


def _demo(folder: Path, home: Path) -> float:
    began = time.monotonic()
    # The make that runs the benches must not hand its flags down.
    environ = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL")}  # noqa: TID251 - the environment of a process of its own
    subprocess.run(
        ["make", "demo"],
        cwd=folder,
        env=environ | {"IISGD_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.monotonic() - began
