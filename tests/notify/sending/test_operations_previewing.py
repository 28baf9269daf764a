from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.notify.calendar.operations import loading
from services.notify.sending.operations import previewing
from shared.resources import Runtime
from tests.notify.steps import (
    mails,
    owe_only,
    reminders,
)

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
AL = "AL-WBCTi"


@pytest.mark.parametrize(
    ("on", "step"),
    [
        (date(2026, 11, 23), "T-7"),
        (date(2026, 11, 29), "T-1"),
        (date(2026, 12, 1), "overdue"),
        (date(2026, 11, 25), None),
    ],
)
def test_a_preview_shows_each_mail_and_changes_nothing(planned: Runtime, on: date, step: str | None) -> None:
    owe_only(planned, AL, "RS-WBBSi")
    before = reminders(planned)
    with planned.database.read() as tx:
        shown = previewing.preview_mails(tx, on=on, today=NOW.date(), public_url="https://iisgd.example")
    assert [mail.recipient for mail in shown] == (
        ["al-wbcti@iisg.example", "rs-wbbsi@iisg.example"] if step else []
    )
    assert {reminder.step for mail in shown for reminder in mail.reminders} == ({step} if step else set())
    assert reminders(planned) == before
    assert mails(planned) == ()


def test_a_preview_names_structures_without_a_contact(runtime: Runtime, calendar: dict[str, Any]) -> None:
    del calendar["contacts"]
    with runtime.database.begin() as tx:
        loading.load_calendar(tx, calendar=calendar, now=NOW)
        (shown,) = previewing.preview_mails(
            tx, on=NOW.date(), today=NOW.date(), public_url="https://iisgd.example"
        )
    assert shown.recipient is None
    assert len(shown.structures) == 18
