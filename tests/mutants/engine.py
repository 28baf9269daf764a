"""Runs of the engine's tests against each mutant, each in a process of its own. The work tree is not written to."""

import json
import math
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType, ModuleType
from typing import Any

import hypothesis
import pytest

from tests.mutants.changes import IsBrokenBefore
from tests.mutants.source import SourceMutant, mutants_of

WORKERS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

NEEDS_MORE = {"database_url", "postgresql_url", "postgres", "sqlite_files"}
"""A test that asks for one of these tests more than the engine, and takes its time."""

EXAMPLES = 25
"""The number of examples of each property. They are fixed, so that a run can be repeated."""

PHASES = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
"""That an example fails is enough; it need not be the smallest."""

MEMORY = 4 * 2**30

WAITING = 10
"""The maximum wall time of a trial, in multiples of its computing time: a busy machine must not look like a hang."""

_PLUGINS = ("-p", "pytest_timeout", "-p", "_hypothesis_pytestplugin")
_OPTIONS = ("-x", "-q", "-m", "not drill", "--assert=plain", "--disable-plugin-autoload", *_PLUGINS)
"""A failure is all that is asked for: no test is rewritten to explain it, no plugin loaded that tells of it."""


@dataclass(frozen=True)
class Engine:
    """A package, and the folder or file of its tests; both are paths from `root`.

    `modules` is the glob, from the package, of the changed modules. A mutant may compute for `patience` seconds, plus
    four times the duration of all tests without a mutant.
    """

    root: Path
    package: str
    tests: str
    patience: float = 10.0
    modules: str = "**/*.py"

    def files(self) -> list[str]:
        """The modules that are changed."""
        found = sorted((self.root / self.package).glob(self.modules))
        return [str(each.relative_to(self.root)) for each in found]

    def parts(self) -> list[str]:
        """The parts that can be changed alone: a folder of the package, or a module."""
        modules = [Path(each).relative_to(self.package).with_suffix("") for each in self.files()]
        folders = {folder for module in modules for folder in module.parents} - {Path()}
        return sorted(str(each) for each in {*modules, *folders})

    def mutants(self, part: str = "") -> list[SourceMutant]:
        """Return all mutants of all modules, or of a part."""
        within = f"{self.package}/{part}".rstrip("/")
        files = [each for each in self.files() if each.startswith(f"{within}/") or each == f"{within}.py"]
        return [each for file in files for each in mutants_of((self.root / file).read_text(), file)]

    def outcomes(self, mutants: Sequence[SourceMutant]) -> Iterator[tuple[SourceMutant, str]]:
        """Try each mutant: killed, survived or timeout. Raise IsBrokenBefore."""
        package = self.package.replace("/", ".")
        if any(each == package or each.startswith(f"{package}.") for each in sys.modules):
            raise RuntimeError(f"{package} has been imported, so that a mutant would not be")
        plan = self._plan()
        trials = _Trials(limit=self.patience + 4 * plan.seconds)
        try:
            for mutant in mutants:
                if len(trials.running) >= WORKERS:
                    yield trials.next()
                trials.start(mutant, lambda mutant=mutant: self._tests(plan, mutant))
            while trials.running:
                yield trials.next()
        finally:
            trials.stop()

    def _plan(self) -> "_Plan":
        with TemporaryDirectory() as folder:
            file = Path(folder) / "plan.json"
            trials = _Trials(limit=600)
            trials.start(None, lambda: self._tests(_Plan(), None, file))
            if trials.next()[1] != "survived":
                raise IsBrokenBefore(f"{self.tests} fail, or take more than {trials.limit} s")
            return _Plan(json.loads(file.read_text()))

    def _tests(self, plan: "_Plan", mutant: SourceMutant | None, file: Path | None = None) -> int:
        """Run the tests in this process, with the mutant in the place of its module."""
        os.chdir(self.root)
        sys.path.insert(0, str(self.root))
        if mutant is not None:
            sys.meta_path.insert(0, _Instead(self.root / mutant.file, mutant.broken()))
        hypothesis.settings.register_profile("mutants", derandomize=True, database=None, deadline=None)
        hypothesis.settings.load_profile("mutants")
        status = int(pytest.main([*_OPTIONS, *(plan.files or [self.tests])], plugins=[plan]))
        if file is not None:
            file.write_text(json.dumps(plan.took))
        return status


class _Plan:
    """The selection of tests, fast ones first."""

    def __init__(self, took: dict[str, float] | None = None) -> None:
        self.took: dict[str, float] = took or {}
        self.seconds = sum(self.took.values())
        self.files = list(dict.fromkeys(each.split("::")[0] for each in self.took))
        self._place = {each: at for at, each in enumerate(sorted(self.took, key=self.took.__getitem__))}

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        items[:] = [each for each in items if NEEDS_MORE.isdisjoint(each.fixturenames)]
        items.sort(key=lambda each: self._place.get(each.nodeid, 0))
        for each in items:
            wanted = getattr(each.obj, "_hypothesis_internal_use_settings", None)
            if wanted is not None:
                few = min(EXAMPLES, wanted.max_examples)
                each.obj._hypothesis_internal_use_settings = hypothesis.settings(
                    wanted, max_examples=few, phases=PHASES
                )

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.took[report.nodeid] = self.took.get(report.nodeid, 0.0) + report.duration


class _Instead(MetaPathFinder):
    """A finder that returns the mutant in the place of its module."""

    def __init__(self, file: Path, code: CodeType) -> None:
        self._file = file
        self._code = code

    def find_spec(
        self, name: str, path: Sequence[str] | None, _: ModuleType | None = None
    ) -> ModuleSpec | None:
        last = name.rpartition(".")[2]
        for folder in path or ():
            for file in (Path(folder) / f"{last}.py", Path(folder) / last / "__init__.py"):
                if file == self._file:
                    return spec_from_file_location(name, file, loader=_Loader(name, str(file), self._code))
        return None


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, code: CodeType) -> None:
        super().__init__(name, path)
        self._code = code

    def get_code(self, _: str) -> CodeType:
        return self._code


class _Trials:
    """Processes forked from this one, after its slow imports; they are killed when they hang."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.running: dict[int, tuple[Any, float]] = {}

    def start(self, mutant: Any, trial: Callable[[], int]) -> None:
        pid = os.fork()
        if pid == 0:
            _become(trial, limit=self.limit, is_quiet=mutant is not None)
        self.running[pid] = (mutant, time.monotonic() + WAITING * self.limit)

    def next(self) -> tuple[Any, str]:
        """Wait for the next process that ends or exceeds its time."""
        while True:
            for pid, (mutant, end) in self.running.items():
                is_late = time.monotonic() > end
                if is_late:
                    os.killpg(pid, signal.SIGKILL)
                ended, status = os.waitpid(pid, 0 if is_late else os.WNOHANG)
                if ended:
                    del self.running[pid]
                    return mutant, _outcome(status)
            time.sleep(0.01)

    def stop(self) -> None:
        """Kill the running processes."""
        for pid in self.running:
            os.killpg(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _outcome(status: int) -> str:
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL):
        return "timeout"
    return "killed" if status else "survived"


def _become(trial: Callable[[], int], *, limit: float, is_quiet: bool) -> None:
    """Run the trial in place of this process; never return."""
    status = 1
    try:
        os.setpgid(0, 0)
        seconds = math.ceil(limit)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        with suppress(ValueError, OSError):  # some systems know no such limit
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        if is_quiet:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
        status = trial()
    finally:
        os._exit(status)
