import csv
import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from services.validation.rulesets.schemas import RulesetResponse, RulesetsResponse
from services.validation.verdicts.schemas.previews import PreviewResponse
from services.validation.verdicts.schemas.verdicts import FindingsReport, VerdictHistory, VerdictResponse
from tests.bundled_rulesets import ruleset_for
from tests.conftest import Client
from tests.validation.conftest import NEED, SUPPORT, submission_id
from tests.validation.in_process import InProcessValidation

WRONG = {**NEED, "title": "Not Applicable"}
VERDICT = f"/validation/v1/verdicts/{submission_id(1)}"
CHECK = "/validation/v1/check"
BODY: dict[str, Any] = {"pillar": "WBCTi", "kind": "need", "period": "2025-2026", "tlp": "TLP:AMBER"}
STRANGERS = ["BA-WBCTi", "AL-WBBSi", "BA-NC", "CEPOL"]


@pytest.fixture
def client(client_of: Callable[..., Client]) -> Client:
    return client_of("validation")


@pytest.fixture
def judged(validation: InProcessValidation) -> InProcessValidation:
    """A returned version."""
    validation.submit(WRONG)
    return validation


@pytest.fixture
def settled(validation: InProcessValidation) -> InProcessValidation:
    """Support that was corrected, and judged again when the need it answers was there."""
    about = {"kind": "support", "reporter": "UNODC", "partner": None}
    validation.submit({**SUPPORT, "title": "n/a"}, **about)
    validation.submit(SUPPORT, version=2, **about)
    validation.submit(NEED, number=2)
    validation.tick()
    return validation


def check(client: Client, *records: Any, as_: str = "AL-WBCTi", query: str = "", **about: Any) -> Any:
    body = {**BODY, **about, "records": list(records)}
    return client.http.post(
        f"{CHECK}{query}", json=body, headers={"Authorization": f"Bearer {client.token(as_)}"}
    )


# --- Rules ------------------------------------------------------------------------------------------------------------


def test_everybody_may_read_which_rulesets_are_in_force(client):
    answer = client.get("/validation/v1/rulesets", as_=None)
    assert answer.status_code == 200
    assert RulesetsResponse().validate(answer.json) == {}
    assert [each["name"] for each in answer.json["items"]] == ["general", "WBCTi", "WBCSCi", "WBBSi"]
    assert answer.json["items"][1]["hash"] == ruleset_for("WBCTi").stamp.hash
    for each in answer.json["items"]:
        assert client.get(each["page"], as_=None).mimetype == "text/html"


def test_a_ruleset_is_shown_with_its_rules_examples_and_fields(client):
    for name in ("general", "WBCTi", "WBCSCi", "WBBSi"):
        answer = client.get(f"/validation/v1/rulesets/{name}", as_=None)
        assert RulesetResponse().validate(answer.json) == {}, name
        rules = {rule["id"]: rule for rule in answer.json["rules"]}
        assert len(rules) == answer.json["rule_count"]
        assert rules["GEN-04"]["assert"] == "start <= end"
        fails = [each["record"] for each in rules["GEN-04"]["examples"]["fails"]]
        assert {"start": "2026-06-30", "end": "2026-02-01"} in fails
        assert answer.json["fields"]["need"]["ref"]["required"] is True
        assert "STR-02" in {each["id"] for each in answer.json["structure"]}


def test_a_ruleset_that_was_read_before_is_not_sent_again(client):
    for path in ("/validation/v1/rulesets/WBBSi", "/validation/v1/rulesets/WBBSi.html"):
        etag = client.get(path, as_=None).headers["ETag"]
        assert client.get(path, as_=None, headers={"If-None-Match": etag}).status_code == 304


def test_an_unknown_ruleset_is_not_found(client):
    for path in ("fields", "fields.html"):
        answer = client.get(f"/validation/v1/rulesets/{path}", as_=None)
        assert answer.status_code == 404
        assert answer.mimetype == "application/problem+json"


# --- Verdicts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["AL-WBCTi", "AL-NC", "SECRETARIAT"])
def test_the_reporter_its_coordinator_and_the_secretariat_see_the_verdict_with_its_findings(
    client, judged, code
):
    answer = client.get(VERDICT, as_=code)
    assert answer.status_code == 200
    assert VerdictResponse().validate(answer.json) == {}
    assert (answer.json["outcome"], answer.json["verdict"]) == ("returned", 1)
    assert answer.json["counts"]["error"] == 1
    (finding,) = [each for each in answer.json["findings"] if each["severity"] == "error"]
    assert (finding["rule"], finding["count"], finding["left_out"]) == ("GEN-02", 1, 0)
    assert finding["places"][0]["pointer"] == "/records/0/title"


def test_the_analyst_sees_the_verdict_and_its_figures_but_no_findings(client, judged):
    answer = client.get(VERDICT, as_="RCC-ANALYST")
    assert VerdictResponse().validate(answer.json) == {}
    assert answer.json["counts"]["error"] == 1
    assert answer.json["rules"]["GEN-02"]["failed"] == 1
    assert "findings" not in answer.json
    assert "Not Applicable" not in answer.text
    assert client.get(f"{VERDICT}/report", as_="RCC-ANALYST").status_code == 403


@pytest.mark.parametrize("code", STRANGERS)
def test_anothers_verdict_looks_like_one_that_does_not_exist(client, judged, code):
    for path in ("", "/history", "/report", "/report?format=html", "?version=1&verdict=1"):
        foreign = client.get(f"{VERDICT}{path}", as_=code)
        missing = client.get(f"/validation/v1/verdicts/{submission_id(2)}{path}", as_=code)
        assert foreign.status_code == missing.status_code == 404, path
        assert {**foreign.json, "instance": ""} == {**missing.json, "instance": ""}, path


def test_a_member_has_no_coordinator_who_sees_its_verdicts(client, settled):
    assert client.get(VERDICT, as_="UNODC").status_code == 200
    assert client.get(VERDICT, as_="AL-NC").status_code == 404


def test_a_verdict_needs_a_token(client, judged):
    assert client.get(VERDICT, as_=None).status_code == 401


def test_older_verdicts_can_be_looked_at(client, settled):
    def shown(query: str = "") -> tuple[int, int, str, str]:
        verdict = client.get(f"{VERDICT}{query}", as_="UNODC").json
        return verdict["version"], verdict["verdict"], verdict["outcome"], verdict["reason"]

    assert shown() == shown("?version=2") == (2, 2, "accepted", "references_changed")
    assert shown("?version=2&verdict=1") == shown("?verdict=1") == (2, 1, "accepted", "data_changed")
    assert shown("?version=1") == (1, 1, "returned", "first")
    first, second = (client.get(f"{VERDICT}?verdict={number}", as_="UNODC").json for number in (1, 2))
    assert {"GEN-28"} == {each["rule"] for each in first["findings"]} - {
        each["rule"] for each in second["findings"]
    }


def test_a_verdict_that_was_not_given_is_not_found(client, settled):
    for query in ("?version=3", "?verdict=3", "?version=1&verdict=2"):
        for path in (query, f"/report{query}"):
            assert client.get(f"{VERDICT}{path}", as_="UNODC").status_code == 404, path


def test_a_verdict_that_cannot_be_is_not_asked_for(client, judged):
    for query in ("?version=0", "?verdict=x", "?version=99999999999", "?which=1", "?format=csv"):
        assert client.get(f"{VERDICT}{query}", as_="AL-WBCTi").status_code == 422, query


def test_the_history_says_of_each_verdict_why_it_was_given(client, settled):
    answer, *others = (
        client.get(f"{VERDICT}/history", as_=code) for code in ("UNODC", "RCC-ANALYST", "SECRETARIAT")
    )
    assert all(other.json == answer.json for other in others)
    assert VerdictHistory().validate(answer.json) == {}
    told = [
        (each["version"], each["verdict"], each["outcome"], each["reason_text"])
        for each in answer.json["items"]
    ]
    assert told == [
        (2, 2, "accepted", "a record that you refer to changed"),
        (2, 1, "accepted", "your data changed"),
        (1, 1, "returned", "the first verdict"),
    ]
    stamps = [each["stamp"]["snapshot"] for each in answer.json["items"]]
    assert stamps[0] != stamps[1] == stamps[2]


# --- Reports ----------------------------------------------------------------------------------------------------------


def test_the_report_comes_in_the_form_that_is_asked_for(client, judged):
    def asked(form: str) -> Any:
        return client.get(f"{VERDICT}/report?format={form}", as_="AL-WBCTi")

    assert FindingsReport().validate(asked("json").json) == {}
    lines = list(csv.DictReader(io.StringIO(asked("csv").data.decode("utf-8-sig"), newline="")))
    assert lines[0]["rule"] == "GEN-02"
    book = openpyxl.load_workbook(io.BytesIO(asked("xlsx").data))
    assert book["Findings"]["B2"].value == "GEN-02"
    page = asked("html").text
    for text in (
        "<h1>Returned</h1>",
        "Albania, WBCTi structure (AL-WBCTi)",
        "TLP:AMBER",
        "Needs 2025-2026, WBCTi",
    ):
        assert text in page
    for form in ("csv", "xlsx"):
        saved = asked(form).headers["Content-Disposition"]
        assert saved == f'attachment; filename="findings-{submission_id(1)}-v1-1.{form}"'
    assert "Content-Disposition" not in asked("html").headers


def test_without_a_form_the_header_accept_decides(client, judged):
    for accept, media_type in (
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("text/csv", "text/csv"),
        ("application/json, text/csv;q=0.5", "application/json"),
        ("text/csv;q=0.2, text/html;q=0.7", "text/html"),
        ("text/csv;q=0", "application/json"),
        ("text/csv;q=0, */*", "application/json"),
        ("text/csv;q=much", "application/json"),
        ("*/*", "application/json"),
        ("image/png", "application/json"),
        ("", "application/json"),
    ):
        answer = client.get(f"{VERDICT}/report", as_="AL-WBCTi", headers={"Accept": accept})
        assert (answer.status_code, answer.mimetype) == (200, media_type), accept
        assert "Accept" in answer.headers["Vary"]
        assert "private" in answer.headers["Cache-Control"]


def test_a_page_may_run_and_fetch_nothing(client, judged):
    for path in (f"{VERDICT}/report?format=html", "/validation/v1/rulesets/WBCTi.html"):
        policy = client.get(path, as_="AL-WBCTi").headers["Content-Security-Policy"]
        assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_the_page_of_a_report_leads_to_the_rules_of_its_day(client, judged):
    stamp = client.get(VERDICT, as_="AL-WBCTi").json["stamp"]["ruleset"]
    page = client.get(f"{VERDICT}/report?format=html", as_="AL-WBCTi").text
    path = f"/validation/v1/rulesets/WBCTi.html?version={stamp['version'].replace('+', '%2B')}"
    assert f'href="http://127.0.0.1:8000{path}#GEN-02"' in page
    rules = client.get(path, as_=None)
    assert rules.status_code == 200
    assert stamp["hash"] in rules.text


def test_a_report_that_was_read_before_is_not_sent_again(client, judged):
    for form in ("json", "csv", "html", "xlsx"):
        path = f"{VERDICT}/report?format={form}"
        etag = client.get(path, as_="AL-WBCTi").headers["ETag"]
        again = client.get(path, as_="AL-WBCTi", headers={"If-None-Match": etag})
        assert again.status_code == 304, form


def test_there_is_no_other_form(client, judged):
    assert client.get(f"{VERDICT}/report?format=pdf", as_="AL-WBCTi").status_code == 422


# --- Checks -----------------------------------------------------------------------------------------------------------


def test_a_check_says_what_the_verdict_then_says(client, validation):
    records = [
        WRONG,
        {**NEED, "ref": "CT-002", "estimated_cost": -1, "unknown": 1},
        {**NEED, "ref": "CT-002"},
    ]
    checked = check(client, *records)
    assert checked.status_code == 200
    assert PreviewResponse().validate(checked.json) == {}
    validation.submit(*records)
    assert checked.json == client.get(f"{VERDICT}/report", as_="AL-WBCTi").json
    assert checked.json["outcome"] == "returned"


def test_a_check_looks_up_what_others_reported(client, validation):
    support = {**BODY, "kind": "support", "period": "2026", "as_": "UNODC"}
    unknown = {each["rule"] for each in check(client, SUPPORT, **support).json["findings"]}
    validation.submit(NEED)
    known = {each["rule"] for each in check(client, SUPPORT, **support).json["findings"]}
    assert unknown - known == {"GEN-28"}


def test_a_check_needs_no_idempotency_key_and_may_be_asked_again(client):
    first, second = check(client, NEED), check(client, NEED)
    assert first.status_code == second.status_code == 200
    assert first.json == second.json


def test_a_check_comes_in_each_form_too(client):
    page = check(client, WRONG, query="?format=html").text
    assert "<h1>This would be returned</h1>" in page
    assert "Then check again, or submit." in page
    assert "GEN-02" in check(client, WRONG, query="?format=csv").text
    saved = check(client, WRONG, query="?format=xlsx")
    assert saved.headers["Content-Disposition"] == 'attachment; filename="check.xlsx"'
    assert openpyxl.load_workbook(io.BytesIO(saved.data))["Findings"]["B2"].value == "GEN-02"
    assert check(client, WRONG, query="?format=csv&outcomes=all").status_code == 422


def test_a_check_can_say_how_each_rule_came_out_for_which_records(client):
    records = [NEED, WRONG, "no record", {**NEED, "ref": "CT-004", "title": 5}]
    assert "by_record" not in check(client, *records).json
    answer = check(client, *records, query="?outcomes=all").json
    assert PreviewResponse().validate(answer) == {}
    found = answer["by_record"]
    assert found["GEN-02"] == {"passed": [0], "failed": [1], "skipped": {"broken": [2, 3]}, "errored": []}
    assert found["STR-01"]["failed"] == [2]
    for rule, outcomes in found.items():
        counts = answer["rules"][rule]
        assert len(outcomes["passed"]) == counts["passed"], rule
        assert {why: len(outcomes["skipped"].get(why, ())) for why in counts["skipped"]} == counts[
            "skipped"
        ], rule


def test_a_check_takes_so_many_records_and_says_what_would_pass(client):
    for count, said in ((0, "this body has 0"), (2_001, "this body has 2,001")):
        answer = check(client, *({"ref": str(number)} for number in range(count)))
        assert answer.status_code == 422
        (fault,) = answer.json["errors"]
        assert fault["pointer"] == "/records"
        assert said in fault["message"]
        assert "At most 2,000" in fault["expected"]


def test_classified_text_is_not_even_checked(client):
    for record, pointer in (
        ({**NEED, "description": "RESTREINT UE"}, "/records/0/description"),
        ({**NEED, "RESTREINT UE": 1}, "/records/0/…"),
        ({**NEED, "training": {"a/b~c": ["NATO SECRET"]}}, "/records/0/training/…/0"),
        ("RESTREINT UE", "/records/0"),
    ):
        answer = check(client, record)
        assert (answer.status_code, answer.json["type"]) == (422, "urn:iisgd:problem:text-is-classified")
        assert f"The text at {pointer} carries the marking" in answer.json["detail"]


def test_only_what_could_be_handed_in_can_be_checked(client):
    for code, about in (
        ("AL-WBCTi", {"pillar": "WBBSi"}),
        ("UNODC", {"kind": "need"}),
        ("AL-NC", {}),
        ("RCC-ANALYST", {}),
        ("SECRETARIAT", {}),
    ):
        assert check(client, NEED, as_=code, **about).status_code == 403, code


def test_a_body_that_the_door_would_refuse_is_refused(client):
    for about in (
        {"pillar": "WBX"},
        {"kind": "wish"},
        {"period": "2026"},
        {"tlp": "TLP:WHITE"},
        {"reporter": "BA-WBCTi"},
    ):
        assert check(client, NEED, **about).status_code == 422, about


def test_a_correction_can_be_checked_and_a_pillar_be_spelt_as_at_the_door(client):
    supersedes = {"submission": submission_id(1), "version": 1}
    assert check(client, NEED, pillar="wbcti", supersedes=supersedes).json["outcome"] == "accepted"


ODD = (
    *(None, True, 0, "", [], {}, [[[]]], {"ref": None}, {"ref": []}, {"": {"": ""}}),
    *({**NEED, "ref": each} for each in (10**300, "x" * 1_000_000, {"ref": "x"}, "\u202e", "=1+1")),
    *({**NEED, "target_date": each} for each in ("0000-00-00", "0000-01-01", "9999-12-31", 1e308, -(10**40))),
    *({**NEED, "estimated_cost": each} for each in ("1", 1e308, -(10**40), True)),
    *({**NEED, "training": each} for each in ({}, [], {"urgency": "1"}, {"topic": ["x"] * 10_000})),
    {**NEED, "capabilities": [[["x"]]] * 3_000},
)


def test_whatever_a_record_is_a_check_answers_in_every_part(client):
    for record in ODD:
        answer = check(client, record, query="?outcomes=all")
        assert answer.status_code == 200, repr(record)[:100]
        assert PreviewResponse().validate(answer.json) == {}, repr(record)[:100]
        assert answer.json["outcomes"]["errored"] == 0, repr(record)[:100]
