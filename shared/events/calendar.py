"""Events of the calendar. For each code, `sequence` only increases, and the highest one is current."""

from dataclasses import dataclass
from typing import ClassVar

from shared.events.event import Event


@dataclass(frozen=True, kw_only=True)
class MeetingMoved(Event):
    """A meeting received its first date, or another one."""

    name: ClassVar[str] = "meeting.moved.v1"

    meeting: str
    body: str
    """`board` or `support_group`."""
    title: str
    held_on: str
    previously: str | None
    """The previous date, if any."""
    sequence: int


@dataclass(frozen=True, kw_only=True)
class MeetingCancelled(Event):
    """A meeting will not be held on its date. A later move reinstates it; its windows and deadlines stay."""

    name: ClassVar[str] = "meeting.cancelled.v1"

    meeting: str
    body: str
    """`board` or `support_group`."""
    title: str
    held_on: str
    sequence: int


@dataclass(frozen=True, kw_only=True)
class WindowSet(Event):
    """A mapping of a period is collected from `opens_on` to `closes_on`, both days included."""

    name: ClassVar[str] = "window.set.v1"

    window: str
    kind: str
    period: str
    opens_on: str
    closes_on: str
    meeting: str
    sequence: int


@dataclass(frozen=True, kw_only=True)
class DeadlineSet(Event):
    """A mapping of a period is due on a day that depends on a meeting's date."""

    name: ClassVar[str] = "deadline.set.v1"

    deadline: str
    kind: str
    period: str
    due_on: str
    meeting: str
    sequence: int


@dataclass(frozen=True, kw_only=True)
class ObligationSet(Event):
    """A structure must submit a mapping of a period by a day."""

    name: ClassVar[str] = "obligation.set.v1"

    obligation: str
    structure: str
    kind: str
    period: str
    due_on: str
    sequence: int
