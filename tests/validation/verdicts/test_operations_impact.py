"""The preview of a draft's impact equals the effect of publishing it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from services.validation.findings import store
from services.validation.rulesets.operations import publishing
from services.validation.rulesets.operations.files import read_ruleset
from services.validation.verdicts import tasks
from services.validation.verdicts.operations import exemptions
from services.validation.verdicts.operations import impact as operations_impact
from services.validation.verdicts.operations.impact import Impact
from services.validation.verdicts.store import submission_states as store_submissions
from shared.identity.callers import Caller
from tests.in_process import COLLECTION, NEEDS, SUPPORTS, Installation, installed
from tests.validation.conftest import NEED, RESPONSE, SUPPORT
from tests.validation.drafts import STRICT, draft

LOW = NEED | {"ref": "CT-002", "priority_level": "low"}
NAMELESS = NEED | {"ref": "CT-003", "title": "Not Applicable"}
RESPONSES = {
    "pillar": "WBCTi",
    "kind": "response",
    "period": "2026",
    "tlp": "TLP:AMBER",
    "records": [RESPONSE],
}


@pytest.fixture
def installation(settings, clock) -> Iterator[Installation]:
    with installed(settings, clock) as made:
        path, body = "/notify/v1/collections/response-2026", {"kind": "response", "period": "2026"}
        assert made.client.put(path, json=COLLECTION | body, as_="SECRETARIAT").status_code == 201
        made.settle()
        yield made


def preview(installation: Installation, content: bytes) -> Impact:
    runtime = installation.runtimes["validation"]
    with runtime.database.read() as tx:
        return operations_impact.preview_impact(
            tx,
            blobs=runtime.blobs,
            draft=read_ruleset(content),
            on=tx.now.date(),
            judged=lambda _done, _of: None,
        )


def publish_and_judge_again(installation: Installation, content: bytes) -> None:
    """Publish a draft, and handle all consequences."""
    runtime = installation.runtimes["validation"]
    with runtime.database.begin() as tx:
        publishing.publish_ruleset(
            tx, blobs=runtime.blobs, content=content, in_force_from=tx.now.date(), by="SECRETARIAT"
        )
    tasks.apply_publications(runtime)
    for _ in range(4):
        installation.settle()
        tasks.settle_links(runtime)


def outcomes(installation: Installation, submissions: dict[str, str]) -> dict[str, str]:
    with installation.runtimes["validation"].database.read() as tx:
        found = {name: store_submissions.find_state(tx, each) for name, each in submissions.items()}
    return {name: state.outcome for name, state in found.items()}


def turned(impact: Impact, submissions: dict[str, str]) -> dict[str, str]:
    """Return the outcome changes of a preview by the submissions' names."""
    names = {each: name for name, each in submissions.items()}
    said = {names[turn.submission]: "returned" for turn in impact.returned}
    return said | {names[turn.submission]: "accepted" for turn in impact.accepted}


def hand_in(installation: Installation) -> dict[str, str]:
    """Submit for several reporters, in every state."""

    def needs(*records: Any) -> dict[str, Any]:
        return NEEDS | {"records": list(records)}

    submitted = {
        "urgent": installation.hand_in(needs(NEED)),
        "modest": installation.hand_in(needs(LOW, NEED), as_="XK-WBCTi"),
        "modest too": installation.hand_in(needs(LOW, LOW | {"ref": "CT-004"}), as_="RS-WBCTi"),
        "nameless": installation.hand_in(needs(NAMELESS), as_="ME-WBCTi"),
        "both": installation.hand_in(needs(NAMELESS, LOW), as_="MK-WBCTi"),
        "with warnings only": installation.hand_in(needs(NEED | {"title": "Cars"}), as_="BA-WBCTi"),
        "another pillar's": installation.hand_in(SUPPORTS | {"pillar": "WBCSCi"}, as_="EC"),
        "of a response": installation.hand_in(RESPONSES),
        "of support": installation.hand_in(SUPPORTS, as_="EC"),
        "withdrawn": installation.hand_in(SUPPORTS, as_="UNODC"),
    }
    path = f"/entry/v1/submissions/{submitted['withdrawn']}/withdrawal"
    withdrawal = {"version": 1, "reason": "Sent twice"}
    assert installation.client.post(path, json=withdrawal, as_="UNODC").status_code == 200
    installation.settle()
    return submitted


def test_a_stricter_draft_returns_exactly_what_its_preview_says(installation):
    submitted = hand_in(installation)
    before = outcomes(installation, submitted)
    content = draft(add=[STRICT])
    impact = preview(installation, content)
    assert outcomes(installation, submitted) == before
    assert turned(impact, submitted) == {"modest": "returned", "modest too": "returned"}
    assert [(turn.reporter, turn.rules) for turn in impact.returned] == [
        ("XK-WBCTi", {"WBCTi-90": 1}),
        ("RS-WBCTi", {"WBCTi-90": 2}),
    ]
    publish_and_judge_again(installation, content)
    assert outcomes(installation, submitted) == before | turned(impact, submitted)


def test_a_milder_draft_accepts_exactly_what_its_preview_says_shown_apart(installation):
    submitted = hand_in(installation)
    before = outcomes(installation, submitted)
    content = draft("general", "2026.4", change={"GEN-02": {"severity": "warning"}})
    impact = preview(installation, content)
    assert impact.returned == ()
    assert turned(impact, submitted) == {"nameless": "accepted", "both": "accepted"}
    assert [(turn.reporter, turn.rules) for turn in impact.accepted] == [
        ("ME-WBCTi", {"GEN-02": 1}),
        ("MK-WBCTi", {"GEN-02": 1}),
    ]
    publish_and_judge_again(installation, content)
    assert outcomes(installation, submitted) == before | turned(impact, submitted)


def test_who_refers_to_a_need_that_would_be_returned_is_judged_by_that_in_every_pillar(installation):
    strict_links = draft("general", "2026.4", change={"GEN-28": {"severity": "error"}})
    link = {"ref": "CT-002", "reporter": "AL-WBCTi", "coverage": "partial"}
    response = RESPONSE | {"needs": [link]}
    support = SUPPORT | {"needs": [link]}
    submitted = {
        "need": installation.hand_in(NEEDS | {"records": [LOW]}),
        "response": installation.hand_in(RESPONSES | {"records": [response]}),
        "support": installation.hand_in(SUPPORTS | {"records": [support]}, as_="UNODC"),
        "another pillar's": installation.hand_in(
            SUPPORTS | {"pillar": "WBCSCi", "records": [support | {"themes": [{"code": "empact26_drugs"}]}]},
            as_="UNODC",
        ),
        "that refers to nothing": installation.hand_in(
            SUPPORTS | {"records": [SUPPORT | {"needs": []}]}, as_="EC"
        ),
    }
    publish_and_judge_again(installation, strict_links)
    before = outcomes(installation, submitted)
    assert set(before.values()) == {"accepted"}
    impact = preview(installation, draft(add=[STRICT]))
    follow = ("need", "response", "support", "another pillar's")
    assert turned(impact, submitted) == dict.fromkeys(follow, "returned")
    publish_and_judge_again(installation, draft(add=[STRICT]))
    assert outcomes(installation, submitted) == before | turned(impact, submitted)


def test_only_open_submissions_of_the_drafts_pillars_are_judged(installation, clock):
    submitted = hand_in(installation)
    assert preview(installation, draft("WBCSCi", "2026.4")).judged == 1
    assert preview(installation, draft("general", "2026.4")).judged == len(submitted) - 1
    clock.advance(timedelta(days=23))  # the Board's meeting, which adopted the needs, was yesterday
    impact = preview(installation, draft(add=[STRICT]))
    assert turned(impact, submitted) == {}
    assert impact.judged == 1


def test_what_the_secretariat_waived_returns_nobody(installation):
    submitted = {"nameless": installation.hand_in(NEEDS | {"records": [NAMELESS]})}
    database = installation.runtimes["validation"].database
    secretariat = Caller("SECRETARIAT", "secretariat", None, ())
    with database.begin() as tx:
        [found] = store.list_by_submission(tx, submitted["nameless"])
        until = tx.now.date() + timedelta(days=30)
        exemptions.waive_finding(
            tx, caller=secretariat, finding=found.finding, reason="Agreed by phone", expires_on=until
        )
    installation.settle()
    assert outcomes(installation, submitted) == {"nameless": "accepted"}
    content = draft("general", "2026.4", change={"GEN-02": {"why": "Titles stand in tables."}})
    assert turned(preview(installation, content), submitted) == {}
    publish_and_judge_again(installation, content)
    assert outcomes(installation, submitted) == {"nameless": "accepted"}
