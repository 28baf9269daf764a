"""A backup of a running system, restored into an empty installation: no accepted data is lost, and no mail sent."""

import hashlib
import json
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from rich.console import Console

from deploy.backups import back_up, restore
from deploy.commands.sample import post_submissions
from deploy.launcher import Launcher, iisgd
from deploy.sample_loader import Portal
from shared.ids import new_id
from shared.settings import Settings
from tests.bench.posts import BODY
from tests.databases import PostgresServer
from tests.drill.kills import rows
from tests.figures import Figure
from tests.systems import System, systems

LARGE_POSTS = 6
RECORDS_OF_LARGE = 200
IN_FLIGHT = 20
DRAIN_SECONDS = 120.0
SILENT_SECONDS = 15.0
"""Three ticks of the sender, long enough for an unwanted mail to be sent."""

NOBODY = "smtp://127.0.0.1:1"
"""No mail server: the original's reminders are due but not sent, so the backup contains many waiting mails."""

GETS = (
    "/reporting/v1/aggregates?pillar=WBCTi&group_by=partner,kind",
    "/reporting/v1/aggregates?pillar=WBCSCi&group_by=theme",
    "/reporting/v1/gaps",
    "/reporting/v1/completeness",
    "/notify/v1/meetings",
)
"""Requests with equal responses in both systems. They exclude support for WBBSi, which is posted during the backup."""


@dataclass
class Posts:
    """The accepted submissions: id -> content hash."""

    system: System
    accepted: dict[str, str] = field(default_factory=dict)

    def post(self, reporter: str, pillar: str, *, records: int = 1) -> None:
        """Submit the given number of records."""
        body = json.loads(BODY) | {"pillar": pillar}
        (record,) = body["records"]
        body["records"] = [
            record | {"ref": new_id(), "description": f"{record['description']} " * 8} for _ in range(records)
        ]
        answer = httpx.post(
            f"{self.system.url}/entry/v1/submissions",
            json=body,
            headers=self.system.headers(reporter),
            timeout=60,
        )
        if answer.status_code != 202:
            raise RuntimeError(f"{answer.status_code} {answer.text}")
        self.accepted[answer.json()["id"]] = answer.json()["content_hash"]

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Post small and large submissions until the end of the block."""
        stopping = threading.Event()

        def post() -> None:
            number = 0
            while not stopping.is_set():
                self.post("RS-WBBSi", "WBBSi", records=RECORDS_OF_LARGE if number % 5 == 4 else 1)
                number += 1

        thread = threading.Thread(target=post)
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            thread.join()


def restoring() -> Iterable[Figure]:
    """Run on SQLite and on PostgreSQL."""
    for database in ("sqlite", "postgresql"):
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            make = stack.enter_context(systems(folder))
            url = ""
            if database == "postgresql":
                server = PostgresServer()
                stack.callback(server.stop)
                url = server.empty()
            original = make(database=database, mail_server=NOBODY, lease_seconds=8.0)
            launcher = Launcher.embedded(
                Settings(home=folder / "restored", database_url=url, log_level="WARNING", lease_seconds=8.0)
            )
            stack.callback(launcher.stop)
            yield from _drill(f"restoring.{database}", original, System(launcher), folder / "backup.tar")


def _drill(name: str, original: System, restored: System, file: Path) -> Iterable[Figure]:
    posts = Posts(original)
    _load(original, posts)
    began = time.monotonic()
    expected = dict(posts.accepted)
    with posts.going_on():
        time.sleep(1.0)
        done = back_up(original.settings, file, say=_quiet)
    size = file.stat().st_size / 1e6
    how = f"{done}, {size:.1f} MB, while {len(posts.accepted) - len(expected)} submissions were posted"
    yield Figure(f"{name}.backup", time.monotonic() - began, "s", how)
    began = time.monotonic()
    restore(restored.settings, file, keep_keys=False, say=_quiet)
    yield Figure(f"{name}.restore", time.monotonic() - began, "s", "into an empty installation")
    in_flight = restored.open_deliveries()
    restored.launcher.start()
    restored.launcher.wait_ready()
    original.launcher.release("worker")
    for system in (original, restored):
        system.wait_until_drained(seconds=DRAIN_SECONDS)
    yield from _compare(name, original, restored, expected, posts.accepted)
    yield Figure(
        f"{name}.worked_off", in_flight, "", "deliveries open in the backup, all handled now", bar=IN_FLIGHT
    )
    yield from _mails(name, restored)


def _load(system: System, posts: Posts) -> None:
    """Load the sample, large bodies and due mails, and finally events that are not handled."""
    portal = Portal(system.settings, system.launcher.port)
    post_submissions(portal, Console(quiet=True))
    portal.close()
    for _ in range(LARGE_POSTS):
        posts.post("AL-WBCTi", "WBCTi", records=RECORDS_OF_LARGE)
    system.wait_until_drained(seconds=DRAIN_SECONDS)
    _wait_for(lambda: _mails_in(system, "due"), seconds=60)
    system.launcher.keep_down("worker")
    for _ in range(IN_FLIGHT):
        posts.post("AL-WBCTi", "WBCTi")


def _compare(
    name: str, original: System, restored: System, expected: dict[str, str], accepted: dict[str, str]
) -> Iterable[Figure]:
    shown = dict(
        rows(restored, "SELECT submission, body FROM {entry}submission_versions WHERE body IS NOT NULL")
    )
    blobs = restored.runtime("entry").blobs
    same = sum(shown.get(id_) == sha256 == _hash(blobs.get(sha256)) for id_, sha256 in expected.items())
    how = f"{len(expected)} accepted before the backup, compared by id, content hash and body"
    yield Figure(f"{name}.submissions", same / len(expected), "", how, bar=1.0)
    of_the_time = {id_: sha256 for id_, sha256 in accepted.items() if id_ in shown and id_ not in expected}
    whole = sum(shown[id_] == sha256 == _hash(blobs.get(sha256)) for id_, sha256 in of_the_time.items())
    how = f"{len(of_the_time)} accepted during the backup and contained in it, all complete"
    yield Figure(f"{name}.in_between", whole / max(1, len(of_the_time)), "", how, bar=1.0)
    large = len(list(restored.settings.blobs.glob("*/*")))
    yield Figure(f"{name}.large_bodies", large, "", "files in the blob folder", bar=LARGE_POSTS)
    alike = sum(_answer(original, path) == _answer(restored, path) for path in GETS)
    yield Figure(f"{name}.answers", alike / len(GETS), "", "GETs with equal responses except as_of", bar=1.0)


def _mails(name: str, restored: System) -> Iterable[Figure]:
    time.sleep(SILENT_SECONDS)
    held, left = _mails_in(restored, "held"), len(list(restored.launcher.mail.glob("*.eml")))
    how = f"mails sent without release in {SILENT_SECONDS:.0f} s, while {held} were held"
    yield Figure(f"{name}.mails_held", left, "", how, bar=0, less_is_better=True)
    command = iisgd("notify", "release")
    subprocess.run(command, env=restored.settings.as_environ(), check=True, stdout=subprocess.DEVNULL)
    _wait_for(lambda: _mails_in(restored, "sent") and not _waiting_mails(restored), seconds=60)
    sent = len(list(restored.launcher.mail.glob("*.eml")))
    yield Figure(f"{name}.mails_released", sent, "", "mails sent after 'iisgd notify release'", bar=1)


def _answer(system: System, path: str) -> str:
    answer = system.get(path, "RCC-ANALYST")
    answer.raise_for_status()
    return re.sub(r'"as_of":\s*"[^"]*"', "", answer.text)


def _mails_in(system: System, state: str) -> int:
    count: int = rows(system, f"SELECT count(*) FROM {{notify}}mails WHERE state = '{state}'")[0][0]
    return count


def _waiting_mails(system: System) -> int:
    return sum(_mails_in(system, state) for state in ("held", "due", "sending", "data"))


def _wait_for(condition: Callable[[], object], *, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(f"the condition was not met in {seconds:.0f} s")
        time.sleep(0.2)


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _quiet(_line: str) -> None:
    """Discard progress messages."""
