"""Fixtures of notify's tests: its runtime, a calendar and a real mail server."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from services.notify.calendar.operations import loading
from shared.reference import STRUCTURES
from shared.resources import Runtime
from tests.notify.mail_server import MailServer


@pytest.fixture
def runtime(runtime_of: Callable[[str], Runtime]) -> Runtime:
    return runtime_of("notify")


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def calendar() -> dict[str, Any]:
    """Return a calendar with needs due on 30 November 2026, a week after the tests' day, and a mailbox per structure."""
    return {
        "meetings": [
            {"code": "board-8", "body": "board", "title": "8th Board meeting", "held_on": date(2026, 12, 15)}
        ],
        "collections": [
            {
                "kind": "need",
                "period": "2025-2026",
                "meeting": "board-8",
                "opens_days_before": 75,
                "due_days_before": 15,
            }
        ],
        "contacts": [
            {"structure": code, "address": f"{code.lower()}@iisg.example", "label": known.label}
            for code, known in STRUCTURES.items()
        ],
    }


@pytest.fixture
def planned(runtime: Runtime, calendar: dict[str, Any]) -> Runtime:
    """Return notify's runtime with its calendar loaded."""
    with runtime.database.begin() as tx:
        loading.load_calendar(tx, calendar=calendar, now=runtime.clock.now())
    return runtime
