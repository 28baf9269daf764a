"""Tests of each process that starts while a store is unavailable: it reports this, then waits or exits as expected."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.launcher import iisgd
from shared.settings import Settings

NO_DATABASE = "postgresql+psycopg://iisgd:secret@127.0.0.1:1/iisgd"
NO_BROKER = "redis://:secret@127.0.0.1:1/0"


@pytest.fixture
def started(tmp_path, sqlite_files) -> Iterator[Callable[..., "Started"]]:
    """Return a function that starts a process of the project; end all processes as a supervisor would."""
    processes = []
    database = sqlite_files.fresh(tmp_path)

    def start(*words: str, **settings: str) -> Started:
        given = Settings(home=tmp_path, **{"database_url": database} | settings)
        log = tmp_path / f"{words[0]}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                iisgd(*words), env=given.as_environ(), stdout=file, stderr=file, start_new_session=True
            )
        processes.append(process)
        return Started(process, log)

    yield start
    for process in processes:
        process.kill()
        process.wait()


class Started:
    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self._log = log

    def lines(self) -> list[str]:
        """Return the output without Python's warning about workers that run as root, as many test runs do."""
        written = self._log.read_text(encoding="utf-8").splitlines()
        return [line for line in written if line.startswith(("{", "Error"))]

    def wait_for(self, count: int) -> list[str]:
        until = time.monotonic() + 90
        while len(self.lines()) < count:
            assert time.monotonic() < until, self.lines()
            assert self.process.poll() is None, self.lines()
            time.sleep(0.05)
        return self.lines()

    def end(self) -> int:
        self.process.terminate()
        return self.process.wait(timeout=60)


def test_a_migration_without_a_database_ends_with_one_line(started):
    migration = started("migrate", database_url=NO_DATABASE)
    assert migration.process.wait(timeout=90) == 1
    (line,) = migration.lines()
    assert line.startswith("Error: The database (IISGD_DATABASE_URL) cannot be reached")
    assert "secret" not in line


def test_a_relay_without_a_database_says_so_once_and_waits(started):
    relay = started("relay", database_url=NO_DATABASE)
    (line,) = relay.wait_for(1)
    assert json.loads(line)["event"] == "relay cannot ring, retrying"
    assert "port 1 failed: Connection refused" in json.loads(line)["error"]
    time.sleep(2)
    assert relay.lines() == [line]
    assert "secret" not in line
    assert relay.end() == 0


@pytest.mark.parametrize("words", [("worker", "entry"), ("beat",)])
def test_a_process_without_a_broker_says_so_at_each_try_and_waits(started, words):
    waiting = started(*words, broker_url=NO_BROKER)
    first, second = (json.loads(line) for line in waiting.wait_for(2)[:2])
    for said in (first, second):
        assert "Connection refused" in said["event"]
        assert "rying again in" in said["event"]
        assert "secret" not in said["event"]
    assert waiting.end() == 0


@pytest.mark.parametrize(("words", "niceness"), [(("worker", "entry"), 0), (("worker", "--bulk"), 5)])
def test_only_who_does_large_work_leaves_the_processor_to_the_others(started, words, niceness):
    worker = started(*words, broker_url=NO_BROKER)
    worker.wait_for(1)
    assert os.getpriority(os.PRIO_PROCESS, worker.process.pid) == niceness
    group = Path(f"/proc/{worker.process.pid}/autogroup")
    if group.exists():
        assert group.read_text().endswith(f"nice {niceness}\n")
