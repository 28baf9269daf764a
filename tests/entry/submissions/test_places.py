"""The rule of precedence, against its plainest reading: what is stated last counts, and a repetition states nothing."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from threading import Barrier
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from services.entry.audit.domain import Actor
from services.entry.submissions.domain.refusals import ContentIsDuplicate
from services.entry.submissions.domain.statements import StatedBy
from services.entry.submissions.operations import announcements, resubmitting, submitting, withdrawing
from services.entry.submissions.operations.commands import SubmitCommand
from services.entry.submissions.store import statements, submissions
from services.reporting.app import SERVICE as REPORTING
from services.reporting.figures.operations import rebuilding
from services.reporting.figures.store.tables import facts
from shared.events import SubmissionAccepted, SubmissionReceived, SubmissionWithdrawn
from shared.identity.callers import Caller
from shared.ids import new_id
from shared.reference import reporter
from tests.conftest import dumped
from tests.reporting.stored_figures import empty

KNOWN = reporter("AL-WBCTi")
ACTOR = Actor(KNOWN.code)
CALLER = Caller(KNOWN.code, KNOWN.role, KNOWN.partner, tuple(KNOWN.pillars))
REFS, VALUES = ["S-1", "S-2", "S-3"], [100, 200, 300]

JUDGED = {
    "verdict": 1,
    "ruleset": "general",
    "ruleset_hash": "0" * 64,
    "counts": {},
    "report": "0" * 64,
    "judged_at": "2026-11-23T08:00:00.000Z",
    "reason": "first",
}

records = st.dictionaries(st.sampled_from(REFS), st.sampled_from(VALUES), min_size=1)
actions = st.lists(
    st.tuples(
        st.sampled_from(
            ["new", "new", "new", "correct", "correct", "replace", "withdraw", "withdraw records"]
        ),
        st.integers(0, 3),
        records,
        st.booleans(),
    ),
    min_size=2,
    max_size=8,
)


@dataclass
class Plainly:
    """The rule, without any database: the claims of each submission, and the time of each statement."""

    claims: dict[str, dict[str, tuple[int, int, int]]] = field(default_factory=dict)
    """Submission -> ref -> (time of the statement, or 0 if it was withdrawn; time of the version that has it; value)."""
    stated: dict[tuple[str, int], int] = field(default_factory=dict)
    withdrawn: dict[str, int] = field(default_factory=dict)
    """When each ref was withdrawn last, if it was."""
    time: int = 0

    def submit(self, submission: str, values: dict[str, int]) -> None:
        self.time += 1
        self.claims[submission] = {}
        for ref, value in values.items():
            at = self.stated.setdefault((ref, value), self.time)
            self.claims[submission][ref] = (at if at > self.withdrawn.get(ref, 0) else 0, self.time, value)

    def correct(self, submission: str, values: dict[str, int], *, replaces: bool = False) -> None:
        self.time += 1
        kept = {} if replaces else self.claims[submission]
        self.claims[submission] = {ref: (at, self.time, value) for ref, (at, _, value) in kept.items()}
        for ref, value in values.items():
            self.stated[ref, value] = self.time
            self.claims[submission][ref] = (self.time, self.time, value)

    def withdraw(self, submission: str, refs: set[str] | None = None) -> None:
        self.time += 1
        left = {
            ref: (at, self.time, value)
            for ref, (at, _, value) in self.claims.pop(submission).items()
            if refs is not None and ref not in refs
        }
        self.withdrawn |= dict.fromkeys(refs or (), self.time)
        if left:
            self.claims[submission] = left

    def counted(self) -> dict[str, tuple[str, int]]:
        """The submission and the value that count, by ref."""
        latest: dict[str, tuple[int, int, str, int]] = {}
        for submission, claims in self.claims.items():
            for ref, (at, received, value) in claims.items():
                if not at:
                    continue
                latest[ref] = max(latest.get(ref, (0, 0, "", 0)), (at, received, submission, value))
        return {ref: (submission, value) for ref, (_, _, submission, value) in latest.items()}


class Desk:
    """A reporter who submits to entry's operations, and the model that is told the same."""

    def __init__(self, runtime: Any, clock: Any, announced: list[Any]) -> None:
        self.announced = announced
        self.runtime, self.clock, self.model = runtime, clock, Plainly()
        self.versions: dict[str, int] = {}
        self.mark = new_id()
        """Begins every ref, so that each history has records of its own."""

    def act(self, what: str, which: int, values: dict[str, int], *, waits: bool) -> None:
        if waits:
            self.clock.advance(timedelta(seconds=1))
        if what == "new":
            self._submit(values)
        elif self.versions:
            submission = sorted(self.versions)[which % len(self.versions)]
            known = {ref: value for ref, (_, _, value) in self.model.claims[submission].items()}
            if what in ("correct", "replace"):
                self._correct(submission, values, replaces=what == "replace")
            else:
                self._withdraw(submission, None if what == "withdraw" else set(known) & set(values))

    def _command(self, values: dict[str, int], **more: Any) -> SubmitCommand:
        rows = [
            {"ref": f"{self.mark}/{ref}", "budget": value, "currency": "EUR"} for ref, value in values.items()
        ]
        about = {"pillar": "WBCTi", "kind": "support", "period": "2026", "tlp": "TLP:CLEAR"}
        return SubmitCommand(caller=CALLER, actor=ACTOR, records=rows, **about, **more)

    def _submit(self, values: dict[str, int]) -> None:
        about = {
            "database": self.runtime.database,
            "blobs": self.runtime.blobs,
            "command": self._command(values),
        }
        with self.runtime.database.begin() as tx:
            submission, version, is_new = resubmitting.submit_again(tx, **about)
        if is_new:
            self.model.submit(submission.id, values)
            self.versions[submission.id] = version.number

    def _correct(self, submission: str, values: dict[str, int], *, replaces: bool) -> None:
        command = self._command(values, mode="replace" if replaces else "upsert")
        try:
            with self.runtime.database.begin() as tx:
                _, version = submitting.correct(
                    tx,
                    database=self.runtime.database,
                    blobs=self.runtime.blobs,
                    command=command,
                    submission=submission,
                    version=self.versions[submission],
                )
        except ContentIsDuplicate:
            return
        if version.number > self.versions[submission]:
            self.model.correct(submission, values, replaces=replaces)
            self.versions[submission] = version.number

    def _withdraw(self, submission: str, refs: set[str] | None) -> None:
        if refs == set():
            return
        about = {
            "database": self.runtime.database,
            "caller": CALLER,
            "submission": submission,
            "version": self.versions[submission],
            "reason": "entered twice",
            "blobs": self.runtime.blobs,
            "actor": ACTOR,
        }
        with self.runtime.database.begin() as tx:
            if refs is None:
                withdrawing.withdraw(tx, **about)
            else:
                withdrawing.withdraw_records(tx, refs={f"{self.mark}/{ref}" for ref in refs}, **about)
        self.model.withdraw(submission, refs)
        if submission in self.model.claims:
            self.versions[submission] += 1
        else:
            del self.versions[submission]

    def judged(self) -> list[Any]:
        """The verdicts on all versions: each is accepted."""
        return [
            SubmissionAccepted(**each.payload(), **JUDGED) if isinstance(each, SubmissionReceived) else each
            for each in self.announced
            if isinstance(each, SubmissionReceived | SubmissionWithdrawn)
        ]


def counted(runtime: Any) -> dict[str, tuple[str, int]]:
    with runtime.database.read() as tx:
        rows = tx.execute(
            select(facts.c.identity, facts.c.submission, facts.c.estimated, facts.c.committed).where(
                facts.c.in_force, facts.c.rank == 0
            )
        ).all()
    return {
        row.identity.rpartition("/")[2]: (row.submission, max(row.estimated, row.committed) // 100)
        for row in rows
    }


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(happened=actions, random=st.randoms(use_true_random=False))
@example(
    [
        ("new", 0, {"S-1": 100, "S-2": 100}, False),
        ("new", 0, {"S-1": 100, "S-2": 100, "S-3": 100}, False),
        ("withdraw records", 0, {"S-1": 100}, False),
    ],
    Random(0),
)
def test_folding_in_any_order_and_rebuilding_agree_with_the_rule(
    runtime_of, deliver, clock, happened, random
):
    entry, reporting = runtime_of("entry"), runtime_of("reporting")
    empty(reporting)
    announced: list[Any] = []
    desk = Desk(entry, clock, announced)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(announcements, "record", lambda _tx, event: announced.append(event))
        for what, which, values, waits in happened:
            desk.act(what, which, values, waits=waits)
    verdicts = desk.judged()
    random.shuffle(verdicts)
    for event in verdicts:
        deliver(reporting, REPORTING, event)
    assert counted(reporting) == desk.model.counted()
    rebuilding.rebuild(reporting)
    assert counted(reporting) == desk.model.counted()


def test_the_same_export_several_times_at_once_is_one_submission(client_of):
    """Each repeats an old record, so that it is looked up; only one may become a submission."""
    about = {"pillar": "WBCTi", "kind": "support", "period": "2026", "tlp": "TLP:CLEAR"}
    clients = [client_of("entry") for _ in range(4)]
    tokens = [client.token("EC") for client in clients]
    path = "/entry/v1/submissions"
    first = clients[0].post(path, json=about | {"records": [{"ref": "S-1", "budget": 1}]}, as_="EC").json
    corrected = about | {
        "records": [{"ref": "S-1", "budget": 3}],
        "supersedes": {"submission": first["id"], "version": 1},
    }
    assert clients[0].post(path, json=corrected, as_="EC").status_code == 202
    export = about | {"records": [{"ref": "S-1", "budget": 1}, {"ref": "S-2", "budget": 2}]}
    together = Barrier(len(clients))

    def post(number: int) -> tuple[int, str]:
        headers = {"Authorization": f"Bearer {tokens[number]}", "Idempotency-Key": f"night {number}"}
        together.wait()
        answer = clients[number].http.post(
            path, data=dumped(export), headers=headers, content_type="application/json"
        )
        return answer.status_code, answer.json["id"]

    with ThreadPoolExecutor(len(clients)) as pool:
        answers = list(pool.map(post, range(len(clients))))
    assert sorted(status for status, _ in answers) == [200, 200, 200, 202]
    assert len({submission for _, submission in answers}) == 1


def test_of_two_exports_at_once_with_one_reference_the_second_is_told(client_of, monkeypatch):
    """Neither finds the other, and both have so many records that earlier ones are looked up first."""
    client, path = client_of("entry"), "/entry/v1/submissions"
    about = {
        "pillar": "WBCTi",
        "kind": "support",
        "period": "2026",
        "tlp": "TLP:CLEAR",
        "reference": "night 1",
    }
    first, second = (
        about | {"records": [{"ref": f"S-{at}", "budget": value} for at in range(resubmitting.FEW + 1)]}
        for value in (1, 2)
    )
    assert client.post(path, json=first, as_="EC").status_code == 202
    find = submissions.find_by_reference
    answers = iter([None])
    monkeypatch.setattr(
        submissions, "find_by_reference", lambda *args, **named: next(answers, find(*args, **named))
    )
    answer = client.post(path, json=second, as_="EC")
    assert (answer.status_code, answer.json["title"]) == (409, "The reference was used before")


def test_of_a_record_with_many_contents_only_those_since_the_same_one_are_read(runtime_of, clock):
    entry = runtime_of("entry")
    contents = [f"{at:032}" for at in range(5)]
    with entry.database.begin() as tx:
        for at, content in enumerate(contents):
            by = StatedBy("EC", "s-1", at + 1, f"2026-11-2{at}/s-1")
            statements.insert_new(tx, [("0" * 32, content)], by=by)
    with entry.database.read() as tx:
        read = [
            sorted(
                each.content for each in statements.list_since(tx, [("0" * 32, content)]).get("0" * 32, ())
            )
            for content in (contents[3], contents[4], "f" * 32)
        ]
    assert read == [contents[3:], contents[4:], []]
