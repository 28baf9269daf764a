"""When a mapping is collected: what is taken, what is taken late, and what is said to those who are refused."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from services.entry.app import SERVICE
from services.entry.audit.store import entries
from services.entry.windows import store
from services.entry.windows.domain import (
    Window,
    WindowException,
    WindowIsClosed,
    check_open,
    is_late,
    lateness_note,
)
from shared.events import DeadlineSet
from tests.conftest import NOW
from tests.entry.conftest import need, window
from tests.in_process import MEETING, NEEDS, installed

PATH = "/entry/v1/submissions"
WINDOW = Window(
    "w", "need", "2025-2026", date(2026, 9, 1), date(2026, 12, 31), sequence=1, due_on=date(2026, 11, 30)
)
EXCEPTION = WindowException(
    "e", "AL-WBCTi", "need", "2025-2026", "SECRETARIAT", NOW, date(2027, 1, 15), "The ministry moved."
)


def deadline(*, due_on: str = "2026-11-30", sequence: int = 1) -> DeadlineSet:
    """When needs of 2025-2026 are due."""
    code = window().window
    return DeadlineSet(
        deadline=code, kind="need", period="2025-2026", due_on=due_on, meeting="board-8", sequence=sequence
    )


def check(*windows, on, kind="need", period="2025-2026", exceptions=()):
    check_open(windows, kind=kind, period=period, today=on, exceptions=exceptions, reporter="AL-WBCTi")


def refusal(*windows, on, **facts):
    with pytest.raises(WindowIsClosed) as refused:
        check(*windows, on=on, **facts)
    return refused.value


# --- The rules of the game --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "phase"),
    [
        (date(2026, 8, 31), "before"),
        (date(2026, 9, 1), "open"),
        (date(2026, 11, 30), "open"),
        (date(2026, 12, 1), "grace"),
        (date(2026, 12, 31), "grace"),
        (date(2027, 1, 1), "locked"),
    ],
)
def test_a_window_has_its_phases_and_each_includes_its_last_day(on, phase):
    assert WINDOW.phase(on) == phase
    assert is_late([WINDOW], kind="need", period="2025-2026", on=on) == (on > date(2026, 11, 30))
    if phase in ("open", "grace"):
        check(WINDOW, on=on)
    else:
        refusal(WINDOW, on=on)


def test_a_refusal_before_opening_says_until_when_it_refuses_and_who_can_open():
    refused = refusal(WINDOW, on=date(2026, 8, 31))
    assert str(refused) == (
        "The need mapping of 2025-2026 is not open yet: it opens on 2026-09-01 and closes on 2026-12-31. "
        "Its deadline is 2026-11-30. Days are those of Europe/Tirane. The IISG Secretariat can open it for you: "
        "request an exception for AL-WBCTi, and name the last day on which you need it."
    )
    assert refused.facts == {
        "rule": "not-open-yet",
        "since": None,
        "until": date(2026, 8, 31),
        "opens_on": date(2026, 9, 1),
        "due_on": date(2026, 11, 30),
        "closes_on": date(2026, 12, 31),
        "time_zone": "Europe/Tirane",
        "who": "IISG Secretariat",
    }


def test_a_refusal_of_what_is_locked_says_since_when():
    refused = refusal(WINDOW, on=date(2027, 3, 1))
    assert "has been locked since 2027-01-01: it was open from 2026-09-01 until 2026-12-31." in str(refused)
    assert "Its deadline was 2026-11-30." in str(refused)
    assert (refused.facts["rule"], refused.facts["since"]) == ("locked", date(2027, 1, 1))
    assert refused.facts["until"] is None


def test_a_window_of_another_period_opens_nothing():
    refused = refusal(WINDOW, on=date(2026, 10, 1), period="2023-2024")
    assert "No collection window has been set for the need mapping of 2023-2024 yet." in str(refused)
    assert (refused.facts["rule"], refused.facts["opens_on"]) == ("no-window", None)


def test_a_window_whose_deadline_is_not_known_yet_is_open_to_its_end():
    told_first = Window("w", "need", "2025-2026", date(2026, 9, 1), date(2026, 12, 31), sequence=1)
    check(told_first, on=date(2026, 12, 31))
    assert not is_late([told_first], kind="need", period="2025-2026", on=date(2026, 12, 31))
    assert "deadline" not in str(refusal(told_first, on=date(2027, 1, 1)))


def test_support_is_taken_at_any_time_and_is_never_late():
    check(on=date(2026, 1, 1), kind="support", period="2026")
    past = Window("s", "support", "2026", date(2026, 1, 1), date(2026, 2, 1), 1, due_on=date(2026, 1, 31))
    check(past, on=date(2026, 6, 1), kind="support", period="2026")
    assert past.phase(date(2026, 6, 1)) == "open"
    assert not is_late([past], kind="support", period="2026", on=date(2026, 6, 1))


@pytest.mark.parametrize("windows", [(), (WINDOW,)], ids=["no window", "a window"])
@pytest.mark.parametrize("on", [date(2026, 8, 1), date(2027, 1, 15)])
def test_an_exception_opens_a_mapping_that_is_locked_or_not_open_or_was_never_set(windows, on):
    check(*windows, on=on, exceptions=[EXCEPTION])


@pytest.mark.parametrize(
    "other",
    [
        {"reporter": "RS-WBCTi"},
        {"kind": "response"},
        {"period": "2023-2024"},
        {"expires_on": date(2027, 1, 14)},
        {"ended_at": NOW},
    ],
    ids=str,
)
def test_an_exception_opens_one_mapping_to_one_reporter_until_it_is_over(other):
    exception = WindowException(**vars(EXCEPTION) | other)
    refusal(WINDOW, on=date(2027, 1, 15), exceptions=[exception])


def test_what_came_late_is_told_so_with_both_days():
    assert lateness_note(WINDOW, on=date(2026, 12, 1), reporter="AL-WBCTi") == (
        "received late: the deadline was 2026-11-30, late submissions are accepted until 2026-12-31 "
        "(Europe/Tirane)"
    )


def test_of_what_came_late_for_a_deadline_that_moved_since_no_day_is_told():
    moved = replace(WINDOW, due_on=date(2026, 12, 15))
    assert lateness_note(moved, on=date(2026, 12, 1), reporter="AL-WBCTi") == "received late"


# --- What notify tells ------------------------------------------------------------------------------------------------


def told(entry, runtime_of, deliver, *events):
    for event in events:
        deliver(runtime_of("entry"), SERVICE, event)
    (item,) = entry.get("/entry/v1/windows", as_="AL-WBCTi").json["items"]
    return item


def noted(runtime):
    with runtime.database.read() as tx:
        rows = tx.execute(select(entries).order_by(entries.c.id)).all()
    return [(row.action, row.actor, row.reporter, row.detail) for row in rows]


def test_each_window_is_shown_with_its_days_and_how_it_stands_today(entry, runtime_of, deliver, clock):
    item = told(entry, runtime_of, deliver, deadline())
    assert item == {
        "kind": "need",
        "period": "2025-2026",
        "phase": "open",
        "opens_on": "2026-09-01",
        "due_on": "2026-11-30",
        "closes_on": "2026-12-31",
        "exception": None,
        "time_zone": "Europe/Tirane",
    }
    clock.advance(timedelta(days=8))
    assert told(entry, runtime_of, deliver)["phase"] == "grace"
    clock.advance(timedelta(days=31))
    assert told(entry, runtime_of, deliver)["phase"] == "locked"


def test_a_window_is_shown_only_to_those_who_report_its_mapping_or_look_at_all(entry):
    kinds = {
        code: [item["kind"] for item in entry.get("/entry/v1/windows", as_=code).json["items"]]
        for code in ("AL-WBCTi", "UNODC", "AL-NC", "RCC-ANALYST", "SECRETARIAT")
    }
    assert kinds.pop("UNODC") == []
    assert set(map(tuple, kinds.values())) == {("need",)}


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_of_two_deadlines_the_later_word_holds_whichever_is_heard_first(entry, runtime_of, deliver, order):
    words = {1: deadline(), 2: deadline(due_on="2026-12-10", sequence=2)}
    item = told(entry, runtime_of, deliver, *(words[number] for number in order))
    assert item["due_on"] == "2026-12-10"


def test_a_deadline_that_is_told_before_its_window_is_kept_for_it(client_of, runtime_of, deliver):
    item = told(client_of("entry"), runtime_of, deliver, deadline(), window())
    assert (item["opens_on"], item["due_on"]) == ("2026-09-01", "2026-11-30")


def test_days_that_changed_are_noted_for_everybody_and_first_days_are_not(entry, runtime_of, deliver):
    told(
        entry,
        runtime_of,
        deliver,
        deadline(),
        deadline(sequence=2),
        deadline(due_on="2026-12-10", sequence=3),
        window(sequence=2),
        window(closes_on="2027-01-31", sequence=3),
        window(closes_on="2026-10-01", sequence=2),
    )
    mapping = {"kind": "need", "period": "2025-2026"}
    assert noted(runtime_of("entry")) == [
        (
            "deadline.changed",
            "iisgd",
            None,
            mapping | {"deadline": "need/2025-2026", "was": "2026-11-30", "now": "2026-12-10"},
        ),
        (
            "window.changed",
            "iisgd",
            None,
            mapping
            | {
                "window": "need/2025-2026",
                "was": {"opens_on": "2026-09-01", "closes_on": "2026-12-31"},
                "now": {"opens_on": "2026-09-01", "closes_on": "2027-01-31"},
            },
        ),
    ]


# --- What a reporter meets --------------------------------------------------------------------------------------------


def test_a_refusal_has_members_that_a_program_can_read(entry, runtime_of, deliver, clock):
    deliver(runtime_of("entry"), SERVICE, deadline())
    clock.advance(timedelta(days=60))
    answer = entry.post(PATH, json=need(), as_="AL-WBCTi")
    assert answer.status_code == 403
    assert answer.json["type"] == "urn:iisgd:problem:window-is-closed"
    facts = {
        "rule": "locked",
        "since": "2027-01-01",
        "until": None,
        "opens_on": "2026-09-01",
        "due_on": "2026-11-30",
        "closes_on": "2026-12-31",
        "time_zone": "Europe/Tirane",
        "who": "IISG Secretariat",
    }
    assert {name: answer.json[name] for name in facts} == facts
    problem = entry.http.get("/entry/v1/openapi.json").json["components"]["schemas"]["Problem"]
    assert answer.json.keys() <= problem["properties"].keys()


def test_what_comes_in_grace_is_taken_and_said_to_be_late(entry, runtime_of, deliver, clock):
    deliver(runtime_of("entry"), SERVICE, deadline())
    in_time = entry.post(PATH, json=need(), as_="AL-WBCTi")
    clock.advance(timedelta(days=8))
    late = entry.post(PATH, json=need(), as_="RS-WBCTi")
    assert [(answer.status_code, answer.json["late"]) for answer in (in_time, late)] == [
        (202, False),
        (202, True),
    ]
    received = entry.get(late.headers["Location"], as_="RS-WBCTi").json["timeline"][0]
    assert received["text"] == lateness_note(WINDOW, on=date(2026, 12, 1), reporter="RS-WBCTi")
    assert "text" not in entry.get(in_time.headers["Location"], as_="AL-WBCTi").json["timeline"][0]


def test_when_a_mapping_is_locked_nothing_of_it_changes(entry, clock):
    made = entry.post(PATH, json=need(), as_="AL-WBCTi").json
    clock.advance(timedelta(days=60))
    corrected = entry.post(
        PATH, json=need(supersedes={"submission": made["id"], "version": 1}), as_="AL-WBCTi"
    )
    withdrawn = entry.post(
        f"{PATH}/{made['id']}/withdrawal", json={"version": 1, "reason": "Sent twice"}, as_="AL-WBCTi"
    )
    assert [answer.json["rule"] for answer in (corrected, withdrawn)] == ["locked", "locked"]
    assert entry.get(f"{PATH}/{made['id']}", as_="AL-WBCTi").json["version"] == 1


def test_a_meeting_that_is_moved_opens_what_was_locked(settings, clock):
    with installed(settings, clock) as installation:
        client = installation.client

        def item():
            (found,) = client.get("/entry/v1/windows", as_="AL-WBCTi").json["items"]
            return found["phase"], found["due_on"]

        assert item() == ("open", "2026-11-30")
        clock.advance(timedelta(days=30))
        assert item() == ("locked", "2026-11-30")
        etag = client.get("/notify/v1/meetings/board-8", as_="SECRETARIAT").headers["ETag"]
        moved = client.put(
            "/notify/v1/meetings/board-8",
            json=MEETING | {"held_on": "2027-01-10"},
            as_="SECRETARIAT",
            headers={"If-Match": etag},
        )
        assert moved.status_code == 200, moved.text
        installation.settle()
        assert item() == ("open", "2026-12-26")
        assert client.post(PATH, json=NEEDS, as_="AL-WBCTi").status_code == 202


def test_a_window_closes_at_midnight_where_the_reporter_is(entry, clock):
    clock.moment = datetime(2026, 12, 31, 22, 59, tzinfo=UTC)
    assert entry.post(PATH, json=need(), as_="AL-WBCTi").status_code == 202
    clock.moment = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
    refused = entry.post(PATH, json=need(), as_="RS-WBCTi")
    assert (refused.status_code, refused.json["rule"], refused.json["time_zone"]) == (
        403,
        "locked",
        "Europe/Belgrade",
    )


def test_a_calendar_that_is_read_on_every_request_has_only_the_exceptions_that_may_hold(entry, runtime_of):
    runtime = runtime_of("entry")
    with runtime.database.begin() as tx:
        for id_, change in (
            ("holds", {}),
            ("expired", {"expires_on": NOW.date() - timedelta(days=2)}),
            ("ended", {"ended_at": NOW, "ended_by": "SECRETARIAT", "end_reason": "It came."}),
        ):
            store.insert_exception(tx, WindowException(**vars(EXCEPTION) | change | {"id": id_}))
    with runtime.database.read() as tx:
        calendar = store.get_calendar(tx)
    assert [each.id for each in calendar.exceptions] == ["holds"]
