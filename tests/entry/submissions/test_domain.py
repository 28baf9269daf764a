"""The rules of the game at the door, and what the sender is shown."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from services.entry.submissions.domain.findings import first_places, group_findings
from services.entry.submissions.domain.refusals import KindIsNotYours, PillarIsNotYours
from services.entry.submissions.domain.submissions import Progress, Verdict, Version, check_permission
from services.entry.submissions.domain.timeline import timeline
from services.entry.submissions.schemas.requests import Record
from shared.reference.markings import TextIsClassified, check_unclassified, texts_in
from tests.conftest import NOW


def test_a_member_reports_no_needs():
    with pytest.raises(KindIsNotYours, match="response and support"):
        check_permission(role="member", pillars=["WBCTi"], kind="need", pillar="WBCTi")


def test_a_structure_reports_for_its_own_pillar_only():
    with pytest.raises(PillarIsNotYours, match="for WBCTi"):
        check_permission(role="structure", pillars=["WBCTi"], kind="need", pillar="WBBSi")


def test_a_marking_is_found_wherever_it_stands_and_its_place_is_named():
    records = [{"ref": "1"}, {"ref": "2", "training": {"topic": ["x", "RESTREINT UE/EU RESTRICTED"]}}]
    with pytest.raises(TextIsClassified, match="/records/1/training/topic/1"):
        check_unclassified(records, at="/records")


def test_a_marking_in_the_name_of_a_field_is_found():
    with pytest.raises(TextIsClassified, match="/records/0/"):
        check_unclassified([{"ref": "1", "SECRET UE/EU SECRET": 1}], at="/records")


def test_a_marking_is_not_made_of_two_texts_side_by_side():
    assert check_unclassified([{"ref": "RESTREINT", "title": "UE and others"}], at="/records") is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


def resolve(value, pointer):
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


@given(JSON)
def test_every_pointer_leads_to_its_text(value):
    for pointer, text in texts_in(value, ""):
        found = resolve(value, pointer) if pointer else value
        assert found == text or pointer.endswith("/" + text.replace("~", "~0").replace("/", "~1"))


RETURNED = Verdict(
    number=1,
    outcome="returned",
    reason="data_changed",
    judged_at=NOW,
    ruleset="WBCTi",
    ruleset_hash="f" * 64,
    counts={"error": 1},
    report="0" * 64,
)
FIRST = Version(number=1, state="returned", received_at=NOW, body="0" * 64, verdicts=[RETURNED])


def steps(*versions):
    return [(step.version, step.stage, step.text) for step in timeline(versions, reporter="AL-WBCTi")]


def test_the_first_verdict_of_all_needs_no_reason_and_that_on_a_correction_has_one():
    second = replace(FIRST, number=2, verdicts=[replace(RETURNED, outcome="accepted")])
    assert steps(FIRST, second) == [
        (1, "received", None),
        (1, "returned", None),
        (2, "received", None),
        (2, "accepted", "your data changed"),
    ]


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("rules_changed", "the rules changed"),
        ("references_changed", "a record that you refer to changed"),
        ("waiver_changed", "a waiver was granted or revoked"),
    ],
)
def test_a_later_verdict_on_the_same_version_says_what_changed(reason, words):
    later = replace(RETURNED, number=2, outcome="accepted", reason=reason)
    known = replace(FIRST, verdicts=[RETURNED, later])
    assert steps(known)[-2:] == [(1, "returned", None), (1, "accepted", words)]
    assert known.verdict == later


ACCEPTED = replace(RETURNED, outcome="accepted")
LATER = NOW + timedelta(minutes=1)
SINCE = "in the report since 23 November 2026, 10:01 (Europe/Tirane)"


def counting(**facts):
    return replace(FIRST, state="accepted", verdicts=[ACCEPTED], reported_at=LATER, **facts)


def test_an_accepted_version_is_in_report_since_its_records_count():
    assert steps(counting()) == [(1, "received", None), (1, "accepted", None), (1, "reported", SINCE)]
    (*_, last) = timeline([counting()], reporter="AL-WBCTi")
    assert last.at == LATER


@pytest.mark.parametrize(
    ("following", "text"),
    [
        (replace(FIRST, number=2, state="received", verdicts=[]), SINCE),
        (replace(FIRST, number=2, verdicts=[], read_at=NOW, refusal={"message": "It is no file."}), SINCE),
        (replace(FIRST, number=2), "counted in the report"),
        (Version(number=2, state="withdrawn", received_at=NOW, reason="Twice."), "counted in the report"),
        (counting(number=2), "counted in the report"),
    ],
)
def test_a_version_is_in_report_until_another_is_judged_or_it_is_taken_back(following, text):
    assert (1, "reported", text) in steps(counting(), following)


def test_what_counted_for_a_while_is_shown_where_it_came_to_count():
    again = replace(RETURNED, number=2, judged_at=LATER + timedelta(minutes=1), reason="rules_changed")
    known = replace(counting(), state="returned", verdicts=[ACCEPTED, again])
    assert [step for _, step, _ in steps(known)] == ["received", "accepted", "reported", "returned"]


def test_that_records_count_is_not_shown_before_their_verdict_is_known():
    assert steps(replace(counting(), state="received", verdicts=[])) == [(1, "received", None)]
    late = replace(ACCEPTED, number=3, judged_at=LATER + timedelta(minutes=1), reason="rules_changed")
    early = replace(counting(), verdicts=[RETURNED, late])
    assert [step for _, step, _ in steps(early)] == ["received", "returned", "accepted"]


def test_a_file_that_could_not_be_read_is_returned_with_the_reason():
    refused = replace(FIRST, verdicts=[], read_at=LATER, refusal={"message": "It is no workbook."})
    assert steps(refused) == [(1, "received", None), (1, "returned", "It is no workbook.")]


def test_a_checking_that_goes_on_is_the_last_step():
    later = NOW + timedelta(minutes=1)
    (*_, last) = timeline([replace(FIRST, progress=Progress(12, 50, later))], reporter="AL-WBCTi")
    assert (last.stage, last.text, last.at) == ("checking", "being checked: 12 of 50 chunks", later)


def test_a_checking_that_a_correction_overtook_is_not_shown():
    overtaken = replace(FIRST, verdicts=(), progress=Progress(12, 50, NOW))
    second = replace(FIRST, number=2, verdicts=())
    assert steps(overtaken, second) == [(1, "received", None), (2, "received", None)]


def test_a_finding_is_shown_with_its_first_places_and_that_of_a_former_report_with_its_only_one():
    of_rule = {
        "rule": "GEN-04",
        "title": "Ends after it starts",
        "severity": "error",
        "outcome": "failed",
        "why": "Figures are by year.",
        "reference": "",
    }
    place = {"ref": "1", "pointer": "/records/0/end", "value": 5, "message": "No.", "expected": "A date."}
    group = of_rule | {"count": 1, "places": [place], "left_out": 0}
    many = group | {"count": 300, "places": [place] * 250, "left_out": 50}
    assert [
        (len(each["places"]), each["left_out"]) for each in map(first_places, group_findings([many]))
    ] == [(100, 200)]
    assert group_findings([of_rule | place, group | {"count": 250, "left_out": 249}]) == [
        group,
        group | {"count": 250, "left_out": 249},
    ]


@pytest.mark.parametrize("ref", ["x" * 120, "S\u030c" * 120])
def test_a_ref_may_be_as_long_as_one_of_a_file(ref):
    """Its letters are counted as they are compared, in NFC."""
    assert Record().deserialize({"ref": ref}) == {"ref": ref}
    with pytest.raises(ValidationError, match="1 to 120 characters"):
        Record().deserialize({"ref": f"{ref}1"})
