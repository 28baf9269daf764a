"""Stored events back into objects, those of former versions through their upcasters."""

from collections.abc import Callable, Mapping
from typing import Any

from shared.events.calendar import DeadlineSet, MeetingMoved, ObligationSet, WindowSet
from shared.events.event import Event, EventIsUnknown
from shared.events.files import FileReceived
from shared.events.submissions import (
    ChunkReady,
    ChunksJudged,
    SubmissionAccepted,
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

EVENTS: Mapping[str, type[Event]] = {
    event.name: event
    for event in (
        FileReceived,
        SubmissionReceived,
        SubmissionOutdated,
        ChunkReady,
        ChunksJudged,
        SubmissionProgressed,
        SubmissionAccepted,
        SubmissionReturned,
        SubmissionReported,
        SubmissionWithdrawn,
        TrialReceived,
        TrialJudged,
        MeetingMoved,
        WindowSet,
        DeadlineSet,
        ObligationSet,
        WebhookDisabled,
    )
}
"""The present version of every event, by name."""

Upcaster = Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]


def _with_reason(name: str) -> Upcaster:
    """The first verdict on a version was the only one, and was given because its data came."""
    return lambda payload: (name, {**payload, "reason": "data_changed"})


UPCASTERS: Mapping[str, Upcaster] = {
    "submission.accepted.v1": _with_reason("submission.accepted.v2"),
    "submission.returned.v1": _with_reason("submission.returned.v2"),
}
"""A former version's name -> what makes (next version's name, payload) of its payload. Entries stay for ever."""


def read_event(name: str, payload: dict[str, Any], *, upcasters: Mapping[str, Upcaster] = UPCASTERS) -> Event:
    """The event as its present class; `EventIsUnknown` when the name was never one of ours."""
    while name in upcasters:
        name, payload = upcasters[name](payload)
    if name not in EVENTS:
        raise EventIsUnknown(name)
    return EVENTS[name](**payload)
