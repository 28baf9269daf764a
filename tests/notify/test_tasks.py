from collections.abc import Callable
from typing import Any

import pytest

from services.notify import store
from services.notify.app import SERVICE
from shared.events import (
    Event,
    SubmissionAccepted,
    SubmissionReceived,
    SubmissionReturned,
    SubmissionWithdrawn,
)
from shared.resources import Runtime
from shared.runtime.declarations import Service

Deliver = Callable[[Runtime, Service, Event], None]
WHAT: dict[str, Any] = {
    "submission": "01900000-0000-7000-8000-000000000001",
    "reporter": "AL-WBCTi",
    "partner": "AL",
    "pillar": "WBCTi",
    "kind": "need",
    "period": "2025-2026",
}
BODY: dict[str, Any] = {
    "tlp": "TLP:AMBER",
    "body": "0" * 64,
    "records": 3,
    "received_at": "2026-11-23T09:00:00Z",
}
VERDICT: dict[str, Any] = {
    "ruleset": "WBCTi",
    "ruleset_hash": "0" * 64,
    "counts": {},
    "report": "0" * 64,
    "judged_at": "2026-11-23T09:00:00Z",
    "reason": "data_changed",
}
RECEIVED = SubmissionReceived(version=1, **WHAT, **BODY)
ACCEPTED = SubmissionAccepted(version=1, verdict=1, **WHAT, **BODY, **VERDICT)
RETURNED = SubmissionReturned(version=1, verdict=2, **WHAT, **BODY, **VERDICT)
WITHDRAWN = SubmissionWithdrawn(
    version=2, reason="Sent by mistake.", withdrawn_at="2026-11-23T10:00:00Z", **WHAT
)


@pytest.mark.parametrize(
    ("events", "is_met"),
    [
        ([RECEIVED], True),
        ([ACCEPTED], True),
        ([RECEIVED, ACCEPTED, RETURNED], False),
        ([RETURNED, ACCEPTED, RECEIVED], False),
        ([ACCEPTED, WITHDRAWN], False),
        ([WITHDRAWN, ACCEPTED, RECEIVED], False),
    ],
)
def test_an_obligation_follows_the_highest_event_in_whatever_order_they_come(
    planned: Runtime, deliver: Deliver, events: list[Event], *, is_met: bool
) -> None:
    for event in events:
        deliver(planned, SERVICE, event)
    with planned.database.read() as tx:
        (obligation,) = store.all_obligations(tx, structures=["AL-WBCTi"])
    assert obligation.is_met is is_met
