"""Findings from version to version: their names, their exemptions, and the counts of a report."""

from datetime import date
from typing import Any

import pytest

from services.validation.findings.domain.finding_lifecycle import (
    FindingCannotBeExempted,
    TrackedFinding,
    apply_exemptions,
    find_changes,
    finding_name,
    justify,
    pointer_in_record,
    waive,
)
from tests.validation.findings.reports import finding

UNTIL = date(2027, 1, 1)


def counts(**found: int) -> dict[str, int]:
    return {"blocker": 0, "error": 0, "warning": 0, "info": 0, **found}


def place(**parts: Any) -> dict[str, Any]:
    return {
        "ref": "A",
        "pointer": "/records/0/tlp",
        "value": "x",
        "fingerprint": "x1",
        "message": "M.",
        "expected": "E.",
        **parts,
    }


def report(*findings: dict[str, Any], **parts: Any) -> dict[str, Any]:
    ordinary = {"rule": "GEN-30", "severity": "warning", "left_out": 0}
    told = [{**ordinary, "count": len(each["places"]), **each} for each in findings]
    of_records = {"faulty": [], "faulty_places": [], "whole": False}
    return {"outcome": "accepted", "counts": counts(), "findings": told, **of_records, **parts}


@pytest.mark.parametrize(
    ("pointer", "within"),
    [
        ("/records/3/end", "/end"),
        ("/records/3/parts/0/share", "/parts/0/share"),
        ("/records/3", ""),
        ("/records", ""),
    ],
)
def test_a_place_is_known_by_where_it_stands_in_its_record(pointer: str, within: str) -> None:
    assert pointer_in_record(pointer) == within


def test_a_finding_keeps_its_name_when_its_record_moves_and_not_when_anything_else_changes() -> None:
    name = finding_name("s", "GEN-30", place())
    assert finding_name("s", "GEN-30", place(pointer="/records/7/tlp", message="Otherwise.")) == name
    others = [
        finding_name("t", "GEN-30", place()),
        finding_name("s", "GEN-31", place()),
        finding_name("s", "GEN-30", place(ref="B")),
        finding_name("s", "GEN-30", place(pointer="/records/0/title")),
        finding_name("s", "GEN-30", place(fingerprint="x2")),
    ]
    assert len({name, *others}) == 6


def test_what_is_found_for_the_first_time_is_followed_with_all_that_it_says() -> None:
    found = report({"places": [place(pointer="/records/3/tlp")], "severity": "info"})
    [new] = find_changes([], found, submission="s", reporter="AL-WBCTi", version=4).new
    assert new == finding(
        finding=finding_name("s", "GEN-30", place()),
        severity="info",
        value="x",
        message="M.",
        first_version=4,
        last_version=4,
    )


def test_what_was_followed_is_no_news_and_what_is_not_told_any_more_is_not_new() -> None:
    known = finding(finding=finding_name("s", "GEN-30", place()))
    gone = finding(finding="gone", rule="GEN-31")
    changes = find_changes(
        [known, gone],
        report({"places": [place(), place(ref="B")]}),
        submission="s",
        reporter="AL-WBCTi",
        version=2,
    )
    assert [each.ref for each in changes.new] == ["B"]
    assert len(changes.found_again) == len(changes.fixed) == 1
    again = find_changes(
        [finding(finding="gone", state="fixed")], report(), submission="s", reporter="AL-WBCTi", version=2
    )
    assert (again.new, again.found_again, again.fixed) == ((), (), ())


def test_a_reason_or_a_waiver_is_kept_with_who_gave_it() -> None:
    reasoned = justify(finding(expires_on=UNTIL), text="So it is.", by="AL-WBCTi")
    assert reasoned == finding(state="justified", note="So it is.", decided_by="AL-WBCTi")
    passed = waive(finding(severity="error"), reason="For now.", by="SECRETARIAT", expires_on=UNTIL)
    assert passed == finding(
        severity="error", state="waived", note="For now.", decided_by="SECRETARIAT", expires_on=UNTIL
    )


@pytest.mark.parametrize(
    ("found", "justifying", "waiving"),
    [
        ({"severity": "info"}, None, None),
        ({"severity": "warning"}, None, None),
        ({"severity": "warning", "state": "justified"}, None, None),
        ({"severity": "error"}, "is an error", None),
        ({"severity": "blocker"}, "is a blocker", "is a blocker"),
        ({"severity": "warning", "state": "fixed"}, "is fixed", "is fixed"),
        ({"severity": "info", "state": "fixed"}, "is fixed", "is fixed"),
    ],
)
def test_what_cannot_be_excused_is_refused_with_what_can(
    found: dict[str, Any], justifying: str | None, waiving: str | None
) -> None:
    deeds = (
        (justifying, "justified", "warning or info", lambda each: justify(each, text="T", by="B")),
        (
            waiving,
            "waived",
            "error, warning or info",
            lambda each: waive(each, reason="R", by="B", expires_on=UNTIL),
        ),
    )
    for why, deed, allowed, exemption in deeds:
        if why is None:
            assert exemption(finding(**found)).state == deed
            continue
        with pytest.raises(FindingCannotBeExempted) as refused:
            exemption(finding(**found))
        assert (
            str(refused.value)
            == f"The finding {why}; only an open finding of severity {allowed} can be {deed}."
        )
        assert refused.value.found == finding(**found)


def may_stand(state: str, *refs: str, **facts: Any) -> list[TrackedFinding]:
    return [
        finding(finding=finding_name("s", "GEN-30", place(ref=ref)), state=state, **facts) for ref in refs
    ]


@pytest.mark.parametrize(
    ("state", "severity", "outcome"), [("justified", "info", "accepted"), ("waived", "error", "returned")]
)
def test_what_may_stand_is_marked_and_counted_no_more(state: str, severity: str, outcome: str) -> None:
    found = {
        "places": [place(), place(ref="B"), place(ref="C")],
        "count": 250,
        "severity": severity,
        "left_out": 247,
    }
    other = {"rule": "GEN-31", "places": [place()]}
    faulty = {"faulty": [0], "faulty_places": [250]} if severity == "error" else {}
    before = report(found, other, outcome=outcome, counts=counts(**{severity: 250}, warning=1), **faulty)
    told = apply_exemptions(before, "s", may_stand(state, "A", "C"))
    assert told is not None
    assert (told["outcome"], told["counts"]) == (outcome, counts(**{severity: 248}, warning=1))
    first, second = told["findings"]
    assert [each.get("state") for each in first["places"]] == [state, None, state]
    assert (first["excused"], first["count"]) == (2, 250)
    assert second == before["findings"][1]
    assert told["faulty_places"] == ([248] if severity == "error" else [])


def test_a_submission_is_accepted_once_all_that_returned_it_may_stand() -> None:
    before = report(
        {"places": [place(), place(ref="B", pointer="/records/4/tlp")], "severity": "error"},
        outcome="returned",
        counts=counts(error=2, warning=0),
        faulty=[0, 4],
        faulty_places=[1, 1],
    )
    one, both = (apply_exemptions(before, "s", may_stand("waived", *refs)) for refs in (("A",), ("A", "B")))
    assert one is not None
    assert both is not None
    assert (one["outcome"], one["counts"]["error"]) == ("returned", 1)
    assert (both["outcome"], both["counts"]["error"]) == ("accepted", 0)
    assert (one["faulty"], both["faulty"]) == ([4], [])


def test_a_record_stays_faulty_while_a_place_in_it_may_not_stand() -> None:
    before = report(
        {"places": [place(), place(ref="B", pointer="/records/4/tlp")], "severity": "error"},
        {"rule": "GEN-31", "severity": "error", "places": [], "count": 1, "left_out": 1},
        outcome="returned",
        counts=counts(error=3),
        faulty=[0, 4],
        faulty_places=[2, 1],
    )
    before["findings"][1]["places"] = [place(pointer="/records/0/title")]
    told = apply_exemptions(before, "s", may_stand("waived", "A", "B"))
    assert told is not None
    assert (told["outcome"], told["faulty"], told["faulty_places"]) == ("returned", [0], [1])


def test_a_submission_that_is_returned_as_such_is_so_until_that_may_stand() -> None:
    both = [place(pointer="/records", ref=ref) for ref in ("A", "B")]
    before = report(
        {"places": both, "severity": "error"}, outcome="returned", counts=counts(error=2), whole=True
    )
    waivers = [finding(finding=finding_name("s", "GEN-30", each), state="waived") for each in both]
    told = [apply_exemptions(before, "s", waivers[:many]) for many in (1, 2)]
    assert [each and each["whole"] for each in told] == [True, False]


@pytest.mark.parametrize("state", ["open", "fixed"])
def test_what_is_open_or_closed_excuses_nothing(state: str) -> None:
    assert apply_exemptions(report({"places": [place()]}), "s", may_stand(state, "A")) is None
    assert apply_exemptions(report({"places": [place()]}), "t", may_stand("justified", "A")) is None


def test_what_was_justified_may_stand_again_when_it_comes_back_and_what_was_waived_may_not() -> None:
    back = may_stand("fixed", "A", note="So it is.", decided_by="AL-WBCTi")
    told = apply_exemptions(report({"places": [place()]}), "s", back)
    assert told is not None
    assert told["findings"][0]["places"][0]["state"] == "justified"
    waived_before = may_stand("fixed", "A", note="For now.", decided_by="SECRETARIAT", expires_on=UNTIL)
    assert apply_exemptions(report({"places": [place()]}), "s", waived_before) is None


@pytest.mark.parametrize(
    ("facts", "exemption"),
    [
        ({"state": "open"}, None),
        ({"state": "open", "decided_by": "AL-WBCTi"}, None),
        ({"state": "fixed"}, None),
        ({"state": "fixed", "decided_by": "AL-WBCTi"}, "justified"),
        ({"state": "fixed", "decided_by": "SECRETARIAT", "expires_on": UNTIL}, None),
        ({"state": "justified", "decided_by": "AL-WBCTi"}, "justified"),
        ({"state": "waived", "decided_by": "SECRETARIAT", "expires_on": UNTIL}, "waived"),
    ],
)
def test_a_finding_has_an_excuse_while_it_is_excused_or_was_justified_before_it_was_fixed(
    facts: dict[str, Any], exemption: str | None
) -> None:
    assert finding(**facts).exemption == exemption
