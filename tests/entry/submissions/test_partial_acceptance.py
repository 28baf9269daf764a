"""The rest of a returned version is accepted after its first verdict only: a re-judgement is its sender's to look at."""

from dataclasses import replace

import pytest

from services.entry.app import SERVICE
from services.entry.audit.domain import Actor
from services.entry.submissions.operations import queries, status, submitting
from services.entry.submissions.operations.commands import SubmitCommand
from services.entry.submissions.operations.withdrawing import Remainder
from shared.identity.callers import Caller
from shared.reference import reporter
from tests.entry.conftest import need, window
from tests.entry.submissions.test_api_submissions import verdict_on

REMAINDER = Remainder(b'{"records":[\n{"ref":"CT-1"}\n]}', 1, ("CT-2",), "The records have errors.", None)


@pytest.fixture
def runtime(runtime_of, deliver):
    made = runtime_of("entry")
    deliver(made, SERVICE, window())
    return made


@pytest.fixture
def submission(runtime):
    known = reporter("AL-WBCTi")
    caller = Caller(known.code, known.role, known.partner, tuple(known.pillars))
    command = SubmitCommand(caller=caller, actor=Actor(known.code), **need(on_error="accept"))
    with runtime.database.begin() as tx:
        made, _ = submitting.submit(tx, database=runtime.database, blobs=runtime.blobs, command=command)
    return made.id


@pytest.fixture
def judge(runtime, submission):
    def judge(verdict, *, accepted, remainder=None):
        event = verdict_on(submission, accepted=accepted, verdict=verdict, report="0" * 64)
        with runtime.database.begin() as tx:
            status.apply_verdict(tx, blobs=runtime.blobs, event=event, remainder=remainder)

    return judge


@pytest.fixture
def steps(runtime, submission):
    def steps():
        with runtime.database.read() as tx:
            known = queries.list_versions(tx, submission=submission)
        return [(version.number, version.state, tuple(version.left_out)) for version in known]

    return steps


def test_after_the_first_verdict_the_rest_follows_as_a_version_of_its_own(judge, steps):
    judge(1, accepted=False, remainder=REMAINDER)
    assert steps() == [(1, "returned", ()), (2, "received", ("CT-2",))]


def test_after_a_re_judgement_the_rest_is_not_accepted_again(judge, steps):
    judge(1, accepted=True)
    judge(2, accepted=False, remainder=REMAINDER)
    assert steps() == [(1, "returned", ())]


def test_a_version_that_was_replaced_meanwhile_gets_no_rest(judge, steps):
    judge(1, accepted=False, remainder=REMAINDER)
    judge(2, accepted=False, remainder=replace(REMAINDER, left_out=("CT-1",)))
    assert [number for number, _, _ in steps()] == [1, 2]


def test_the_timeline_names_the_omitted_records_with_the_reason(judge, runtime, submission, client_of):
    judge(1, accepted=False, remainder=REMAINDER)
    shown = client_of("entry").get(f"/entry/v1/submissions/{submission}/versions", as_="AL-WBCTi").json
    assert shown["items"][1]["left_out"] == ["CT-2"]
    with runtime.database.read() as tx:
        known = queries.list_versions(tx, submission=submission)
    step = queries.timeline(known, reporter="AL-WBCTi")[2]
    assert (step.version, step.stage) == (2, "received")
    assert step.text == "without 1 record of the previous version, because: The records have errors."
