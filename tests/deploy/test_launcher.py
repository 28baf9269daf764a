import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from deploy import instance_lock
from deploy.launcher import (
    STOP_SIGNALS,
    DidNotStart,
    Launcher,
    Terminated,
    free_port,
    iisgd,
    raising_on_signals,
)
from shared.settings import Settings

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-c",
    """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
time.sleep(600)
""",
]


def wait_for(condition: Callable[[], object], *, seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come about in time"
        time.sleep(0.02)


def family(pid: int) -> list[psutil.Process]:
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def running(processes: list[psutil.Process]) -> list[str]:
    """Return the processes that still run; zombies have ended."""
    alive = []
    for process in processes:
        try:
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                alive.append(" ".join(process.cmdline()))
        except psutil.NoSuchProcess:
            continue
    return alive


@pytest.fixture
def launcher(tmp_path) -> Iterator[Launcher]:
    """A launcher without the system, because its process handling does not depend on the programs."""
    made = Launcher(Settings(home=tmp_path), free_port())
    yield made
    made.stop()


def test_what_dies_is_started_again(launcher):
    launcher.add("sleeper", SLEEP)
    launcher.start()
    wait_for(lambda: launcher.pid("sleeper"))
    first = launcher.pid("sleeper")
    launcher.kill("sleeper")
    wait_for(lambda: launcher.pid("sleeper") not in (None, first))
    assert launcher.components["sleeper"].restarts == 1


def test_what_fails_at_its_start_is_tried_less_and_less_often(launcher):
    launcher.add("broken", [sys.executable, "-c", "raise SystemExit(1)"])
    launcher.start()
    wait_for(lambda: launcher.components["broken"].restarts >= 2)
    assert launcher.components["broken"].wait >= 0.6


def test_what_one_leaves_behind_is_ended_before_it_is_started_again(launcher):
    launcher.add("stubborn", STUBBORN)
    launcher.start()
    wait_for(lambda: launcher.pid("stubborn") and len(family(launcher.pid("stubborn"))) == 2)
    both = family(launcher.pid("stubborn"))
    os.kill(both[0].pid, signal.SIGKILL)
    wait_for(lambda: not running(both))
    wait_for(lambda: launcher.pid("stubborn"))


def test_what_is_held_stays_down_until_it_is_released(launcher):
    launcher.add("sleeper", SLEEP)
    launcher.start()
    wait_for(lambda: launcher.pid("sleeper"))
    launcher.keep_down("sleeper")
    wait_for(lambda: launcher.pid("sleeper") is None)
    time.sleep(0.5)
    assert launcher.pid("sleeper") is None
    launcher.release("sleeper")
    wait_for(lambda: launcher.pid("sleeper"))


def test_only_what_was_named_is_started(launcher):
    launcher.add("one", SLEEP)
    launcher.add("other", SLEEP)
    launcher.start("other")
    wait_for(lambda: launcher.pid("other"))
    assert launcher.pid("one") is None


def test_stopping_ends_also_who_does_not_listen_and_their_children(launcher, monkeypatch):
    monkeypatch.setattr("deploy.launcher.STOP_SECONDS", 0.5)
    launcher.add("sleeper", SLEEP)
    launcher.add("stubborn", STUBBORN)
    launcher.start()
    wait_for(lambda: launcher.pid("stubborn") and len(family(launcher.pid("stubborn"))) == 2)
    processes = family(launcher.pid("stubborn")) + family(launcher.pid("sleeper"))
    launcher.stop()
    assert len(processes) == 3
    # A killed process that is not a child disappears after a moment, not at once.
    wait_for(lambda: running(processes) == [])


def test_a_system_that_does_not_get_ready_says_so_and_where_its_logs_are(launcher):
    with pytest.raises(DidNotStart, match=r"no response from the web process.*logs"):
        launcher.wait_ready(seconds=0.2)


@pytest.fixture
def run(tmp_path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Return a function that runs `iisgd run` in a new installation and waits until it is ready."""
    started: list[psutil.Process] = []

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            iisgd("run", "--empty", "--port", free_port()),
            env=os.environ | {"IISGD_HOME": str(tmp_path / "home")},  # noqa: TID251 - a child's environment
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(psutil.Process(process.pid))
        assert process.stdout is not None
        assert any("Press Ctrl-C to stop." in line for line in process.stdout)
        started.extend(family(process.pid))
        return process

    yield start
    for process in started:
        if process.is_running():
            process.kill()


def test_sigterm_ends_the_running_system_cleanly_and_leaves_no_process(run):
    process = run()
    processes = family(process.pid)
    assert len(processes) > 8
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert running(processes) == []


@pytest.fixture
def starting(tmp_path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Return a function that runs `iisgd run` with the sample and waits for a step of its start."""
    started: list[psutil.Process] = []

    def start(said: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            iisgd("run", "--port", free_port()),
            env=os.environ | {"IISGD_HOME": str(tmp_path / "home")},  # noqa: TID251 - a child's environment
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        started.append(psutil.Process(process.pid))
        assert process.stdout is not None
        assert any(said in line for line in process.stdout)
        started.extend(psutil.Process(process.pid).children(recursive=True))
        return process

    yield start
    for process in started:
        if process.is_running():
            process.kill()


def press_ctrl_c_twice(process: subprocess.Popen[str]) -> None:
    """Send SIGINT twice to the process group, as a terminal does for an impatient user."""
    os.killpg(process.pid, signal.SIGINT)
    time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)


@pytest.mark.parametrize(
    ("step", "seconds"),
    [
        ("Making the database", 0.0),
        ("Making the database", 0.5),
        ("Starting entry", 0.0),
        ("Starting entry", 0.5),
        ("Posting", 0.5),
    ],
)
def test_ctrl_c_during_the_start_ends_the_system_at_once_and_as_cleanly(starting, tmp_path, step, seconds):
    process = starting(step)
    time.sleep(seconds)
    processes = family(process.pid)
    press_ctrl_c_twice(process)
    output, _ = process.communicate(timeout=60)
    assert output.splitlines()[-2:] == ["Stopping ...", "Everything is stopped."]
    assert "Aborted" not in output
    assert process.returncode == 0
    wait_for(lambda: running(processes) == [], seconds=20)
    assert instance_lock.find_holder(tmp_path / "home") is None
    told = json.loads((tmp_path / "home" / instance_lock.LOCK_FILE).read_text())
    assert not Path(told["broker_url"].removeprefix("redis+socket://")).parent.exists()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_signal_that_python_loses_leaves_the_next_one_its_effect():
    class Interrupted:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGINT)

    def interrupt_twice() -> None:
        with raising_on_signals():
            Interrupted()
            survived.append(True)
            signal.raise_signal(signal.SIGINT)

    survived: list[bool] = []
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    try:
        with pytest.raises(Terminated):
            interrupt_twice()
        signal.raise_signal(signal.SIGINT)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert survived


def test_a_step_that_fails_ends_the_system_and_says_which(tmp_path):
    done = subprocess.run(
        iisgd("run", "--port", free_port()),
        env=os.environ  # noqa: TID251 - a child's environment
        | {"IISGD_HOME": str(tmp_path), "IISGD_DATABASE_URL": "postgresql+psycopg://127.0.0.1:1/iisgd"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1
    assert "Error: 'iisgd migrate --quiet' failed; see above" in done.stderr
    assert instance_lock.find_holder(tmp_path) is None


def test_a_launcher_that_is_killed_takes_everything_with_it(run):
    process = run()
    processes = family(process.pid)
    process.kill()
    process.communicate(timeout=60)
    wait_for(lambda: not running(processes), seconds=30)
