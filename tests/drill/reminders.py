"""Reminders while senders are killed and the mail server is down: none is sent twice, and none is lost."""

import asyncio
import re
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.launcher import free_port
from deploy.sample_loader import Portal
from services.notify.calendar import store
from services.notify.calendar.domain import Collection, Meeting
from services.notify.calendar.operations import collections, meetings
from shared.reference import STRUCTURES
from shared.resources import Runtime
from tests.drill.kills import rows
from tests.figures import Figure
from tests.systems import System, systems

REMINDERS = 500
SENDERS = 4
BEATS = 3
KILLS = 20
OUTAGES = 2
OUTAGE_SECONDS = 6.0
REPLY_SECONDS = 0.15
"""The delay of a reply, so that kills and other senders meet a mail that is being sent."""

PATIENCE_SECONDS = 900.0
FIRST_YEAR = 2031
STEP = "T-7"
"""The step that is due as soon as the drill defines a collection."""

SETTLED = ("sent", "uncertain", "failed")


@dataclass
class SlowServer:
    """A mail server on one port that can be stopped; records the (recipient, period) of every mail received."""

    port: int = field(default_factory=free_port)
    taken: list[tuple[str, str]] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Record a mail before the wait, so that a sender killed during the wait does not know the result."""
        message = message_from_bytes(envelope.original_content or b"", policy=default)
        text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        self.taken += [
            (envelope.rcpt_tos[0], mapping) for mapping in re.findall(r"Responses (20[3-9]\d)", text)
        ]
        await asyncio.sleep(REPLY_SECONDS)
        return "250 taken"

    @contextmanager
    def up(self) -> Iterator[None]:
        """Listen until the end of the block."""
        controller = Controller(self, hostname="127.0.0.1", port=self.port)
        controller.start()
        try:
            yield
        finally:
            controller.stop()


@dataclass
class Serving:
    """A thread's work: keeps the server up except in outages."""

    server: SlowServer
    is_over: threading.Event = field(default_factory=threading.Event)
    outage: threading.Event = field(default_factory=threading.Event)
    outages: int = 0

    def run(self) -> None:
        """Run the server, stop it during each outage, and start it again."""
        while not self.is_over.is_set():
            with self.server.up():
                while not (self.is_over.wait(0.1) or self.outage.is_set()):
                    pass
            if self.outage.is_set():
                time.sleep(OUTAGE_SECONDS)
                self.outage.clear()
                self.outages += 1


def reminders() -> Iterable[Figure]:
    """Send 500 reminders with 4 senders, 20 kills, 2 outages and three beats."""
    server = SlowServer()
    serving = Serving(server)
    thread = threading.Thread(target=serving.run)
    thread.start()
    try:
        with tempfile.TemporaryDirectory() as folder, systems(Path(folder)) as make:
            system = make(
                database="postgresql",
                workers=SENDERS,
                more_beats=BEATS - 1,
                mail_server=f"smtp://127.0.0.1:{server.port}",
            )
            began = time.monotonic()
            kills = _remind(system, serving)
            owed = _wait_until_settled(system)
            seconds = time.monotonic() - began
            how = (
                f"{SENDERS} senders, {kills} kills, {serving.outages} outages, {BEATS} beats, {seconds:.0f} s"
            )
            yield from _figures(owed, server.taken, how)
    finally:
        serving.is_over.set()
        thread.join()


def _remind(system: System, serving: Serving) -> int:
    """Define due collections one after the other and cause faults in between; return the number of kills."""
    periods = [str(year) for year in range(FIRST_YEAR, FIRST_YEAR + -(-REMINDERS // len(STRUCTURES)))]
    outages_at = {len(periods) * at // (OUTAGES + 1) for at in range(1, OUTAGES + 1)}
    kills = 0
    runtime = system.runtime("notify")
    for number, period in enumerate(periods):
        _collect(runtime, period, met=(len(periods) * len(STRUCTURES) - REMINDERS) if number == 0 else 0)
        if number in outages_at:
            serving.outage.set()
        elif kills < KILLS:
            kills += _kill_sender(system)
    while kills < KILLS:
        kills += _kill_sender(system)
    runtime.database.dispose()
    return kills


def _collect(runtime: Runtime, period: str, *, met: int) -> None:
    """Make every structure's responses of a period due in seven days; `met` structures have submitted theirs."""
    with runtime.database.begin() as tx:
        held_on = tx.now.date() + timedelta(days=14)
        code = f"board-of-{period}"
        meetings.set_meeting(tx, wanted=Meeting(code, "board", f"Meeting of {period}", held_on), now=tx.now)
        for structure in list(STRUCTURES)[:met]:
            owed = {"structure": structure, "kind": "response", "period": period}
            store.upsert_submission_status(
                tx, submission=f"of {structure}", at=(1, 1), status="accepted", obligation=owed
            )
        collection = Collection("response", period, code, opens_days_before=30, due_days_before=7)
        collections.define_collection(tx, collection=collection, now=tx.now)


def _kill_sender(system: System) -> int:
    """Kill all senders during a mail and return 1; return 0 if no mail began within ten seconds."""
    begun = "SELECT count(*) FROM {notify}mails WHERE state IN ('sending', 'data') AND lease_until > now() + interval '115 s'"
    for _ in range(200):
        if rows(system, begun)[0][0] and system.launcher.pid("worker") is not None:
            system.launcher.kill("worker")
            return 1
        time.sleep(0.05)
    return 0


def _due_reminders(system: System) -> list[dict[str, Any]]:
    """Return the drill's reminders, as the Secretariat sees them."""
    portal = Portal(system.settings, system.launcher.port)
    try:
        found = portal.get_all("/notify/v1/reminders", "SECRETARIAT")
        mails = {mail["mail"]: mail for mail in portal.get_all("/notify/v1/mails", "SECRETARIAT")}
    finally:
        portal.close()
    return [
        reminder
        | {
            "period": reminder["about"].rpartition("/")[2],
            "recipient": mails.get(reminder["mail"], {}).get("recipient"),
            "fate": mails.get(reminder["mail"], {}).get("state"),
        }
        for reminder in found
        if reminder["step"] == STEP and reminder["about"].rpartition("/")[2] >= str(FIRST_YEAR)
    ]


def _wait_until_settled(system: System) -> list[dict[str, Any]]:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        owed = [reminder for reminder in _due_reminders(system) if reminder["state"] != "met"]
        if all(reminder["state"] in SETTLED for reminder in owed):
            return owed
        time.sleep(1)
    raise TimeoutError(f"{Counter(reminder['state'] for reminder in owed)} after {PATIENCE_SECONDS:.0f} s")


def _figures(owed: list[dict[str, Any]], taken: list[tuple[str, str]], how: str) -> Iterable[Figure]:
    states = Counter(reminder["state"] for reminder in owed)
    told = Counter(taken)
    by_state = {
        state: {(each["recipient"], each["period"]) for each in owed if each["state"] == state}
        for state in SETTLED
    }
    listed = [each for each in owed if each["state"] == "uncertain" and each["fate"] == "uncertain"]
    counts = f"{dict(states)}: {how}"
    yield Figure("reminders.settled", states.total(), "", counts, bar=REMINDERS)
    yield Figure(
        "reminders.too_many", max(0, states.total() - REMINDERS), "", counts, bar=0, less_is_better=True
    )
    twice = sum(times - 1 for times in told.values())
    yield Figure("reminders.twice", twice, "", f"sent more than once; {how}", bar=0, less_is_better=True)
    lost = len(by_state["sent"] - told.keys())
    yield Figure(
        "reminders.lost",
        lost,
        "",
        "recorded as sent, but not received by the server",
        bar=0,
        less_is_better=True,
    )
    denied = len(told.keys() - by_state["sent"] - by_state["uncertain"])
    yield Figure(
        "reminders.denied", denied, "", "received by the server, but not recorded", bar=0, less_is_better=True
    )
    unlisted = states["uncertain"] - len(listed)
    yield Figure(
        "reminders.unlisted",
        unlisted,
        "",
        f"not listed, of {states['uncertain']} uncertain",
        bar=0,
        less_is_better=True,
    )
