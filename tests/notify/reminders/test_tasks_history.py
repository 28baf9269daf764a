"""The 6th Board meeting: announced for July 2021, moved to December 2021, held on 20 June 2022.

Unknown days are set to the 15th, also those on which the moves became known.
"""

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from services.notify.calendar import store
from services.notify.calendar.domain import Collection
from services.notify.calendar.operations import collections, loading, meetings
from services.notify.reminders.domain.ladder import DATE_CHANGED
from services.notify.reminders.domain.reminders import ReminderState
from shared.clock import FixedClock
from shared.reference import STRUCTURES
from shared.resources import Runtime
from tests.notify.mail_server import MailServer
from tests.notify.steps import plan_and_send, reminders, set_contact, with_server

MOVES = {date(2021, 6, 15): date(2021, 12, 15), date(2021, 11, 15): date(2022, 6, 20)}
HELD_ON = date(2022, 6, 20)
EARLY = "AL-WBCTi"
"""Submits before the first deadline."""
LATE = "RS-WBBSi"
"""Submits between the first and the second move."""
NEVER = "ME-WBCSCi"
SUBMITTED_ON = {EARLY: date(2021, 5, 20), LATE: date(2021, 11, 5)}

DUE_BY = re.compile(r"due by +\w+ (\d+ \w+ \d{4})")
NEW_DATE = re.compile(r"New date +\w+ (\d+ \w+ \d{4})")


def day_of(text: str) -> date:
    return datetime.strptime(text, "%d %B %Y").replace(tzinfo=UTC).date()


def test_the_sixth_board_meeting_replayed_day_by_day(
    runtime_of: Callable[[str], Runtime], server: MailServer, clock: FixedClock
) -> None:
    clock.moment = datetime(2021, 4, 1, 9, tzinfo=UTC)
    runtime = with_server(runtime_of("notify"), server.url)
    with runtime.database.begin() as tx:
        meeting = {
            "code": "board-6",
            "body": "board",
            "title": "6th Board meeting",
            "held_on": date(2021, 7, 15),
        }
        loading.load_calendar(tx, calendar={"meetings": [meeting]}, now=clock.now())
        collection = Collection("need", "2021-2022", "board-6", opens_days_before=100, due_days_before=30)
        collections.define_collection(tx, collection=collection, now=clock.now())
    for code in STRUCTURES:
        set_contact(runtime, code, f"{code}@iisg.example")

    held_on = date(2021, 7, 15)
    got: dict[str, list[tuple[date, str]]] = {code: [] for code in STRUCTURES}
    while clock.now().date() <= HELD_ON:
        today = clock.now().date()
        if today in MOVES:
            held_on = MOVES[today]
            with runtime.database.begin() as tx:
                meetings.move_meeting(tx, meeting="board-6", held_on=held_on, now=clock.now())
        for code, day in SUBMITTED_ON.items():
            if day == today:
                submit_needs(runtime, code)
        plan_and_send(runtime)
        if server.taken:  # two more ticks on the days on which they could do harm
            plan_and_send(runtime)
            plan_and_send(runtime)
        for recipient, content in server.taken:
            body = content.get_body(("plain",))
            assert body is not None
            text = body.get_content()
            due = {day_of(found) for found in DUE_BY.findall(text)}
            assert due == {held_on - timedelta(days=30)}, "an outdated deadline"
            assert {day_of(found) for found in NEW_DATE.findall(text)} <= {held_on}
            got[recipient.partition("@")[0]].append((today, content["Subject"]))
        server.taken.clear()
        clock.advance(timedelta(days=1))

    needs = "Needs 2021-2022"
    first = [
        (date(2021, 5, 16), f"Due in 30 days, on 15 June 2021: {needs}"),
        (date(2021, 6, 1), f"Due in 14 days, on 15 June 2021: {needs}"),
        (date(2021, 6, 8), f"Due in 7 days, on 15 June 2021: {needs}"),
        (date(2021, 6, 14), f"Due tomorrow, on 15 June 2021: {needs}"),
        (date(2021, 6, 15), "New date: 6th Board meeting on Wednesday 15 December 2021"),
    ]
    second = [
        (date(2021, 10, 16), f"Due in 30 days, on 15 November 2021: {needs}"),
        (date(2021, 11, 1), f"Due in 14 days, on 15 November 2021: {needs}"),
        (date(2021, 11, 8), f"Due in 7 days, on 15 November 2021: {needs}"),
        (date(2021, 11, 14), f"Due tomorrow, on 15 November 2021: {needs}"),
        (date(2021, 11, 15), "New date: 6th Board meeting on Monday 20 June 2022"),
    ]
    third = [
        (date(2022, 4, 21), f"Due in 30 days, on 21 May 2022: {needs}"),
        (date(2022, 5, 7), f"Due in 14 days, on 21 May 2022: {needs}"),
        (date(2022, 5, 14), f"Due in 7 days, on 21 May 2022: {needs}"),
        (date(2022, 5, 20), f"Due tomorrow, on 21 May 2022: {needs}"),
        (date(2022, 5, 22), f"Overdue since 21 May 2022: {needs}"),
    ]
    assert got[NEVER] == first + second + third
    assert got[EARLY] == first[:1]
    assert got[LATE] == first + second[:2]

    kept = [each for each in reminders(runtime) if each.state is ReminderState.SENT]
    assert max(Counter((each.about, each.structure, each.step, each.due_on) for each in kept).values()) == 1
    notices = Counter((each.structure, each.due_on) for each in kept if each.step == DATE_CHANGED)
    assert set(notices.values()) == {1}
    assert len(notices) == 17 + 16


def submit_needs(runtime: Runtime, structure: str) -> None:
    with runtime.database.begin() as tx:
        store.upsert_submission_status(
            tx,
            submission=structure,
            at=(1, 1),
            status="accepted",
            obligation={"structure": structure, "kind": "need", "period": "2021-2022"},
        )
