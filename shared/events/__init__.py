"""The events by which services communicate. An event version never changes; a new version is added beside it."""

from shared.events.calendar import DeadlineSet, MeetingCancelled, MeetingMoved, ObligationSet, WindowSet
from shared.events.event import Event, EventIsUnknown
from shared.events.files import FileReceived
from shared.events.reading import EVENTS, read_event
from shared.events.submissions import (
    ChunkReady,
    ChunksJudged,
    SubmissionAccepted,
    SubmissionCounted,
    SubmissionOutdated,
    SubmissionProgressed,
    SubmissionReceived,
    SubmissionReported,
    SubmissionReturned,
    SubmissionWithdrawn,
    TrialJudged,
    TrialReceived,
)
from shared.events.webhooks import WebhookDisabled

__all__ = [
    "EVENTS",
    "ChunkReady",
    "ChunksJudged",
    "DeadlineSet",
    "Event",
    "EventIsUnknown",
    "FileReceived",
    "MeetingCancelled",
    "MeetingMoved",
    "ObligationSet",
    "SubmissionAccepted",
    "SubmissionCounted",
    "SubmissionOutdated",
    "SubmissionProgressed",
    "SubmissionReceived",
    "SubmissionReported",
    "SubmissionReturned",
    "SubmissionWithdrawn",
    "TrialJudged",
    "TrialReceived",
    "WebhookDisabled",
    "WindowSet",
    "read_event",
]
