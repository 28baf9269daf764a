"""The lifecycle of findings, as the reporter and the Secretariat see it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from services.validation.findings.domain.finding_lifecycle import (
    FindingCannotBeExempted,
    apply_exemptions,
    find_changes,
    finding_name,
    justify,
    waive,
)
from services.validation.verdicts.operations import exemptions
from tests.in_process import NEEDS, Installation, installed
from tests.validation.conftest import NEED
from tests.validation.findings.reports import finding

LABORATORY = NEED | {"ref": "CT-002", "title": "A laboratory", "category": "institutional"}
OPEN_TO_ALL = NEED | {"tlp": "TLP:CLEAR"}
REASON = "The partner wants this to be known."


@pytest.fixture
def system(settings, clock) -> Iterator[Installation]:
    with installed(settings, clock) as made:
        yield made


def submitted(system: Installation, *records: Any, supersedes: str | None = None, version: int = 1) -> str:
    body = NEEDS | {"records": list(records)}
    if supersedes is not None:
        body["supersedes"] = {"submission": supersedes, "version": version}
    return system.hand_in(body)


def followed(system: Installation, submission: str, **query: str) -> list[dict[str, Any]]:
    path = f"/validation/v1/verdicts/{submission}/findings"
    answer = system.client.http.get(
        path,
        query_string=query,
        headers={"Authorization": f"Bearer {system.client.token('AL-WBCTi')}"},
    )
    assert answer.status_code == 200, answer.text
    return list(answer.json["items"])


def states(system: Installation, submission: str) -> list[tuple[str, str]]:
    return sorted((each["rule"], each["state"]) for each in followed(system, submission))


def verdict(system: Installation, submission: str) -> dict[str, Any]:
    return dict(system.client.get(f"/validation/v1/verdicts/{submission}", as_="AL-WBCTi").json)


def say(system: Installation, finding: str, what: str, body: Any, *, as_: str) -> Any:
    return system.client.post(f"/validation/v1/findings/{finding}/{what}", json=body, as_=as_)


def test_a_finding_is_open_and_closes_by_itself_when_a_later_version_passes(system):
    submission = submitted(system, OPEN_TO_ALL)
    assert states(system, submission) == [("GEN-30", "open")]
    submitted(system, NEED, supersedes=submission)
    assert states(system, submission) == [("GEN-30", "fixed")]
    assert followed(system, submission, state="open") == []


def test_a_justified_warning_does_not_come_back_unless_its_value_changes(system):
    submission = submitted(system, NEED | {"estimated_cost": 0})
    (found,) = followed(system, submission)
    answer = say(system, found["finding"], "justification", {"text": REASON}, as_="AL-WBCTi")
    assert (answer.status_code, answer.json["state"], answer.json["note"]) == (200, "justified", REASON)

    submitted(
        system,
        NEED | {"estimated_cost": 0, "description": "Said better, and at length."},
        supersedes=submission,
    )
    again = verdict(system, submission)
    assert again["counts"]["warning"] == 0
    assert [place["state"] for each in again["findings"] for place in each["places"]] == ["justified"]

    submitted(system, NEED | {"estimated_cost": -0.0, "price_year": 2001}, supersedes=submission, version=2)
    assert verdict(system, submission)["counts"]["warning"] >= 1


@pytest.mark.both_databases
def test_what_was_justified_is_so_again_when_it_comes_back_as_it_was(system):
    submission = submitted(system, OPEN_TO_ALL)
    (found,) = followed(system, submission)
    say(system, found["finding"], "justification", {"text": REASON}, as_="AL-WBCTi")
    submitted(system, NEED, supersedes=submission)
    assert states(system, submission) == [("GEN-30", "fixed")]
    submitted(system, OPEN_TO_ALL, supersedes=submission, version=2)
    assert states(system, submission) == [("GEN-30", "justified")]
    assert verdict(system, submission)["counts"]["warning"] == 0


@pytest.mark.both_databases
def test_a_waiver_lets_a_submission_pass_until_it_ends(system, clock):
    submission = submitted(system, NEED | {"title": "n/a"})
    assert verdict(system, submission)["outcome"] == "returned"
    until = (clock.now() + timedelta(days=3)).date().isoformat()
    for found in followed(system, submission):
        answer = say(
            system, found["finding"], "waiver", {"reason": REASON, "expires_on": until}, as_="SECRETARIAT"
        )
        assert answer.status_code == 200, answer.text
    system.settle()
    given = verdict(system, submission)
    assert (given["outcome"], given["verdict"], given["reason"]) == ("accepted", 2, "waiver_changed")
    assert {place["state"] for each in given["findings"] for place in each["places"]} == {"waived"}

    clock.advance(timedelta(days=3))
    exemptions.end_waivers(database=system.runtimes["validation"].database)
    system.settle()
    assert verdict(system, submission)["verdict"] == 2
    clock.advance(timedelta(days=1))
    exemptions.end_waivers(database=system.runtimes["validation"].database)
    system.settle()
    ended = verdict(system, submission)
    assert (ended["outcome"], ended["verdict"], ended["reason"]) == ("returned", 3, "waiver_changed")


def test_another_with_the_same_content_is_not_let_pass_by_a_waiver_that_is_not_its_own(system):
    first = submitted(system, NEED | {"title": "n/a"})
    for found in followed(system, first):
        body = {"reason": REASON, "expires_on": "2026-12-31"}
        say(system, found["finding"], "waiver", body, as_="SECRETARIAT")
    system.settle()
    assert verdict(system, first)["outcome"] == "accepted"
    # A content that the reporter submitted before is the same submission.
    submitted(system, LABORATORY, supersedes=first)
    second = submitted(system, NEED | {"title": "n/a", "ref": "CT-OTHER"})
    assert second != first
    assert verdict(system, second)["outcome"] == "returned"


def test_an_error_cannot_be_justified_and_the_answer_says_what_can(system):
    submission = submitted(system, NEED | {"title": "n/a"})
    found = next(each for each in followed(system, submission) if each["severity"] == "error")
    answer = say(system, found["finding"], "justification", {"text": REASON}, as_="AL-WBCTi")
    assert answer.status_code == 409
    assert "warning or info" in answer.json["detail"]


@pytest.mark.parametrize("expires_on", ["2020-01-01", "2999-01-01"])
def test_a_waiver_ends_on_a_day_to_come_that_is_not_too_far_away(system, expires_on):
    submission = submitted(system, OPEN_TO_ALL)
    (found,) = followed(system, submission)
    body = {"reason": REASON, "expires_on": expires_on}
    answer = say(system, found["finding"], "waiver", body, as_="SECRETARIAT")
    assert answer.status_code == 422
    assert expires_on in answer.json["detail"]


def test_a_check_of_a_correction_says_what_its_verdict_will_be(system):
    submission = submitted(system, NEED | {"title": "n/a"})
    for found in followed(system, submission):
        body = {"reason": REASON, "expires_on": "2026-12-31"}
        say(system, found["finding"], "waiver", body, as_="SECRETARIAT")
    system.settle()
    correction = NEEDS | {
        "records": [NEED | {"title": "n/a", "description": "Said better, and at length."}],
        "supersedes": {"submission": submission, "version": 1},
    }
    checked = system.client.post("/validation/v1/check", json=correction, as_="AL-WBCTi").json
    as_a_stranger = correction["supersedes"] | {"submission": "nobody's"}
    alone = system.client.post(
        "/validation/v1/check", json=correction | {"supersedes": as_a_stranger}, as_="AL-WBCTi"
    ).json
    given = verdict(system, system.hand_in(correction))
    assert (checked["outcome"], alone["outcome"]) == ("accepted", "returned")
    assert {name: checked[name] for name in ("outcome", "counts", "findings", "rules")} == {
        name: given[name] for name in ("outcome", "counts", "findings", "rules")
    }


def test_what_breaks_the_shape_of_a_record_has_to_be_mended(system):
    submission = submitted(system, NEED | {"tlp": "tlp:red"})
    (found,) = followed(system, submission)
    answer = say(
        system,
        found["finding"],
        "waiver",
        {"reason": REASON, "expires_on": "2026-12-31"},
        as_="SECRETARIAT",
    )
    assert (found["rule"], answer.status_code) == ("STR-04", 409)
    assert "must be corrected" in answer.json["detail"]


def test_what_was_adopted_is_not_changed_by_a_waiver(system, clock):
    submission = submitted(system, NEED | {"title": "n/a"})
    found = followed(system, submission)[0]
    clock.advance(timedelta(days=60))
    body = {"reason": REASON, "expires_on": "2027-06-30"}
    answer = say(system, found["finding"], "waiver", body, as_="SECRETARIAT")
    assert answer.status_code == 409
    assert "adopted" in answer.json["detail"]


# the domain


@pytest.mark.parametrize("severity", ["blocker", "error"])
def test_what_returns_a_submission_cannot_be_justified(severity):
    with pytest.raises(FindingCannotBeExempted, match=severity):
        justify(finding(severity=severity), text=REASON, by="AL-WBCTi")


def test_a_blocker_cannot_even_be_waived_nor_can_what_is_closed(clock):
    until = clock.now().date()
    with pytest.raises(FindingCannotBeExempted, match="blocker"):
        waive(finding(severity="blocker"), reason=REASON, by="SECRETARIAT", expires_on=until)
    with pytest.raises(FindingCannotBeExempted, match="fixed"):
        waive(finding(state="fixed"), reason=REASON, by="SECRETARIAT", expires_on=until)


def test_a_place_that_a_report_left_out_is_not_taken_for_mended():
    report = {"findings": [{"rule": "GEN-30", "severity": "warning", "places": [], "left_out": 3}]}
    changes = find_changes([finding()], report, submission="s", reporter="AL-WBCTi", version=2)
    assert changes.fixed == ()
    mended = find_changes([finding()], {"findings": []}, submission="s", reporter="AL-WBCTi", version=2)
    assert mended.fixed == ("f",)


@pytest.mark.parametrize(
    ("state", "severity", "outcome"),
    [
        ("justified", "warning", "accepted"),
        ("justified", "error", "returned"),
        ("waived", "error", "accepted"),
        ("waived", "blocker", "returned"),
    ],
)
def test_once_its_rule_became_severer_a_finding_stands_only_if_it_could_be_excused_today(
    state, severity, outcome
):
    place = {"ref": "A", "pointer": "/records/0/tlp", "value": None, "fingerprint": "0"}
    found = {"rule": "GEN-30", "severity": severity, "places": [place], "count": 1}
    report = {
        "outcome": "returned",
        "counts": {"blocker": 0, "error": 0, "warning": 0, "info": 0} | {severity: 1},
        "findings": [found],
        "faulty": [0] if severity == "error" else [],
        "faulty_places": [1] if severity == "error" else [],
    }
    before = finding(finding=finding_name("s", "GEN-30", place), severity="warning", state=state)
    assert (apply_exemptions(report, "s", [before]) or report)["outcome"] == outcome


def test_a_report_of_which_nothing_is_excused_stays_as_it_is():
    report = {"counts": {"warning": 1}, "findings": [{"rule": "X", "places": [], "count": 0}]}
    assert apply_exemptions(report, "s", [finding()]) is None
    assert apply_exemptions(report, "s", [finding(state="justified")]) is None


def test_a_finding_that_its_rule_tells_otherwise_now_is_told_so():
    place = {
        "ref": "A",
        "pointer": "/records/0/tlp",
        "value": None,
        "fingerprint": "f",
        "message": "It is open.",
    }
    told = {"rule": "GEN-30", "severity": "warning", "places": [place], "left_out": 0}
    first = find_changes([], {"findings": [told]}, submission="s", reporter="AL-WBCTi", version=1).new
    severer = {"findings": [told | {"severity": "error"}]}
    changes = find_changes(first, severer, submission="s", reporter="AL-WBCTi", version=1)
    assert [(each.finding, each.severity) for each in changes.reworded] == [(first[0].finding, "error")]
    assert (
        find_changes(first, {"findings": [told]}, submission="s", reporter="AL-WBCTi", version=2).reworded
        == ()
    )


def test_a_field_that_is_not_known_may_be_waived_and_one_that_is_broken_not(clock):
    until = clock.now().date()
    unknown = finding(rule="STR-06", severity="warning")
    assert waive(unknown, reason=REASON, by="SECRETARIAT", expires_on=until).state == "waived"
    with pytest.raises(FindingCannotBeExempted, match="must be corrected"):
        waive(finding(rule="STR-04", severity="error"), reason=REASON, by="SECRETARIAT", expires_on=until)
