"""Tests that versions never undo each other: which version of a record counts, and what its reporter sees."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.in_process import NEEDS, SUPPORTS, Installation, installed
from tests.validation.conftest import NEED, SUPPORT

SUBMISSIONS = "/entry/v1/submissions"
FILES = "/entry/v1/files?pillar=WBCTi&kind=need&period=2025-2026&tlp=TLP:AMBER"


@pytest.fixture
def system(settings, clock) -> Iterator[Installation]:
    with installed(settings, clock) as made:
        yield made


def need(ref: str, cost: int, **values: Any) -> dict[str, Any]:
    return NEED | {"ref": ref, "estimated_cost": cost} | values


def post(system: Installation, *records: dict[str, Any], status: int = 202, **more: Any) -> dict[str, Any]:
    body = NEEDS | {"records": list(records)} | more
    answer = system.client.post(SUBMISSIONS, json=body, as_="AL-WBCTi")
    assert answer.status_code == status, answer.text
    system.settle()
    found: dict[str, Any] = answer.json
    return found


def corrects(submission: dict[str, Any], version: int = 1) -> dict[str, Any]:
    return {"supersedes": {"submission": submission["id"], "version": version}}


def shown(system: Installation, submission: dict[str, Any]) -> dict[str, Any]:
    path = f"{SUBMISSIONS}/{submission['id']}"
    found: dict[str, Any] = system.client.get(path, as_="AL-WBCTi").json
    return found


def cost(system: Installation, kind: str = "need") -> float:
    """The estimated cost of all records that count."""
    answer = system.client.get(f"/reporting/v1/aggregates?kind={kind}", as_="RCC-ANALYST").json["total"]
    return sum(float(amount["estimated"]) for amount in answer["amounts"])


def owed(system: Installation) -> dict[str, Any]:
    obligations = system.client.get("/reporting/v1/completeness", as_="SECRETARIAT").json["obligations"]
    return next(each for each in obligations if each["structure"] == "AL-WBCTi")


def superseded(found: dict[str, Any]) -> list[str | None]:
    """The refs of which a finding says that they repeat a corrected value."""
    return [
        place["ref"]
        for finding in found["findings"]
        for place in finding["places"]
        if finding["rule"] == "GEN-208"
    ]


def test_an_old_body_alone_is_its_submission_in_its_current_version(system):
    first = post(system, need("N-1", 100))
    post(system, need("N-1", 300), **corrects(first))
    again = post(system, need("N-1", 100), status=200)
    assert (again["id"], again["version"]) == (first["id"], 2)
    assert cost(system) == 300


@pytest.mark.both_databases
@pytest.mark.parametrize("mode", ["upsert", "replace"])
def test_an_export_with_one_new_row_brings_back_no_corrected_value(system, mode):
    first = post(system, need("N-1", 100), need("N-2", 10))
    post(system, need("N-1", 300), **corrects(first))
    export = post(system, need("N-1", 100), need("N-2", 10), need("N-3", 1), mode=mode)
    found = shown(system, export)
    assert (found["state"], superseded(found)) == ("accepted", ["N-1"])
    (finding,) = (each for each in found["findings"] if each["rule"] == "GEN-208")
    message = finding["places"][0]["message"]
    assert f"version 1 of submission {first['id']}" in message
    assert f"version 2 of submission {first['id']}" in message
    assert cost(system) == 311
    assert found["superseded_by"] == [{"submission": first["id"], "records": 1}]
    # Another export of the same day changes nothing, and the next day's only what is new.
    post(system, need("N-1", 100), need("N-2", 10), need("N-3", 1), mode=mode, status=200)
    post(system, need("N-1", 100), need("N-2", 10), need("N-3", 1), need("N-4", 1000), mode=mode)
    assert cost(system) == 1311
    assert owed(system)["records"] == 4


@pytest.mark.parametrize("media_type", ["text/csv", "application/x-ndjson"])
def test_a_file_brings_back_no_corrected_value(system, media_type):
    table = {
        "text/csv": lambda *rows: (
            "ref,title,category,theme,perspective,strand,priority_level,disposition,"
            "estimated_cost,currency,target_date\n"
            + "".join(
                f"{ref},Open-source analysis for the unit,legislative,jap25_prevention,prevention,prevent,high,open,"
                f"{cost},EUR,2026-12-31\n"
                for ref, cost in rows
            )
        ),
        "application/x-ndjson": lambda *rows: "".join(
            __import__("json").dumps(need(ref, cost)) + "\n" for ref, cost in rows
        ),
    }[media_type]

    def upload(*rows: tuple[str, int], more: str = "") -> dict[str, Any]:
        answer = system.client.http.post(
            FILES + more,
            data=table(*rows).encode(),
            headers={
                "Authorization": f"Bearer {system.client.token('AL-WBCTi')}",
                "Idempotency-Key": f"{rows}{more}",
                "Content-Type": media_type,
            },
        )
        assert answer.status_code == 202, answer.text
        system.settle()
        found: dict[str, Any] = answer.json
        return found

    first = upload(("N-1", 100))
    upload(("N-1", 300), more=f"&supersedes={first['id']}&version=1")
    export = shown(system, upload(("N-1", 100), ("N-2", 1)))
    assert (export["state"], superseded(export)) == ("accepted", ["N-1"])
    assert export["reading"]["counts"] == {"superseded": 1}
    assert cost(system) == 301


def test_a_trial_says_what_an_export_repeats_and_counts_nowhere(system):
    first = post(system, need("N-1", 100))
    post(system, need("N-1", 300), **corrects(first))
    tried = shown(system, post(system, need("N-1", 100), need("N-2", 1), dry_run=True))
    assert (tried["is_trial"], superseded(tried)) == (True, ["N-1"])
    assert cost(system) == 300
    # A trial states nothing: what it tried can be submitted.
    assert superseded(shown(system, post(system, need("N-2", 1)))) == []


def test_while_a_correction_is_returned_the_value_before_counts_if_it_is_sent_again(system):
    first = post(system, need("N-1", 100))
    post(system, need("N-1", 300, title="Not Applicable"), **corrects(first))
    assert cost(system) == 0
    post(system, need("N-1", 100), need("N-2", 1))
    assert cost(system) == 101
    post(system, need("N-1", 300), **corrects(first, 2))
    assert cost(system) == 301


def test_each_correction_since_is_kept_and_only_the_last_is_named(system):
    first = post(system, need("N-1", 100))
    post(system, need("N-1", 200), **corrects(first))
    post(system, need("N-1", 300), **corrects(first, 2))
    for old in (100, 200):
        found = shown(system, post(system, need("N-1", old), need(f"N-{old}", 1)))
        (finding,) = (each for each in found["findings"] if each["rule"] == "GEN-208")
        assert f"of version 3 of submission {first['id']}" in finding["places"][0]["message"]
    assert cost(system) == 302


def test_an_explicit_correction_goes_back(system):
    first = post(system, need("N-1", 100))
    post(system, need("N-1", 300), **corrects(first))
    post(system, need("N-1", 100), **corrects(first, 2))
    found = shown(system, first)
    assert (found["version"], found["state"], superseded(found)) == (3, "accepted", [])
    assert cost(system) == 100


def test_a_value_that_came_back_is_current_and_the_one_between_is_old(system):
    first = post(system, need("N-1", 100))
    post(system, need("N-1", 300), **corrects(first))
    post(system, need("N-1", 100), **corrects(first, 2))
    export = shown(system, post(system, need("N-1", 300), need("N-2", 1)))
    assert superseded(export) == ["N-1"]
    assert cost(system) == 101


@pytest.mark.both_databases
def test_a_withdrawn_body_can_be_submitted_again(system):
    first = post(system, need("N-1", 100))
    post(system, need("N-1", 300), **corrects(first))
    path = f"{SUBMISSIONS}/{first['id']}/withdrawal"
    system.client.post(path, json={"version": 2, "reason": "entered twice"}, as_="AL-WBCTi")
    system.settle()
    again = post(system, need("N-1", 100))
    assert again["id"] != first["id"]
    assert superseded(shown(system, again)) == []
    assert cost(system) == 100
    assert post(system, need("N-1", 100), status=200)["id"] == again["id"]


def withdraw(system: Installation, submission: dict[str, Any], *refs: str, version: int = 1) -> None:
    answer = system.client.post(
        f"{SUBMISSIONS}/{submission['id']}/records/withdrawal",
        json={"version": version, "refs": list(refs), "reason": "entered twice"},
        as_="AL-WBCTi",
    )
    assert answer.status_code in (200, 202), answer.text
    system.settle()


@pytest.mark.both_databases
@pytest.mark.parametrize("mode", ["upsert", "replace"])
def test_an_export_brings_back_no_withdrawn_record(system, mode):
    first = post(system, need("N-1", 100), need("N-2", 10))
    withdraw(system, first, "N-1")
    export = post(system, need("N-1", 100), need("N-2", 10), need("N-3", 1), mode=mode)
    found = shown(system, export)
    assert (found["state"], superseded(found), cost(system)) == ("accepted", ["N-1"], 11)
    (finding,) = (each for each in found["findings"] if each["rule"] == "GEN-208")
    assert (
        finding["places"][0]["message"] == "The record is equal to one that you withdrew in version 2 of "
        f"submission {first['id']}. It does not count."
    )
    assert [
        each["ref"]
        for each in system.client.get(
            "/entry/v1/carry-over?pillar=WBCTi&from=2025-2026", as_="AL-WBCTi"
        ).json["items"]
    ] == ["N-2", "N-3"]
    # Nor does it count once it is alone.
    withdraw(system, export, "N-2", "N-3")
    assert cost(system) == (10 if mode == "upsert" else 0)
    post(system, need("N-2", 10), need("N-3", 1), **corrects(export, 2))
    assert cost(system) == 11
    # A correction that does not name the record leaves it out, and one that names it brings it back.
    post(system, need("N-3", 2), **corrects(export, 3))
    assert cost(system) == 12
    post(system, need("N-1", 100), **corrects(export, 4))
    assert cost(system) == 112
    again = shown(system, post(system, need("N-1", 100), need("N-4", 1000)))
    assert (superseded(again), cost(system)) == ([], 1112)


def test_a_withdrawn_record_with_another_content_is_new(system):
    first = post(system, need("N-1", 100))
    withdraw(system, first, "N-1")
    assert shown(system, first)["state"] == "withdrawn"
    found = shown(system, post(system, need("N-1", 100)))
    assert (superseded(found), found["in_report_since"], cost(system)) == (["N-1"], None, 0)
    assert superseded(shown(system, post(system, need("N-1", 101)))) == []
    assert cost(system) == 101


@pytest.mark.both_databases
def test_of_two_submissions_the_version_received_last_counts(system):
    older = post(system, need("N-1", 100), need("N-2", 10))
    newer = post(system, need("N-1", 300))
    assert cost(system) == 310
    found = shown(system, older)
    assert found["superseded_by"] == [{"submission": newer["id"], "records": 1}]
    assert found["in_report_since"] is not None
    # A correction of the older submission is received later.
    post(system, need("N-1", 200), **corrects(older))
    assert cost(system) == 210
    assert shown(system, older)["superseded_by"] == []
    found = shown(system, newer)
    assert (found["state"], found["in_report_since"]) == ("accepted", None)
    assert found["superseded_by"] == [{"submission": older["id"], "records": 1}]
    step = found["timeline"][-1]
    assert step["stage"] == "superseded"
    assert older["id"] in step["text"]
    assert owed(system)["records"] == 2


def test_a_correction_that_does_not_name_a_record_leaves_its_later_version_in_force(system):
    older = post(system, need("N-1", 100), need("N-2", 10))
    post(system, need("N-1", 300))
    post(system, need("N-2", 20), **corrects(older))
    assert cost(system) == 320


def test_a_superseded_version_counts_again_when_the_later_one_is_withdrawn(system):
    older = post(system, need("N-1", 100))
    newer = post(system, need("N-1", 300))
    assert shown(system, older)["in_report_since"] is None
    path = f"{SUBMISSIONS}/{newer['id']}/withdrawal"
    system.client.post(path, json={"version": 1, "reason": "entered twice"}, as_="AL-WBCTi")
    system.settle()
    found = shown(system, older)
    assert (found["in_report_since"] is not None, found["superseded_by"]) == (True, [])
    assert cost(system) == 100


def test_a_repetition_of_a_current_value_counts_where_it_was_sent_last(system):
    older = post(system, need("N-1", 100))
    newer = post(system, need("N-1", 100), need("N-2", 1))
    assert superseded(shown(system, newer)) == []
    assert shown(system, newer)["in_report_since"] is not None
    assert shown(system, older)["superseded_by"] == [{"submission": newer["id"], "records": 1}]
    assert cost(system) == 101


@pytest.mark.both_databases
def test_support_is_compared_across_periods_and_texts_in_nfc(system):
    composed, decomposed = "\u0160-1", "S\u030c-1"

    def support(ref: str, budget: float, period: str = "2026", **more: Any) -> dict[str, Any]:
        records = [SUPPORT | {"ref": ref, "budget": budget, "needs": []}]
        answer = system.client.post(
            SUBMISSIONS, json=SUPPORTS | {"records": records, "period": period} | more, as_="AL-WBCTi"
        )
        assert answer.status_code in (200, 202), answer.text
        system.settle()
        found: dict[str, Any] = answer.json
        return found

    first = support(composed, 100)
    support(composed, 300, **corrects(first))
    assert superseded(shown(system, support(decomposed, 100.0, period="2027"))) == [decomposed]


def test_records_that_are_left_out_have_their_reasons_in_the_response(system):
    made = post(system, need("N-1", 100), need("N-2", 10, title="Not Applicable"), on_error="accept")
    found = shown(system, made)
    assert (found["version"], found["state"], found["left_out"]) == (2, "accepted", ["N-2"])
    (left_out,) = found["left_out_reasons"]
    assert left_out["ref"] == "N-2"
    assert {(each["rule"], each["pointer"]) for each in left_out["reasons"]} == {
        ("GEN-02", "/records/1/title")
    }
    (step,) = (each for each in found["timeline"] if (each["version"], each["stage"]) == (2, "received"))
    assert step["text"].startswith("without 1 record of the previous version")


def test_the_first_verdict_has_the_reason_first_and_a_correction_that_data_changed(system):
    first = post(system, need("N-1", 100))
    assert shown(system, first)["verdict"]["reason"] == "first"
    post(system, need("N-1", 300), **corrects(first))
    assert shown(system, first)["verdict"]["reason"] == "data_changed"
    reasons = [event.payload["reason"] for event in system.events() if event.name == "submission.accepted.v2"]
    assert reasons == ["first", "data_changed"]


@pytest.mark.both_databases
def test_a_repeated_need_is_carried_over_as_it_is_now(system):
    """The need was covered since, and a repeated export still lists it as open."""
    first = post(system, need("N-1", 100))
    post(system, need("N-1", 100, disposition="covered"), **corrects(first))
    post(system, need("N-1", 100), need("N-2", 10))
    path = "/entry/v1/carry-over?pillar=WBCTi&from=2025-2026"
    items = system.client.get(path, as_="AL-WBCTi").json["items"]
    assert {each["ref"]: each["was"] for each in items} == {"N-1": "covered", "N-2": "open"}


def test_later_records_are_compared_with_the_current_value_not_with_a_repeated_one(system):
    first = post(system, need("N-1", 10_000))
    post(system, need("N-1", 100_000), **corrects(first))
    post(system, need("N-1", 10_000), need("N-2", 10))
    current = post(system, need("N-1", 110_000), **corrects(first, 2))
    # GEN-35 reports an estimate that changes by more than half.
    assert "GEN-35" not in {each["rule"] for each in shown(system, current)["findings"]}
