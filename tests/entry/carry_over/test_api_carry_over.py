"""Needs of a former period: each is given a disposition, and stands in a submission of the next one."""

from dataclasses import replace
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from werkzeug.test import TestResponse

from services.entry.app import SERVICE
from services.entry.carry_over import operations as carry_over_operations
from services.entry.carry_over.domain import (
    CarriedNeed,
    DispositionRequest,
    carried_record,
    period_after,
    period_before,
    previous_needs,
    validate,
)
from shared.identity.callers import Caller
from tests.conftest import Client
from tests.entry.submissions.test_api_submissions import kept_report, verdict_on
from tests.in_process import NEEDS, installed
from tests.validation.conftest import NEED

SUBMISSIONS = "/entry/v1/submissions"
PATH = "/entry/v1/carry-over"
ASKED = f"{PATH}?pillar=WBCTi&from=2025-2026"
EXCEPTION = {
    "reporter": "AL-WBCTi",
    "kind": "need",
    "period": "2027-2028",
    "expires_on": "2027-02-01",
    "reason": "Needs of the next period are prepared early.",
}
TITLES = {
    "CT-1": "Mobile laboratory for explosives",
    "CT-2": "Interpreters for asylum interviews",
    "CT-3": "Review of the witness protection act",
    "CT-4": "Armoured vehicles",
}
SETTLED = {"CT-4": "covered"}


def former_need(ref: str) -> dict[str, Any]:
    disposition = SETTLED.get(ref, "partly_covered" if ref == "CT-2" else "open")
    return NEED | {
        "ref": ref,
        "title": TITLES[ref],
        "disposition": disposition,
        "target_date": "2028-12-31",
    }


FORMER = NEEDS | {"records": [former_need(ref) for ref in TITLES]}
DISPOSED = [
    {"ref": "CT-1", "disposition": "kept"},
    {"ref": "CT-2", "disposition": "merged", "into": "CT-1", "why": "Both ask for the same training."},
    {"ref": "CT-3", "disposition": "withdrawn", "why": "The act was changed in 2026."},
]


@pytest.fixture
def accepted(entry, runtime_of, deliver) -> Client:
    """AL-WBCTi has needs that were accepted, and may hand in those of the next period."""
    made = entry.post(SUBMISSIONS, json=FORMER, as_="AL-WBCTi").json
    runtime = runtime_of("entry")
    deliver(runtime, SERVICE, verdict_on(made["id"], report=kept_report(runtime)))
    entry.post("/entry/v1/exceptions", json=EXCEPTION, as_="SECRETARIAT")
    return entry


def carry_over(client: Client, dispositions=DISPOSED, *, as_="AL-WBCTi", **changes: Any) -> TestResponse:
    body = {
        "pillar": "WBCTi",
        "from": "2025-2026",
        "to": "2027-2028",
        "tlp": "TLP:AMBER",
        "dispositions": dispositions,
    }
    return client.post(PATH, json=body | changes, as_=as_)


def hand_in_next(client: Client, record: dict[str, Any]) -> str:
    """Hand in a need of the next period by hand; the submission's id."""
    body = NEEDS | {"period": "2027-2028", "records": [record]}
    return str(client.post(SUBMISSIONS, json=body, as_="AL-WBCTi").json["id"])


def to_do(client: Client, *, as_="AL-WBCTi") -> dict[str, Any]:
    answer = client.get(ASKED, as_=as_)
    assert answer.status_code == 200, answer.text
    return {item["ref"]: item["disposition"] for item in answer.json["items"]}


# --- The rules of the game --------------------------------------------------------------------------------------------

WAITING = {"1": {"ref": "1", "title": "Laboratory"}, "2": {"ref": "2", "title": "Interpreters"}}


def pointers(*asked: DispositionRequest, existing=()):
    return [mistake.pointer for mistake in validate(asked, waiting=WAITING, existing=existing)]


def test_each_need_that_waits_has_one_disposition_or_is_named():
    assert (
        pointers(DispositionRequest("1", "kept"), DispositionRequest("2", "covered", why="Bought in 2026."))
        == []
    )
    (missing,) = validate([DispositionRequest("1", "kept")], waiting=WAITING, existing=())
    assert missing.message == "The need '2', Interpreters, has no disposition."
    assert missing.expected == "one of kept, merged, covered, withdrawn"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (
            [
                DispositionRequest("1", "kept"),
                DispositionRequest("2", "kept"),
                DispositionRequest("3", "kept"),
            ],
            ["/dispositions/2/ref"],
        ),
        (
            [
                DispositionRequest("1", "kept"),
                DispositionRequest("2", "kept"),
                DispositionRequest("1", "withdrawn", why="No."),
            ],
            ["/dispositions/0/ref", "/dispositions/2/ref"],
        ),
        (
            [DispositionRequest("1", "kept"), DispositionRequest("2", "merged", why="Same.")],
            ["/dispositions/1/into"],
        ),
        (
            [DispositionRequest("1", "kept"), DispositionRequest("2", "merged", into="2", why="Same.")],
            ["/dispositions/1/into"],
        ),
        (
            [
                DispositionRequest("1", "covered", why="Bought."),
                DispositionRequest("2", "merged", into="1", why="Same."),
            ],
            ["/dispositions/1/into"],
        ),
        (
            [DispositionRequest("1", "kept"), DispositionRequest("2", "covered", into="1", why="Bought.")],
            ["/dispositions/1/into"],
        ),
        ([DispositionRequest("1", "kept"), DispositionRequest("2", "covered")], ["/dispositions/1/why"]),
        (
            [DispositionRequest("1", "kept"), DispositionRequest("2", "withdrawn", why="   ")],
            ["/dispositions/1/why"],
        ),
    ],
    ids=[
        "unknown",
        "twice",
        "into nothing",
        "into itself",
        "into no kept one",
        "into",
        "no why",
        "blank why",
    ],
)
def test_what_cannot_be_is_named_by_pointer(asked, found):
    assert pointers(*asked) == found


def test_a_need_may_be_merged_into_one_that_is_in_the_next_submission_already():
    merged = DispositionRequest("2", "merged", into="CT-NEW", why="Same.")
    assert pointers(DispositionRequest("1", "kept"), merged, existing=["CT-NEW"]) == []


@pytest.mark.parametrize(
    ("was", "becomes"), [("open", "open"), ("partly_covered", "partly_covered"), (None, "open")]
)
def test_a_need_that_is_kept_stays_as_open_as_it_was(was, becomes):
    record = {"ref": "1", "title": "Laboratory"} | ({"disposition": was} if was else {})
    assert carried_record(record, DispositionRequest("1", "kept")) == {
        "ref": "1",
        "title": "Laboratory",
        "carried_over_from": "1",
        "disposition": becomes,
    }


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (DispositionRequest("1", "merged", into="2", why="Same training."), "Merged into 2: Same training."),
        (DispositionRequest("1", "covered", why="Bought in 2026."), "Covered: Bought in 2026."),
        (DispositionRequest("1", "withdrawn", why="Nobody asks."), "Withdrawn: Nobody asks."),
    ],
)
def test_a_need_that_is_settled_says_why_after_what_it_said_before(asked, said):
    record = {"ref": "1", "description": "A van."}
    assert carried_record(record, asked)["description"] == f"A van.\n\n{said}"
    assert carried_record({"ref": "1"}, asked)["description"] == said
    assert carried_record(record, asked)["disposition"] == asked.disposition


def test_what_became_of_a_need_is_said_by_who_decided_by_its_record_or_by_a_later_one():
    records = {
        ref: {"ref": ref, "disposition": disposition}
        for ref, disposition in (
            ("1", "open"),
            ("2", "covered"),
            ("3", "open"),
            ("4", "open"),
            ("5", "partly_covered"),
        )
    }
    later = [{"ref": "N-3", "carried_over_from": "3"}, {"ref": "4", "disposition": "withdrawn"}]
    found = previous_needs(records, decided={"1": CarriedNeed("1", "merged", into="3")}, later=later)
    said = {need.ref: need.carried and need.carried.disposition for need in found}
    assert said == {"1": "merged", "2": "covered", "3": "kept", "4": "withdrawn", "5": None}


def test_the_periods_around_a_period_are_whole_bienniums():
    assert (period_before("2025-2026"), period_after("2025-2026")) == ("2023-2024", "2027-2028")


# --- What a structure meets -------------------------------------------------------------------------------------------


def test_former_needs_are_a_list_of_what_is_to_do_until_they_are_carried_over(accepted):
    assert to_do(accepted) == {"CT-1": None, "CT-2": None, "CT-3": None, "CT-4": "covered"}
    answer = carry_over(accepted)
    assert answer.status_code == 202, answer.text
    counts = {name: answer.json[name] for name in ("kept", "merged", "covered", "withdrawn")}
    assert counts == {"kept": 1, "merged": 1, "covered": 0, "withdrawn": 1}
    assert to_do(accepted) == {
        "CT-1": "kept",
        "CT-2": "merged",
        "CT-3": "withdrawn",
        "CT-4": "covered",
    }
    shown = accepted.get(ASKED, as_="AL-WBCTi").json
    merged = shown["items"][1]
    assert shown["waiting"] == 0
    assert (merged["was"], merged["into"], merged["why"], merged["decided_by"]) == (
        "partly_covered",
        "CT-1",
        "Both ask for the same training.",
        "AL-WBCTi",
    )
    assert merged["submission"] == answer.json["submission"]["id"]


def test_against_carried_needs_no_rule_about_former_needs_stands(settings, clock):
    with installed(settings, clock) as installation:
        client = installation.client
        client.post("/entry/v1/exceptions", json=EXCEPTION, as_="SECRETARIAT")
        installation.hand_in(FORMER)
        made = carry_over(client).json["submission"]
        installation.settle()
        shown = client.get(f"{SUBMISSIONS}/{made['id']}", as_="AL-WBCTi").json
    assert (shown["state"], shown["period"], shown["records"]) == ("accepted", "2027-2028", 3)
    about_former = {"GEN-29", "GEN-36", "GEN-37", "GEN-65", "GEN-66"}
    assert about_former.isdisjoint(finding["rule"] for finding in shown["findings"])


def test_carried_needs_are_added_to_what_was_handed_in_for_the_next_period(accepted):
    new = NEED | {"ref": "CT-9", "title": "Drones for the border", "target_date": "2028-12-31"}
    known = hand_in_next(accepted, new)
    dispositions = [*DISPOSED[:1], DISPOSED[1] | {"into": "CT-9"}, DISPOSED[2]]
    made = carry_over(accepted, dispositions).json["submission"]
    assert (made["id"], made["version"], made["records"]) == (known, 2, 4)


def test_a_need_that_the_next_submission_names_itself_waits_for_nothing(accepted):
    by_hand = former_need("CT-1") | {"ref": "N-1", "carried_over_from": "CT-1"}
    hand_in_next(accepted, by_hand)
    assert to_do(accepted) == {"CT-1": "kept", "CT-2": None, "CT-3": None, "CT-4": "covered"}
    assert carry_over(accepted).json["errors"][0]["pointer"] == "/dispositions/0/ref"


def test_whoever_leaves_a_need_out_is_told_which_and_nothing_is_kept(accepted):
    answer = carry_over(accepted, DISPOSED[:1])
    assert answer.status_code == 422
    assert [fault["message"] for fault in answer.json["errors"]] == [
        f"The need {ref!r}, {TITLES[ref]}, has no disposition." for ref in ("CT-2", "CT-3")
    ]
    assert to_do(accepted)["CT-1"] is None
    listed = accepted.get(f"{SUBMISSIONS}?period=2027-2028", as_="AL-WBCTi").json
    assert listed["items"] == []


def test_needs_are_carried_over_once(accepted):
    carry_over(accepted)
    again = carry_over(accepted)
    assert (again.status_code, again.json["title"]) == (409, "Nothing waits to be carried over")


@pytest.mark.both_databases
def test_of_two_requests_at_once_one_carries_the_needs_over(accepted):
    answers = []

    def ask(number: int) -> None:
        client = replace(accepted, http=accepted.http.application.test_client())
        answers.append(carry_over(client, [*DISPOSED[:2], DISPOSED[2] | {"why": f"Reason {number}"}]))

    threads = [Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [202, 409, 409, 409]
    assert set(to_do(accepted).values()) == {"kept", "merged", "withdrawn", "covered"}
    listed = accepted.get(f"{SUBMISSIONS}?period=2027-2028", as_="AL-WBCTi").json
    assert len(listed["items"]) == 1


def test_needs_are_carried_over_while_the_next_period_is_collected(accepted, clock):
    clock.advance(timedelta(days=100))
    refused = carry_over(accepted)
    assert (refused.status_code, refused.json["rule"]) == (403, "no-window")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"to": "2029-2030"}, "/to"),
        ({"from": "2026"}, "/from"),
        ({"pillar": "WBX"}, "/pillar"),
        ({"dispositions": [{"ref": "CT-1", "disposition": "lost"}]}, "/dispositions/0/disposition"),
    ],
)
def test_what_cannot_be_right_of_all_is_named_by_pointer(client_of, change, pointer):
    body = {
        "pillar": "WBCTi",
        "from": "2025-2026",
        "to": "2027-2028",
        "tlp": "TLP:AMBER",
        "dispositions": [],
    }
    answer = client_of("entry").post(PATH, json=body | change, as_="AL-WBCTi")
    assert (answer.status_code, [fault["pointer"] for fault in answer.json["errors"]]) == (422, [pointer])


def test_nobody_sees_or_carries_over_the_needs_of_another(accepted):
    assert to_do(accepted, as_="RS-WBCTi") == {}
    accepted.post("/entry/v1/exceptions", json=EXCEPTION | {"reporter": "RS-WBCTi"}, as_="SECRETARIAT")
    assert carry_over(accepted, as_="RS-WBCTi").status_code == 409
    assert to_do(accepted)["CT-1"] is None


def test_a_classified_reason_is_refused_at_its_place(accepted):
    dispositions = [*DISPOSED[:2], DISPOSED[2] | {"why": "See RESTREINT UE/EU RESTRICTED"}]
    answer = carry_over(accepted, dispositions)
    assert (answer.status_code, answer.json["title"]) == (422, "The text is classified")
    assert "/dispositions/2/why" in answer.json["detail"]


def test_carrying_over_is_in_the_audit_log(accepted):
    made = carry_over(accepted).json["submission"]
    journal = accepted.get("/entry/v1/journal?action=needs.", as_="SECRETARIAT").json
    (entry,) = journal["items"]
    assert (entry["action"], entry["actor"], entry["submission"]) == (
        "needs.carried_over",
        "AL-WBCTi",
        made["id"],
    )
    assert entry["detail"] == {"from": "2025-2026", "to": "2027-2028", "kept": 1, "merged": 1, "withdrawn": 1}


def test_records_for_a_template_are_the_needs_that_wait_as_they_would_be_kept(accepted, runtime_of):
    runtime = runtime_of("entry")
    caller = Caller("AL-WBCTi", "structure", "AL", ("WBCTi",))
    asked = {"blobs": runtime.blobs, "caller": caller, "pillar": "WBCTi"}
    with runtime.database.read() as tx:
        found = carry_over_operations.list_records_to_carry(tx, **asked, kind="need", period="2027-2028")
        others = carry_over_operations.list_records_to_carry(tx, **asked, kind="response", period="2027")
    assert [(record["ref"], record["carried_over_from"], record["disposition"]) for record in found] == [
        ("CT-1", "CT-1", "open"),
        ("CT-2", "CT-2", "partly_covered"),
        ("CT-3", "CT-3", "open"),
    ]
    assert others == []
