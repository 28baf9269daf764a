"""What notify's tests share: its runtime, a calendar, and a mail server that is real."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from services.notify import operations
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
    """The needs are due on 30 November 2026, a week after the tests' day; every structure has a mailbox."""
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
    """Notify with its calendar loaded."""
    with runtime.database.begin() as tx:
        operations.load_calendar(tx, calendar=calendar, now=runtime.clock.now())
    return runtime
