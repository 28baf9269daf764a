"""Versions: what is named is changed, what is not stays or goes, and nothing is there twice."""

from copy import deepcopy
from typing import Any

import pytest

from services.entry.submissions.store import submissions
from shared.records.bodies import read_records
from shared.records.canonical import canonical_json
from tests.in_process import NEEDS, installed
from tests.validation.conftest import NEED

SUBMISSIONS = "/entry/v1/submissions"


def record(ref: str, title: str = "Training of first responders", **changes: Any) -> dict[str, Any]:
    return deepcopy(NEED) | {"ref": ref, "title": title} | changes


def needs(*records: dict[str, Any], **how: Any) -> dict[str, Any]:
    return NEEDS | {"records": list(records)} | how


FAULTY = {"title": "Not Applicable"}
"""A rule stands against a need with this title."""


@pytest.fixture
def installation(settings, clock):
    with installed(settings, clock) as made:
        yield made


@pytest.fixture
def post(installation):
    def post(body: dict[str, Any], path: str = SUBMISSIONS, *, as_: str = "AL-WBCTi", settle: bool = True):
        answer = installation.client.post(path, json=body, as_=as_)
        if settle:
            installation.settle()
        return answer

    return post


@pytest.fixture
def shown(installation):
    return lambda id_: installation.client.get(f"{SUBMISSIONS}/{id_}", as_="AL-WBCTi").json


@pytest.fixture
def refs(installation):
    """The refs of a version's records, in their order."""

    def refs(id_: str, version: int) -> list[str]:
        runtime = installation.runtimes["entry"]
        with runtime.database.read() as tx:
            found = next(each for each in submissions.list_versions(tx, id_) if each.number == version)
        with runtime.blobs.open(found.body) as body:
            return [each["ref"] for each in read_records(body)]

    return refs


def correcting(id_: str, version: int) -> dict[str, Any]:
    return {"supersedes": {"submission": id_, "version": version}}


def test_a_correction_changes_what_it_names_and_keeps_the_rest(post, shown, refs):
    made = post(needs(record("CT-1"), record("CT-2"), record("CT-3"))).json
    corrected = post(needs(record("CT-2", "Another title"), record("CT-4"), **correcting(made["id"], 1)))
    assert (corrected.status_code, corrected.json["version"]) == (202, 2)
    assert refs(made["id"], 2) == ["CT-2", "CT-4", "CT-1", "CT-3"]
    assert (shown(made["id"])["state"], shown(made["id"])["records"]) == ("accepted", 4)


def test_a_replacement_keeps_only_what_it_names(post, refs):
    made = post(needs(record("CT-1"), record("CT-2"))).json
    post(needs(record("CT-2", "Another title"), mode="replace", **correcting(made["id"], 1)))
    assert refs(made["id"], 2) == ["CT-2"]


def test_a_replacement_that_is_accepted_withdraws_the_other_submissions_of_its_mapping(
    post, shown, installation
):
    first = post(needs(record("CT-1"))).json["id"]
    second = post(needs(record("CT-2"))).json["id"]
    third = post(needs(record("CT-3"), mode="replace")).json["id"]
    assert [shown(each)["state"] for each in (first, second, third)] == ["withdrawn", "withdrawn", "accepted"]
    assert shown(first)["timeline"][-1]["text"] == f"Replaced by submission {third}."
    gaps = installation.client.get("/reporting/v1/aggregates?kind=need", as_="AL-WBCTi").json
    assert gaps["total"]["records"] == 1


def test_a_replacement_that_is_returned_withdraws_nothing(post, shown):
    first = post(needs(record("CT-1"))).json["id"]
    second = post(needs(record("CT-2", **FAULTY), mode="replace")).json["id"]
    assert [shown(each)["state"] for each in (first, second)] == ["accepted", "returned"]


def test_the_rest_is_accepted_where_that_was_asked_for(post, shown, refs, installation):
    made = post(needs(record("CT-1"), record("CT-2", **FAULTY), record("CT-3"), on_error="accept")).json
    found = shown(made["id"])
    assert (found["version"], found["state"], found["left_out"]) == (2, "accepted", ["CT-2"])
    assert [(each["version"], each["stage"]) for each in found["timeline"]][:3] == [
        (1, "received"),
        (1, "returned"),
        (2, "received"),
    ]
    assert refs(made["id"], 2) == ["CT-1", "CT-3"]
    mended = post(needs(record("CT-2"), **correcting(made["id"], 2)))
    assert refs(made["id"], mended.json["version"]) == ["CT-2", "CT-1", "CT-3"]
    totals = installation.client.get("/reporting/v1/aggregates?kind=need", as_="AL-WBCTi").json["total"]
    assert totals["records"] == 3


@pytest.mark.parametrize("on_error", ["return", "accept"])
def test_all_is_returned_where_nothing_would_be_left(post, shown, on_error):
    made = post(needs(record("CT-2", **FAULTY), on_error=on_error)).json
    assert (shown(made["id"])["version"], shown(made["id"])["state"]) == (1, "returned")


def test_records_are_taken_back_with_a_reason(post, shown, refs, installation):
    made = post(needs(record("CT-1"), record("CT-2"))).json
    taken = post(
        {"version": 1, "refs": ["CT-1"], "reason": "Reported by the ministry"},
        f"{SUBMISSIONS}/{made['id']}/records/withdrawal",
    )
    assert (taken.status_code, taken.json["version"]) == (202, 2)
    found = shown(made["id"])
    assert (found["state"], found["left_out"]) == ("accepted", ["CT-1"])
    assert refs(made["id"], 2) == ["CT-2"]
    again = post(needs(record("CT-1"), record("CT-2"), **correcting(made["id"], 2)))
    assert (again.status_code, again.json["version"]) == (202, 3)


def test_a_submission_whose_records_are_all_taken_back_is_withdrawn(post, shown):
    made = post(needs(record("CT-1"))).json
    path = f"{SUBMISSIONS}/{made['id']}/records/withdrawal"
    post({"version": 1, "refs": ["CT-1"], "reason": "Reported by the ministry"}, path)
    assert shown(made["id"])["state"] == "withdrawn"


def test_records_that_are_not_there_cannot_be_taken_back(post, shown):
    made = post(needs(record("CT-1"))).json
    path = f"{SUBMISSIONS}/{made['id']}/records/withdrawal"
    answer = post({"version": 1, "refs": ["CT-1", "CT-9"], "reason": "Reported twice"}, path)
    assert answer.status_code == 422
    assert "'CT-9'" in answer.json["detail"]
    assert shown(made["id"])["version"] == 1


def test_the_same_content_again_is_the_same_submission(post):
    first, again = post(needs(record("CT-1"))), post(needs(record("CT-1")))
    assert (first.status_code, again.status_code) == (202, 200)
    assert again.json["id"] == first.json["id"]
    assert again.json["state"] == "accepted"
    other = post(needs(record("CT-1")), as_="AL-WBCTi", settle=False)
    assert other.json["id"] == first.json["id"]


def test_content_that_comes_back_after_another_is_a_version_of_its_own(post, shown):
    one, other = needs(record("CT-1", "One title")), needs(record("CT-1", "Another title"))
    id_ = post(one).json["id"]
    versions = [post(body | correcting(id_, at)).json["version"] for at, body in enumerate((other, one), 1)]
    assert versions == [2, 3]
    again = post(one | correcting(id_, 1))
    assert (again.status_code, again.json["version"]) == (200, 3)
    assert shown(id_)["version"] == 3


def test_a_reference_with_other_content_is_409_and_shows_both_hashes(post):
    first = post(needs(record("CT-1"), reference="2026/17"))
    again = post(needs(record("CT-1"), reference="2026/17"))
    assert (again.status_code, again.json["id"]) == (200, first.json["id"])
    other = post(needs(record("CT-2"), reference="2026/17"))
    assert other.status_code == 409
    assert other.json["known_content"] == first.json["content_hash"]
    assert other.json["given_content"] not in (None, first.json["content_hash"])
    assert other.json["submission"] == first.json["id"]


def test_a_stale_correction_is_told_what_has_changed(post):
    id_ = post(needs(record("CT-1"), record("CT-2"))).json["id"]
    post(needs(record("CT-2", "Another title"), record("CT-3"), mode="replace", **correcting(id_, 1)))
    stale = post(needs(record("CT-9"), **correcting(id_, 1)))
    assert stale.status_code == 409
    assert (stale.json["given"], stale.json["present"]) == (1, 2)
    changes = stale.json["changes"]
    assert (changes["added"], changes["withdrawn"], changes["changed"]) == (["CT-3"], ["CT-1"], ["CT-2"])


def test_two_versions_are_compared_field_by_field(post, installation):
    id_ = post(needs(record("CT-1"), record("CT-2"))).json["id"]
    post(needs(record("CT-2", "Another title"), **correcting(id_, 1)))
    answer = installation.client.get(f"{SUBMISSIONS}/{id_}/diff?from=1&to=2", as_="AL-WBCTi")
    title = {"pointer": "/title", "was": "Training of first responders", "now": "Another title"}
    assert answer.json["changed"] == [{"ref": "CT-2", "fields": [title]}]
    assert answer.json["counts"] == {"added": 0, "withdrawn": 0, "changed": 1}
    assert installation.client.get(f"{SUBMISSIONS}/{id_}/diff?from=1&to=9", as_="AL-WBCTi").status_code == 404


def test_a_trial_says_the_verdict_and_counts_nowhere(post, shown, installation):
    before = installation.client.get("/reporting/v1/aggregates?kind=need", as_="AL-WBCTi").json["total"]
    good, bad = (post(needs(record("CT-1", **how), dry_run=True)).json for how in ({}, FAULTY))
    assert [shown(each["id"])["state"] for each in (good, bad)] == ["accepted", "returned"]
    assert shown(bad["id"])["findings"][0]["places"][0]["ref"] == "CT-1"
    assert shown(bad["id"])["is_trial"] is True
    after = installation.client.get("/reporting/v1/aggregates?kind=need", as_="AL-WBCTi").json["total"]
    assert before == after
    listed = installation.client.get(SUBMISSIONS, as_="AL-WBCTi").json["items"]
    assert listed == []
    trials = installation.client.get(f"{SUBMISSIONS}?trials=true", as_="AL-WBCTi").json["items"]
    assert {each["id"] for each in trials} == {good["id"], bad["id"]}
    assert post(needs(record("CT-1"))).status_code == 202


def test_nothing_can_follow_on_a_trial(post):
    id_ = post(needs(record("CT-1"), dry_run=True)).json["id"]
    assert post(needs(record("CT-2"), **correcting(id_, 1))).status_code == 409
    withdrawal = {"version": 1, "reason": "It was a trial"}
    assert post(withdrawal, f"{SUBMISSIONS}/{id_}/withdrawal").status_code == 409


NOTHING = {name: NEEDS[name] for name in ("pillar", "kind", "period", "tlp")} | {
    "statement": {"signed_by": "Arta Hoxha", "function": "Head of the counter-terrorism unit"}
}


def test_nothing_to_report_is_complete_once_it_is_signed(post, shown, installation):
    made = post(NOTHING, "/entry/v1/nothing-to-report")
    assert made.status_code == 202
    assert (shown(made.json["id"])["state"], shown(made.json["id"])["records"]) == ("accepted", 0)
    owed = installation.client.get("/notify/v1/obligations", as_="AL-WBCTi").json["items"]
    assert [each["state"] for each in owed if each["structure"] == "AL-WBCTi"] == ["met"]
    later = post(needs(record("CT-1"), **correcting(made.json["id"], 1)))
    assert (later.status_code, later.json["records"]) == (202, 1)


def test_nothing_to_report_is_not_taken_beside_records(post):
    id_ = post(needs(record("CT-1"))).json["id"]
    answer = post(NOTHING, "/entry/v1/nothing-to-report")
    assert (answer.status_code, answer.json["submission"]) == (409, id_)


def test_who_waits_is_told_the_place_in_the_queue_and_how_long_it_may_take(post, shown):
    for number in range(3):
        post(needs(record(f"CT-{number}")))
    waiting = [post(needs(record(f"CT-W{number}")), settle=False).json["id"] for number in range(2)]
    # Three were judged within the last minute: one in twenty seconds.
    assert [shown(id_)["queue"] for id_ in waiting] == [
        {"position": 1, "seconds": 20.0},
        {"position": 2, "seconds": 40.0},
    ]


def test_what_is_judged_waits_no_more(post, shown):
    assert shown(post(needs(record("CT-1"))).json["id"])["queue"] is None


def test_a_submission_says_since_when_it_is_in_report(post, shown, installation):
    found = shown(post(needs(record("CT-1"))).json["id"])
    assert found["in_report_since"] == found["verdict"]["judged_at"]
    assert found["timeline"][-1]["stage"] == "reported"


def test_equal_content_is_equal_bytes_whatever_the_order_of_its_fields(post):
    one = record("CT-1")
    other = dict(reversed(one.items()))
    assert canonical_json(one) == canonical_json(other)
    assert [post(needs(each)).status_code for each in (one, other)] == [202, 200]
