"""Submissions over HTTP, as a reporter sees them."""

import json
import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from services.entry.app import SERVICE
from services.entry.submissions.domain.submissions import SubmissionFilter
from services.entry.submissions.store import submissions, tables
from shared.bus.store import deliveries
from shared.clock import iso
from shared.events import SubmissionAccepted, SubmissionProgressed, SubmissionReturned
from shared.records.canonical import canonical_json
from tests.conftest import NOW
from tests.entry.conftest import need, window

PATH = "/entry/v1/submissions"
OTHER = [{"ref": "AL-CT-N02", "title": "Training of negotiators"}]
FINDING = {
    "rule": "GEN-01",
    "version": "2026.1",
    "title": "Every record has a title",
    "severity": "error",
    "outcome": "failed",
    "why": "Nobody finds what has no name.",
    "reference": "",
    "count": 1,
    "places": [
        {
            "ref": "AL-CT-N01",
            "pointer": "/records/0/title",
            "value": None,
            "message": "The title is missing.",
            "expected": "A title.",
        }
    ],
    "left_out": 0,
}


def verdict_on(submission, *, accepted=True, version=1, verdict=1, report, **changes):
    cls = SubmissionAccepted if accepted else SubmissionReturned
    facts = {
        "submission": submission,
        "version": version,
        "reporter": "AL-WBCTi",
        "partner": "AL",
        "pillar": "WBCTi",
        "kind": "need",
        "period": "2025-2026",
        "tlp": "TLP:AMBER",
        "body": "0" * 64,
        "records": 1,
        "received_at": iso(NOW),
        "verdict": verdict,
        "ruleset": "WBCTi",
        "ruleset_hash": "f" * 64,
        "counts": {"blocker": 0, "error": 0 if accepted else 1, "warning": 0, "info": 0},
        "report": report,
        "judged_at": iso(NOW),
        "reason": "data_changed" if verdict == 1 else "rules_changed",
    }
    return cls(**facts | changes)


def progress_of(submission, *, judged, at=NOW):
    return SubmissionProgressed(
        submission=submission, version=1, judged=judged, chunks=50, progressed_at=iso(at)
    )


def shown_steps(entry, submission):
    shown = entry.get(f"{PATH}/{submission}", as_="AL-WBCTi").json
    return [(step["stage"], step["at"], step.get("text")) for step in shown["timeline"]]


def kept_report(runtime, findings=()):
    with runtime.database.begin() as tx:
        return runtime.blobs.put(tx, canonical_json({"findings": list(findings)}))


def post(entry, **changes):
    return entry.post(PATH, json=need(**changes), as_="AL-WBCTi")


def test_a_submission_is_answered_202_with_its_place_and_content_hash(entry):
    answer = post(entry)
    assert answer.status_code == 202, answer.json
    assert answer.json["state"] == "received"
    assert answer.json["version"] == 1
    assert len(answer.json["content_hash"]) == 64
    shown = entry.get(answer.headers["Location"], as_="AL-WBCTi").json
    assert (shown["state"], shown["records"], shown["partner"]) == ("received", 1, "AL")
    assert [stage["stage"] for stage in shown["timeline"]] == ["received"]


def test_a_body_is_kept_as_canonical_json_with_a_record_on_each_line(entry, runtime_of):
    records = [{"title": 'no "records":[]\nhere', "ref": "č"}, {"ref": "2", "parts": [{"b": 1, "a": 2}]}]
    made = post(entry, records=records).json
    body = runtime_of("entry").blobs.get(made["content_hash"])
    assert body.decode() == (
        '{"kind":"need","partner":"AL","period":"2025-2026","pillar":"WBCTi","records":[\n'
        '{"ref":"č","title":"no \\"records\\":[]\\nhere"},\n'
        '{"parts":[{"a":2,"b":1}],"ref":"2"}\n'
        '],"reporter":"AL-WBCTi","tlp":"TLP:AMBER"}'
    )
    assert json.loads(body)["records"] == records


def test_an_accepted_post_leaves_an_event_for_each_subscriber_in_the_same_commit(entry, runtime_of):
    post(entry)
    subscribers = set()
    for service in ("validation", "reporting", "notify"):
        with runtime_of(service).database.read() as tx:
            query = select(deliveries.c.subscriber).where(deliveries.c.event == "submission.received.v1")
            subscribers |= set(tx.execute(query).scalars())
    assert subscribers == {"validation", "reporting", "notify"}


def test_a_pillar_may_be_spelt_as_people_spell_it(entry):
    answer = post(entry, pillar="Western Balkans Counter-Terrorism Initiative")
    assert answer.status_code == 202, answer.json
    assert entry.get(answer.headers["Location"], as_="AL-WBCTi").json["pillar"] == "WBCTi"


def test_mistakes_in_the_envelope_are_named_by_pointer(entry):
    answer = post(entry, tlp="TLP:PINK", records=[{"title": "no ref"}], extra=1)
    assert answer.status_code == 422
    assert {fault["pointer"] for fault in answer.json["errors"]} == {"/tlp", "/records/0/ref", "/extra"}


def test_classified_text_is_refused_and_nothing_of_it_is_stored(entry, runtime_of):
    answer = post(entry, records=[{"ref": "1", "title": "RESTREINT UE/EU RESTRICTED"}])
    assert answer.status_code == 422
    assert answer.json["type"] == "urn:iisgd:problem:text-is-classified"
    assert "/records/0/title" in answer.json["detail"]
    with runtime_of("entry").database.read() as tx:
        assert tx.execute(select(func.count()).select_from(tables.versions)).scalar() == 0


def test_a_closed_window_refuses_and_says_until_when_it_was_open(entry, clock):
    clock.advance(timedelta(days=60))
    answer = post(entry)
    assert answer.status_code == 403
    assert answer.json["type"] == "urn:iisgd:problem:window-is-closed"
    assert "until 2026-12-31" in answer.json["detail"]


def test_a_window_that_was_moved_forward_opens_at_once(entry, runtime_of, deliver, clock):
    clock.advance(timedelta(days=60))
    assert post(entry).status_code == 403
    deliver(runtime_of("entry"), SERVICE, window(closes_on="2027-03-01", sequence=2))
    assert post(entry).status_code == 202


def test_an_older_word_on_a_window_changes_nothing(entry, runtime_of, deliver):
    deliver(runtime_of("entry"), SERVICE, window(closes_on="2027-03-01", sequence=3))
    deliver(runtime_of("entry"), SERVICE, window(closes_on="2026-10-01", sequence=2))
    assert post(entry).status_code == 202


def test_the_sender_sees_verdict_findings_and_when(entry, runtime_of, deliver):
    made = post(entry).json
    report = kept_report(runtime_of("entry"), [FINDING])
    deliver(runtime_of("entry"), SERVICE, verdict_on(made["id"], accepted=False, report=report))
    shown = entry.get(f"{PATH}/{made['id']}", as_="AL-WBCTi")
    assert shown.json["state"] == "returned"
    assert shown.json["verdict"] == {
        "number": 1,
        "outcome": "returned",
        "reason": "data_changed",
        "counts": {"blocker": 0, "error": 1, "warning": 0, "info": 0},
        "ruleset": "WBCTi",
        "ruleset_hash": "f" * 64,
        "judged_at": iso(NOW),
    }
    assert shown.json["findings"] == [FINDING]
    assert shown_steps(entry, made["id"]) == [("received", iso(NOW), None), ("returned", iso(NOW), None)]


def test_a_report_from_before_there_were_groups_is_shown_in_groups(entry, runtime_of, deliver):
    made = post(entry).json
    (place,) = FINDING["places"]
    of_rule = {name: FINDING[name] for name in ("rule", "title", "severity", "outcome", "why", "reference")}
    report = kept_report(runtime_of("entry"), [of_rule | place])
    deliver(runtime_of("entry"), SERVICE, verdict_on(made["id"], accepted=False, report=report))
    shown = entry.get(f"{PATH}/{made['id']}", as_="AL-WBCTi").json
    assert shown["findings"] == [of_rule | {"count": 1, "places": [place], "left_out": 0}]


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_each_verdict_on_a_version_is_shown_with_its_reason_and_the_highest_holds(
    entry, runtime_of, deliver, order
):
    made = post(entry).json
    runtime = runtime_of("entry")
    later = NOW + timedelta(days=1)
    verdicts = {
        1: verdict_on(made["id"], report=kept_report(runtime, [FINDING])),
        2: verdict_on(
            made["id"], accepted=False, verdict=2, report=kept_report(runtime), judged_at=iso(later)
        ),
    }
    for number in order:
        deliver(runtime, SERVICE, verdicts[number])
    shown = entry.get(f"{PATH}/{made['id']}", as_="AL-WBCTi").json
    assert (shown["state"], shown["verdict"]["outcome"], shown["findings"]) == ("returned", "returned", [])
    assert (shown["verdict"]["number"], shown["verdict"]["reason"]) == (2, "rules_changed")
    assert shown_steps(entry, made["id"]) == [
        ("received", iso(NOW), None),
        ("accepted", iso(NOW), None),
        ("returned", iso(later), "the rules changed"),
    ]


@pytest.mark.parametrize("order", [(3, 12), (12, 3)])
def test_the_sender_sees_how_far_the_checking_of_a_large_submission_is(entry, runtime_of, deliver, order):
    made = post(entry).json
    at = {judged: NOW + timedelta(seconds=judged) for judged in order}
    for judged in order:
        deliver(runtime_of("entry"), SERVICE, progress_of(made["id"], judged=judged, at=at[judged]))
    shown = entry.get(f"{PATH}/{made['id']}", as_="AL-WBCTi")
    assert shown.json["state"] == "received"
    assert shown.json["timeline"][1:] == [
        {
            "version": 1,
            "stage": "checking",
            "at": iso(at[12]),
            "text": "being checked: 12 of 50 chunks",
            "judged": 12,
            "chunks": 50,
        }
    ]
    deliver(runtime_of("entry"), SERVICE, progress_of(made["id"], judged=13))
    assert entry.get(f"{PATH}/{made['id']}", as_="AL-WBCTi").headers["ETag"] != shown.headers["ETag"]


@pytest.mark.parametrize("is_late", [False, True])
def test_a_checking_is_over_with_its_verdict_whichever_is_heard_first(entry, runtime_of, deliver, is_late):
    made = post(entry).json
    runtime = runtime_of("entry")
    judged_at = NOW + timedelta(minutes=1)
    verdict = verdict_on(made["id"], report=kept_report(runtime), judged_at=iso(judged_at))
    told = [progress_of(made["id"], judged=50), verdict]
    for event in told[::-1] if is_late else told:
        deliver(runtime, SERVICE, event)
    assert [stage for stage, *_ in shown_steps(entry, made["id"])] == ["received", "accepted"]
    again = progress_of(made["id"], judged=1, at=judged_at + timedelta(hours=1))
    deliver(runtime, SERVICE, again)
    assert shown_steps(entry, made["id"])[-1][2] == "being checked: 1 of 50 chunks"


def test_a_correction_is_the_next_version_and_the_first_stays_on_the_timeline(entry, runtime_of, deliver):
    made = post(entry).json
    again = post(entry, records=OTHER, supersedes={"submission": made["id"], "version": 1})
    assert (again.status_code, again.json["id"], again.json["version"]) == (202, made["id"], 2)
    runtime = runtime_of("entry")
    deliver(runtime, SERVICE, verdict_on(made["id"], report=kept_report(runtime)))
    shown = entry.get(f"{PATH}/{made['id']}", as_="AL-WBCTi").json
    assert (shown["version"], shown["state"]) == (2, "received")
    assert [(stage["version"], stage["stage"]) for stage in shown["timeline"]] == [
        (1, "received"),
        (1, "accepted"),
        (2, "received"),
    ]


def test_a_correction_of_a_version_that_is_not_the_present_one_is_409(entry):
    made = post(entry).json
    post(entry, records=OTHER, supersedes={"submission": made["id"], "version": 1})
    stale = post(entry, records=[{"ref": "3"}], supersedes={"submission": made["id"], "version": 1})
    assert stale.status_code == 409
    assert "the current version is 2" in stale.json["detail"]


@pytest.mark.both_databases
def test_of_two_corrections_at_once_one_is_kept(entry):
    made = post(entry).json
    answers = []

    def correct(number):
        body = need(supersedes={"submission": made["id"], "version": 1}, records=[{"ref": f"r{number}"}])
        answers.append(
            entry.http.application.test_client()
            .post(
                PATH,
                json=body,
                headers={
                    "Authorization": f"Bearer {entry.token('AL-WBCTi')}",
                    "Idempotency-Key": f"k{number}",
                },
            )
            .status_code
        )

    threads = [threading.Thread(target=correct, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [202, 409, 409, 409]


def test_a_correction_cannot_change_the_mapping(entry):
    made = post(entry).json
    body = need(kind="support", period="2026", supersedes={"submission": made["id"], "version": 1})
    assert entry.post(PATH, json=body, as_="AL-WBCTi").status_code == 409


def test_a_withdrawal_is_final(entry):
    made = post(entry).json
    path = f"{PATH}/{made['id']}"
    gone = entry.post(f"{path}/withdrawal", json={"version": 1, "reason": "Sent by mistake"}, as_="AL-WBCTi")
    assert (gone.status_code, gone.json["state"], gone.json["version"]) == (200, "withdrawn", 2)
    shown = entry.get(path, as_="AL-WBCTi").json
    assert shown["state"] == "withdrawn"
    assert shown["timeline"][-1]["reason"] == "Sent by mistake"
    assert post(entry, supersedes={"submission": made["id"], "version": 2}).status_code == 409


def test_the_same_key_again_gives_the_first_answer_and_stores_nothing(entry, runtime_of):
    first = entry.post(PATH, json=need(), as_="AL-WBCTi", key="one")
    again = entry.post(PATH, json=need(), as_="AL-WBCTi", key="one")
    assert (again.status_code, again.json) == (202, first.json)
    assert again.headers["Idempotency-Replayed"] == "true"
    with runtime_of("entry").database.read() as tx:
        assert tx.execute(select(func.count()).select_from(tables.submissions)).scalar() == 1


def test_a_repeated_correction_gives_the_first_answer_although_its_version_has_gone(entry):
    made = post(entry).json
    body = need(records=OTHER, supersedes={"submission": made["id"], "version": 1})
    first = entry.post(PATH, json=body, as_="AL-WBCTi", key="correct")
    again = entry.post(PATH, json=body, as_="AL-WBCTi", key="correct")
    assert (again.status_code, again.json) == (202, first.json)


def test_a_foreign_submission_answers_like_one_that_does_not_exist(entry):
    made = post(entry).json
    foreign = entry.get(f"{PATH}/{made['id']}", as_="RS-WBCTi")
    missing = entry.get(f"{PATH}/{made['id'][:-1]}x", as_="RS-WBCTi")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.json | {"instance": ""} == missing.json | {"instance": ""}


def test_a_list_has_pages_and_shows_only_ones_own(entry):
    ids = [post(entry, records=[{"ref": f"{number}"}]).json["id"] for number in range(5)]
    entry.post(PATH, json=need(), as_="RS-WBCTi")
    seen, after = [], ""
    while True:
        page = entry.get(f"{PATH}?limit=2{after}", as_="AL-WBCTi").json
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert seen == ids[::-1]


def test_a_coordinator_sees_its_partners_submissions_and_the_secretariat_all(entry):
    post(entry)
    entry.post(PATH, json=need(), as_="RS-WBCTi")
    assert len(entry.get(PATH, as_="AL-NC").json["items"]) == 1
    assert len(entry.get(PATH, as_="SECRETARIAT").json["items"]) == 2


def test_who_prefers_to_wait_and_gets_no_verdict_in_time_is_answered_202(entry):
    answer = entry.post(PATH, json=need(), as_="AL-WBCTi", headers={"Prefer": 'respond-async, wait="1"; x'})
    assert answer.status_code == 202
    assert answer.headers["Preference-Applied"] == "wait=1"


def test_who_prefers_not_to_wait_is_told_of_no_wait(entry):
    for preference in ({}, {"Prefer": "wait=0"}, {"Prefer": "wait=soon"}, {"Prefer": "return=minimal"}):
        answer = entry.post(PATH, json=need(), as_="AL-WBCTi", headers=preference)
        assert "Preference-Applied" not in answer.headers


@pytest.mark.both_databases
def test_who_prefers_to_wait_is_given_the_verdict(entry, runtime_of, deliver):
    runtime = runtime_of("entry")
    report = kept_report(runtime)

    def judge():
        while True:
            with runtime.database.read() as tx:
                found = submissions.list_submissions(tx, SubmissionFilter(), after=None, limit=1)
            if found:
                return deliver(runtime, SERVICE, verdict_on(found[0].id, report=report))

    thread = threading.Thread(target=judge)
    thread.start()
    answer = entry.post(PATH, json=need(), as_="AL-WBCTi", headers={"Prefer": "wait=99"})
    thread.join()
    assert (answer.status_code, answer.json["state"]) == (200, "accepted")
    assert answer.headers["Preference-Applied"] == "wait=30"
    assert answer.headers["Location"] == f"{PATH}/{answer.json['id']}"


def test_a_version_with_a_number_that_nobody_could_store_or_tell_is_refused(entry):
    path = f"{PATH}/{post(entry).json['id']}"
    for number in (2**31, 2**70):
        body = {"version": number, "reason": "Sent by mistake"}
        answers = [
            entry.post(f"{path}/withdrawal", json=body, as_="AL-WBCTi"),
            entry.post(f"{path}/records/withdrawal", json=body | {"refs": ["1"]}, as_="AL-WBCTi"),
            post(entry, supersedes={"submission": path.rpartition("/")[2], "version": number}),
        ]
        assert [answer.status_code for answer in answers] == [422, 422, 422]
        assert all("version" in answer.json["errors"][0]["pointer"] for answer in answers)


def test_the_reason_of_a_withdrawal_is_searched_for_markings_too(entry):
    known = post(entry).json
    body = {"version": 1, "reason": "TOP SECRET: annex of another report"}
    answer = entry.post(f"{PATH}/{known['id']}/withdrawal", json=body, as_="AL-WBCTi")
    assert (answer.status_code, answer.json["title"]) == (422, "The text is classified")
    assert "/reason" in answer.json["detail"]
    assert entry.get(f"{PATH}/{known['id']}", as_="AL-WBCTi").json["state"] == "received"


def test_records_are_counted_before_they_are_looked_at(entry):
    answer = post(entry, records=[1] * 50_000)
    assert answer.status_code == 422
    (fault,) = answer.json["errors"]
    assert fault["pointer"] == "/records"
    assert "1 to 5000 records; this one has 50000" in fault["message"]
