"""Each use case runs its own checks, whoever calls it: what may not be is refused, and nothing is stored."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from services.entry.app import SERVICE
from services.entry.audit.domain import Actor
from services.entry.audit.store import entries
from services.entry.carry_over import operations as carry_over
from services.entry.carry_over.domain import DispositionRequest, NothingToCarryOver
from services.entry.submissions.domain.refusals import KindIsNotYours, PillarIsNotYours, VersionIsStale
from services.entry.submissions.operations import nil_returns, queries, submitting, withdrawing
from services.entry.submissions.operations.commands import SubmitCommand
from services.entry.submissions.store import submissions as store
from services.entry.submissions.store.tables import submissions, versions
from services.entry.windows.domain import WindowIsClosed
from shared.bus.store import metadata as bus
from shared.database import Transaction
from shared.errors import NotFound
from shared.events import DeadlineSet
from shared.identity.callers import Caller
from shared.reference import reporter
from shared.reference.markings import TextIsClassified
from shared.resources import Runtime
from tests.entry.conftest import need, window

CLASSIFIED = "See RESTREINT UE/EU RESTRICTED"
STATEMENT = {"signed_by": "Ana Hoxha", "function": "Head of unit", "text": ""}

Act = Callable[["Desk", Transaction, SubmitCommand], Any]


def caller(code: str, **changes: Any) -> Caller:
    known = reporter(code)
    return replace(Caller(known.code, known.role, known.partner, tuple(known.pillars)), **changes)


def command(caller_: Caller | None = None, **changes: Any) -> SubmitCommand:
    facts = need() | changes
    return SubmitCommand(caller=caller_ or caller("AL-WBCTi"), actor=Actor("AL-WBCTi"), **facts)


@dataclass
class Desk:
    """A runtime of entry with the window for needs open, and one submission that can be corrected."""

    runtime: Runtime
    submission: str = ""

    def run(self, act: Act, asked: SubmitCommand) -> Any:
        with self.runtime.database.begin() as tx:
            return act(self, tx, asked)

    @property
    def resources(self) -> dict[str, Any]:
        return {"database": self.runtime.database, "blobs": self.runtime.blobs}

    def stored(self) -> list[int]:
        tables = (submissions, versions, entries, bus.tables["bus.events"])
        with self.runtime.database.read() as tx:
            return [tx.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]


def submit(desk: Desk, tx: Transaction, asked: SubmitCommand) -> Any:
    return submitting.submit(tx, **desk.resources, command=asked)


def submit_trial(desk: Desk, tx: Transaction, asked: SubmitCommand) -> Any:
    return submitting.submit_trial(tx, **desk.resources, command=asked)


def correct(desk: Desk, tx: Transaction, asked: SubmitCommand) -> Any:
    return submitting.correct(tx, **desk.resources, command=asked, submission=desk.submission, version=1)


def sign_nil_return(desk: Desk, tx: Transaction, asked: SubmitCommand) -> Any:
    signed = replace(asked, records=(), statement=STATEMENT | {"text": str(asked.records[0]["title"])})
    return nil_returns.sign_nil_return(tx, **desk.resources, command=signed)


def carry(desk: Desk, tx: Transaction, asked: SubmitCommand) -> Any:
    return carry_over.carry_over(
        tx,
        **desk.resources,
        command=replace(asked, records=()),
        previous_period="2023-2024",
        requests=[DispositionRequest("CT-1", "withdrawn", why=str(asked.records[0]["title"]))],
    )


def withdraw(desk: Desk, tx: Transaction, asked: SubmitCommand) -> Any:
    return withdrawing.withdraw(
        tx,
        **desk.resources,
        caller=asked.caller,
        actor=asked.actor,
        submission=desk.submission,
        version=1,
        reason=str(asked.records[0]["title"]),
    )


def withdraw_records(desk: Desk, tx: Transaction, asked: SubmitCommand) -> Any:
    return withdrawing.withdraw_records(
        tx,
        **desk.resources,
        caller=asked.caller,
        actor=asked.actor,
        submission=desk.submission,
        version=1,
        refs=["AL-CT-N01"],
        reason=str(asked.records[0]["title"]),
    )


SUBMITTING = (submit, submit_trial, correct, sign_nil_return, carry)
WITHDRAWING = (withdraw, withdraw_records)
MORE = [{"ref": "AL-CT-N02", "title": "Mobile laboratory for explosives", "theme": "jap25_prevention"}]


@pytest.fixture
def desk(runtime_of, deliver) -> Desk:
    made = Desk(runtime_of("entry"))
    deliver(made.runtime, SERVICE, window())
    known, _ = made.run(submit, command())
    made.submission = known.id
    return made


@pytest.mark.parametrize("act", [*SUBMITTING, *WITHDRAWING])
def test_once_the_window_has_closed_no_use_case_stores_anything(desk, clock, act):
    clock.advance(timedelta(days=60))
    before = desk.stored()
    with pytest.raises(WindowIsClosed):
        desk.run(act, command(records=MORE))
    assert desk.stored() == before


@pytest.mark.parametrize("act", [submit, submit_trial, sign_nil_return, carry])
def test_without_a_window_no_use_case_stores_anything(desk, act):
    before = desk.stored()
    with pytest.raises(WindowIsClosed):
        desk.run(act, command(records=MORE, period="2027-2028"))
    assert desk.stored() == before


@pytest.mark.parametrize("act", SUBMITTING)
@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"role": "member"}, KindIsNotYours),
        ({"role": "coordinator"}, KindIsNotYours),
        ({"pillars": ("WBBSi",)}, PillarIsNotYours),
    ],
)
def test_a_caller_without_the_right_stores_nothing(desk, act, changes, refusal):
    before = desk.stored()
    with pytest.raises(refusal):
        desk.run(act, command(caller("AL-WBCTi", **changes), records=MORE))
    assert desk.stored() == before


@pytest.mark.parametrize("act", [correct, *WITHDRAWING])
def test_another_reporters_submission_stays_as_it_is(desk, act):
    before = desk.stored()
    with pytest.raises(NotFound):
        desk.run(act, command(caller("RS-WBCTi"), records=MORE))
    assert desk.stored() == before


@pytest.mark.parametrize("act", [*SUBMITTING, *WITHDRAWING])
def test_a_classified_text_is_refused_by_every_use_case(desk, act):
    before = desk.stored()
    with pytest.raises(TextIsClassified):
        desk.run(act, command(records=[MORE[0] | {"title": CLASSIFIED}]))
    assert desk.stored() == before


def test_a_classified_reference_is_refused(desk):
    before = desk.stored()
    with pytest.raises(TextIsClassified):
        desk.run(submit, command(records=MORE, reference=CLASSIFIED))
    assert desk.stored() == before


@pytest.fixture
def passed_deadline(runtime_of, deliver):
    due = DeadlineSet(
        deadline="need/2025-2026",
        kind="need",
        period="2025-2026",
        due_on="2026-11-22",
        meeting="board-8",
        sequence=1,
    )
    deliver(runtime_of("entry"), SERVICE, due)


@pytest.mark.usefixtures("passed_deadline")
@pytest.mark.parametrize("act", [submit, submit_trial, correct])
def test_the_use_case_decides_that_a_version_is_late(act, desk):
    known, version = desk.run(act, command(records=MORE))
    assert version.is_late
    with desk.runtime.database.read() as tx:
        assert queries.list_versions(tx, submission=known.id)[-1].is_late


def test_with_every_right_the_use_cases_store(desk):
    assert desk.run(submit, command(records=MORE))[1].number == 1
    assert desk.run(submit_trial, command(records=MORE))[0].is_trial
    assert desk.run(correct, command(records=[need()["records"][0] | {"title": "Training"}]))[1].number == 2
    with pytest.raises(NothingToCarryOver):
        desk.run(carry, command(records=MORE))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_correction_stored_while_another_is_prepared_is_not_replaced(desk, monkeypatch):
    list_versions = store.list_versions

    def list_after_another_correction(tx: Transaction, submission: str) -> Any:
        monkeypatch.setattr(store, "list_versions", list_versions)
        desk.run(correct, command(records=MORE))
        return list_versions(tx, submission)

    monkeypatch.setattr(store, "list_versions", list_after_another_correction)
    with pytest.raises(VersionIsStale):
        desk.run(correct, command(records=[MORE[0] | {"ref": "AL-CT-N03"}]))
    with desk.runtime.database.read() as tx:
        assert [version.number for version in list_versions(tx, desk.submission)] == [1, 2]
