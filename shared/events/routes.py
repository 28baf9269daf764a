"""The flow table: the subscribers of each event. A test proves that table, handlers and queues agree."""

from collections.abc import Mapping

from shared.events.calendar import DeadlineSet, MeetingCancelled, MeetingMoved, ObligationSet, WindowSet
from shared.events.event import Event
from shared.events.files import FileReceived
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

ROUTES: Mapping[type[Event], tuple[str, ...]] = {
    # event               subscribers
    FileReceived: ("entry",),
    SubmissionReceived: ("validation", "reporting", "notify"),
    SubmissionOutdated: ("validation",),
    ChunkReady: ("validation",),
    ChunksJudged: ("validation",),
    SubmissionProgressed: ("entry",),
    SubmissionAccepted: ("entry", "reporting", "notify"),
    SubmissionReturned: ("entry", "reporting", "notify"),
    SubmissionReported: ("entry",),
    SubmissionCounted: ("entry",),
    SubmissionWithdrawn: ("validation", "reporting", "notify"),
    TrialReceived: ("validation",),
    TrialJudged: ("entry",),
    MeetingMoved: ("validation", "reporting"),
    MeetingCancelled: ("validation", "reporting"),
    WindowSet: ("entry", "validation"),
    DeadlineSet: ("entry", "reporting"),
    ObligationSet: ("reporting",),
    WebhookDisabled: ("notify",),
}
