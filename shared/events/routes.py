"""The flow, in one table: who is told of what. A test proves that table, handlers and queues agree."""

from collections.abc import Mapping

from shared.events.calendar import DeadlineSet, MeetingMoved, ObligationSet, WindowSet
from shared.events.event import Event
from shared.events.submissions import (
    SubmissionAccepted,
    SubmissionReceived,
    SubmissionReturned,
    SubmissionWithdrawn,
)

ROUTES: Mapping[type[Event], tuple[str, ...]] = {
    # event               subscribers
    SubmissionReceived: ("validation", "reporting", "notify"),
    SubmissionAccepted: ("entry", "reporting", "notify"),
    SubmissionReturned: ("entry", "reporting", "notify"),
    SubmissionWithdrawn: ("validation", "reporting", "notify"),
    MeetingMoved: ("reporting",),
    WindowSet: ("entry",),
    DeadlineSet: ("reporting",),
    ObligationSet: ("reporting",),
}
