"""The events: what the services tell each other. A version never changes; a new one is added beside it."""

from shared.events.calendar import DeadlineSet, MeetingMoved, ObligationSet, WindowSet
from shared.events.event import Event, EventIsUnknown
from shared.events.reading import EVENTS, read_event
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

__all__ = [
    "EVENTS",
    "ChunkReady",
    "ChunksJudged",
    "DeadlineSet",
    "Event",
    "EventIsUnknown",
    "MeetingMoved",
    "ObligationSet",
    "SubmissionAccepted",
    "SubmissionOutdated",
    "SubmissionProgressed",
    "SubmissionReceived",
    "SubmissionReturned",
    "SubmissionWithdrawn",
    "WindowSet",
    "read_event",
]
