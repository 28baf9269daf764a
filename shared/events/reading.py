"""Stored events as objects; those of previous versions go through their upcasters."""

from collections.abc import Callable, Mapping
from typing import Any

from shared.events.event import Event, EventIsUnknown
from shared.events.routes import ROUTES

EVENTS: Mapping[str, type[Event]] = {event.name: event for event in ROUTES}
"""The current version of every event, by name."""

Upcaster = Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]


def _with_reason(name: str) -> Upcaster:
    """Add the reason: in version 1, a verdict was always the first, given because the data was new."""
    return lambda payload: (name, {**payload, "reason": "data_changed"})


UPCASTERS: Mapping[str, Upcaster] = {
    "submission.accepted.v1": _with_reason("submission.accepted.v2"),
    "submission.returned.v1": _with_reason("submission.returned.v2"),
}
"""A previous version's name -> the function that converts its payload to (next version's name, payload). Entries are permanent."""


def read_event(name: str, payload: dict[str, Any], *, upcasters: Mapping[str, Upcaster] = UPCASTERS) -> Event:
    """Return the event as its current class; raise `EventIsUnknown` if no event ever had the name."""
    while name in upcasters:
        name, payload = upcasters[name](payload)
    if name not in EVENTS:
        raise EventIsUnknown(name)
    return EVENTS[name](**payload)
