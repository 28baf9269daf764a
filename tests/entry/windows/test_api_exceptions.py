"""Exceptions: who may hand in outside a window, until when, and who is told of it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from services.entry.audit.store import entries
from tests.conftest import NOW
from tests.entry.conftest import need

PATH = "/entry/v1/exceptions"
SUBMISSIONS = "/entry/v1/submissions"
LOCKED = timedelta(days=60)
"""After so many days the window of the needs is closed."""


def exception(**changes):
    return {
        "reporter": "AL-WBCTi",
        "kind": "need",
        "period": "2025-2026",
        "expires_on": "2027-02-01",
        "reason": "The ministry was reorganised in December.",
    } | changes


def grant(entry, **changes):
    return entry.post(PATH, json=exception(**changes), as_="SECRETARIAT")


def end(entry, id_, *, as_="SECRETARIAT"):
    return entry.post(f"{PATH}/{id_}/end", json={"reason": "It came in after all."}, as_=as_)


def hand_in(entry, *, as_="AL-WBCTi", **changes):
    return entry.post(SUBMISSIONS, json=need(**changes), as_=as_).status_code


def test_an_exception_opens_a_locked_mapping_to_one_reporter_at_once(entry, clock):
    clock.advance(LOCKED)
    assert hand_in(entry) == 403
    granted = grant(entry)
    assert granted.status_code == 201, granted.text
    assert hand_in(entry) == 202
    assert hand_in(entry, as_="RS-WBCTi") == 403


def test_an_exception_opens_its_mapping_on_its_last_day_and_no_longer(entry, clock):
    clock.advance(LOCKED)
    grant(entry, expires_on=(NOW + LOCKED).date().isoformat())
    assert hand_in(entry) == 202
    clock.advance(timedelta(days=1))
    assert hand_in(entry) == 403
    assert entry.get(PATH, as_="AL-WBCTi").json["items"][0]["state"] == "expired"


def test_an_exception_opens_a_mapping_that_has_no_window(entry):
    assert hand_in(entry, period="2023-2024") == 403
    grant(entry, period="2023-2024")
    assert hand_in(entry, period="2023-2024") == 202
    shown = entry.get("/entry/v1/windows", as_="AL-WBCTi").json["items"]
    assert [(item["period"], item["phase"]) for item in shown] == [
        ("2025-2026", "open"),
        ("2023-2024", "unset"),
    ]
    assert shown[1]["exception"]["expires_on"] == "2027-02-01"
    assert len(entry.get("/entry/v1/windows", as_="RS-WBCTi").json["items"]) == 1


def test_an_exception_opens_corrections_and_withdrawals_too(entry, clock):
    made = entry.post(SUBMISSIONS, json=need(), as_="AL-WBCTi").json
    clock.advance(LOCKED)
    grant(entry)
    assert (
        hand_in(
            entry, supersedes={"submission": made["id"], "version": 1}, records=[{"ref": "2", "title": "x"}]
        )
        == 202
    )
    body = {"version": 2, "reason": "Sent for the wrong pillar"}
    withdrawn = entry.post(f"{SUBMISSIONS}/{made['id']}/withdrawal", json=body, as_="AL-WBCTi")
    assert withdrawn.status_code == 200, withdrawn.text


def test_an_exception_that_was_ended_opens_nothing_any_more(entry, clock):
    clock.advance(LOCKED)
    made = grant(entry).json
    ended = end(entry, made["id"])
    assert ended.status_code == 200, ended.text
    assert (ended.json["state"], ended.json["ended_by"]) == ("ended", "SECRETARIAT")
    assert ended.json["end_reason"] == "It came in after all."
    assert hand_in(entry) == 403
    again = end(entry, made["id"])
    assert (again.status_code, again.json["title"]) == (409, "The exception is over")
    assert again.json["detail"] == "The exception was revoked by SECRETARIAT; it no longer opens the mapping."


def test_an_exception_that_has_expired_cannot_be_ended(entry, clock):
    made = grant(entry, expires_on=NOW.date().isoformat()).json
    clock.advance(timedelta(days=1))
    assert (
        end(entry, made["id"]).json["detail"] == "The exception has expired; it no longer opens the mapping."
    )


def test_an_exception_that_was_never_made_is_not_found(entry):
    assert end(entry, "00000000-0000-7000-8000-000000000000").status_code == 404


@pytest.mark.parametrize(
    ("change", "pointer", "words"),
    [
        ({"reporter": "XX-WBCTi"}, "/reporter", "There is no reporter 'XX-WBCTi'."),
        ({"reporter": "AL-NC"}, "/kind", "AL-NC does not report the need mapping."),
        ({"reporter": "UNODC"}, "/kind", "UNODC does not report the need mapping."),
        ({"kind": "support", "period": "2026"}, "/kind", "always open"),
        ({"period": "2026"}, "/period", "'2026' is not a valid period of the need mapping."),
        ({"expires_on": "2026-11-22"}, "/expires_on", "2026-11-22 is not an allowed last day."),
        ({"expires_on": "2027-11-24"}, "/expires_on", "2027-11-24 is not an allowed last day."),
        ({"reason": "-"}, "/reason", "Length must be between 3 and 1000."),
    ],
)
def test_what_cannot_be_right_in_an_exception_is_named_by_pointer(entry, change, pointer, words):
    answer = grant(entry, **change)
    assert answer.status_code == 422
    (fault,) = answer.json["errors"]
    assert fault["pointer"] == pointer
    assert words in fault["message"]
    assert entry.get(PATH, as_="SECRETARIAT").json["items"] == []


def test_a_classified_reason_is_refused(entry):
    answer = grant(entry, reason="See the annex, RESTREINT UE/EU RESTRICTED")
    assert (answer.status_code, answer.json["title"]) == (422, "The text is classified")


def test_exceptions_are_seen_by_whom_they_concern(entry):
    for reporter in ("AL-WBCTi", "AL-WBBSi", "RS-WBCTi"):
        assert grant(entry, reporter=reporter).status_code == 201
    assert grant(entry, reporter="UNODC", kind="response", period="2026").status_code == 201
    seen = {
        reader: [item["reporter"] for item in entry.get(PATH, as_=reader).json["items"]]
        for reader in ("AL-WBCTi", "AL-NC", "RS-NC", "UNODC", "SECRETARIAT")
    }
    assert seen == {
        "AL-WBCTi": ["AL-WBCTi"],
        "AL-NC": ["AL-WBBSi", "AL-WBCTi"],
        "RS-NC": ["RS-WBCTi"],
        "UNODC": ["UNODC"],
        "SECRETARIAT": ["UNODC", "RS-WBCTi", "AL-WBBSi", "AL-WBCTi"],
    }


def test_the_list_of_exceptions_has_pages(entry):
    made = [grant(entry).json["id"] for _ in range(3)]
    first = entry.get(f"{PATH}?limit=2", as_="AL-WBCTi").json
    rest = entry.get(f"{PATH}?limit=2&after={first['next']}", as_="AL-WBCTi").json
    assert [item["id"] for item in first["items"] + rest["items"]] == made[::-1]
    assert rest["next"] is None


def test_of_two_exceptions_the_longer_one_holds(entry, clock):
    grant(entry)
    short = grant(entry, expires_on="2026-12-01").json
    (item,) = entry.get("/entry/v1/windows", as_="AL-WBCTi").json["items"]
    assert item["exception"]["expires_on"] == "2027-02-01"
    end(entry, short["id"])
    clock.advance(LOCKED)
    assert hand_in(entry) == 202


def test_an_exception_and_its_end_are_in_the_audit_log(entry, runtime_of):
    made = grant(entry).json
    end(entry, made["id"])
    with runtime_of("entry").database.read() as tx:
        rows = tx.execute(select(entries).order_by(entries.c.id)).all()
    detail = {
        "exception": made["id"],
        "kind": "need",
        "period": "2025-2026",
        "expires_on": "2027-02-01",
    }
    assert [(row.action, row.actor, row.reporter, row.partner, row.detail) for row in rows] == [
        (
            "window.exception_granted",
            "SECRETARIAT",
            "AL-WBCTi",
            "AL",
            detail | {"reason": "The ministry was reorganised in December."},
        ),
        (
            "window.exception_ended",
            "SECRETARIAT",
            "AL-WBCTi",
            "AL",
            detail | {"reason": "It came in after all."},
        ),
    ]
