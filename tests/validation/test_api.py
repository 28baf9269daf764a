from collections.abc import Callable

import pytest

from services.validation.app import SERVICE
from services.validation.operations import ruleset_for
from services.validation.schemas import Rulesets, RulesetShown, VerdictShown
from shared.events import Event, SubmissionReceived
from shared.service import Runtime, Service
from tests.conftest import Client
from tests.validation.conftest import NEED, submission_id

WRONG = {**NEED, "title": "Not Applicable"}
VERDICT = f"/validation/v1/verdicts/{submission_id(1)}"


@pytest.fixture
def client(client_of: Callable[..., Client]) -> Client:
    return client_of("validation")


@pytest.fixture
def judged(
    runtime_of: Callable[[str], Runtime],
    received: Callable[..., SubmissionReceived],
    deliver: Callable[[Runtime, Service, Event], None],
) -> None:
    runtime = runtime_of("validation")
    deliver(runtime, SERVICE, received(runtime, WRONG))


def test_everybody_may_read_which_rulesets_are_in_force(client: Client) -> None:
    answer = client.get("/validation/v1/rulesets", as_=None)
    assert answer.status_code == 200
    assert Rulesets().validate(answer.json) == {}
    assert [each["name"] for each in answer.json["items"]] == ["general", "WBCTi", "WBCSCi", "WBBSi"]
    assert answer.json["items"][1]["hash"] == ruleset_for("WBCTi").stamp.hash


@pytest.mark.parametrize("name", ["general", "WBCTi", "WBCSCi", "WBBSi"])
def test_a_ruleset_is_shown_with_its_rules_examples_and_fields(client: Client, name: str) -> None:
    answer = client.get(f"/validation/v1/rulesets/{name}", as_=None)
    assert RulesetShown().validate(answer.json) == {}
    rules = {rule["id"]: rule for rule in answer.json["rules"]}
    assert len(rules) == answer.json["rule_count"]
    assert rules["GEN-04"]["assert"] == "start <= end"
    assert rules["GEN-04"]["examples"]["fails"] == [{"record": {"start": "2026-06-30", "end": "2026-02-01"}}]
    assert answer.json["fields"]["need"]["ref"]["required"] is True
    assert "STR-02" in {each["id"] for each in answer.json["structure"]}


def test_a_ruleset_that_was_read_before_is_not_sent_again(client: Client) -> None:
    path = "/validation/v1/rulesets/WBBSi"
    etag = client.get(path, as_=None).headers["ETag"]
    assert client.get(path, as_=None, headers={"If-None-Match": etag}).status_code == 304


def test_an_unknown_ruleset_is_not_found(client: Client) -> None:
    answer = client.get("/validation/v1/rulesets/fields", as_=None)
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("code", ["AL-WBCTi", "SECRETARIAT"])
def test_the_reporter_and_the_secretariat_see_the_verdict_with_its_findings(
    client: Client, judged: None, code: str
) -> None:
    answer = client.get(VERDICT, as_=code)
    assert answer.status_code == 200
    assert VerdictShown().validate(answer.json) == {}
    assert answer.json["outcome"] == "returned"
    assert answer.json["verdict"] == 1
    assert answer.json["counts"]["error"] == 1
    assert [finding["rule"] for finding in answer.json["findings"]] == ["GEN-02"]


def test_the_analyst_sees_the_verdict_and_its_counts_but_no_findings(client: Client, judged: None) -> None:
    answer = client.get(VERDICT, as_="RCC-ANALYST")
    assert VerdictShown().validate(answer.json) == {}
    assert answer.json["counts"]["error"] == 1
    assert "findings" not in answer.json


@pytest.mark.parametrize("code", ["BA-WBCTi", "AL-WBBSi", "AL-NC", "CEPOL"])
def test_anothers_verdict_looks_like_one_that_does_not_exist(client: Client, judged: None, code: str) -> None:
    foreign = client.get(VERDICT, as_=code)
    missing = client.get(f"/validation/v1/verdicts/{submission_id(2)}", as_=code)
    assert foreign.status_code == missing.status_code == 404
    assert {**foreign.json, "instance": ""} == {**missing.json, "instance": ""}


def test_a_verdict_needs_a_token(client: Client, judged: None) -> None:
    assert client.get(VERDICT, as_=None).status_code == 401
