"""The flow, in one table: who is told of what. A test proves that table, handlers and queues agree."""

from collections.abc import Mapping

from shared.events.calendar import DeadlineSet, MeetingMoved, ObligationSet, WindowSet
from shared.events.event import Event
from shared.events.submissions import (
    ChunkReady,
    ChunksJudged,
    SubmissionAccepted,
    SubmissionOutdated,
    SubmissionProgressed,
    SubmissionReceived,
    SubmissionReturned,
    SubmissionWithdrawn,
)

ROUTES: Mapping[type[Event], tuple[str, ...]] = {
    # event               subscribers
    SubmissionReceived: ("validation", "reporting", "notify"),
    SubmissionOutdated: ("validation",),
    ChunkReady: ("validation",),
    ChunksJudged: ("validation",),
    SubmissionProgressed: ("entry",),
    SubmissionAccepted: ("entry", "reporting", "notify"),
    SubmissionReturned: ("entry", "reporting", "notify"),
    SubmissionWithdrawn: ("validation", "reporting", "notify"),
    MeetingMoved: ("validation", "reporting"),
    WindowSet: ("entry", "validation"),
    DeadlineSet: ("reporting",),
    ObligationSet: ("reporting",),
}
