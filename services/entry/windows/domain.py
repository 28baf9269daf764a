"""When a mapping is collected, who may hand it in all the same, and what is said to those who may not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

CONTINUOUS = frozenset(("support",))
"""Mappings that are collected all the time: no window is needed."""

ONE_DAY = timedelta(days=1)

LONGEST_EXCEPTION = timedelta(days=365)
"""An exception is for a while: within a year somebody looks again."""

Phase = Literal["before", "open", "grace", "locked", "unset"]

RULES: Mapping[Phase, str] = {"before": "not-open-yet", "locked": "locked", "unset": "no-window"}
"""The rule that refuses, by the phase in which it does."""

WHO_CAN_OPEN = "IISG Secretariat"


@dataclass(frozen=True)
class Window:
    """A mapping of a period is collected from one day to another, both included."""

    code: str
    kind: str
    period: str
    opens_on: date
    closes_on: date
    sequence: int
    due_on: date | None = None
    """The deadline. What comes after it, until the window closes, is taken and is late."""

    def phase(self, on: date) -> Phase:
        """How the collection stands on the day."""
        if self.kind in CONTINUOUS:
            return "open"
        if on < self.opens_on:
            return "before"
        if on > self.closes_on:
            return "locked"
        return "grace" if self.is_over_due(on) else "open"

    def is_over_due(self, on: date) -> bool:
        """Whether the deadline has passed."""
        return self.kind not in CONTINUOUS and self.due_on is not None and on > self.due_on


@dataclass(frozen=True)
class Deadline:
    """A mapping of a period is due on a day. It bears the code of its window."""

    code: str
    kind: str
    period: str
    due_on: date
    sequence: int


@dataclass(frozen=True)
class WindowException:
    """One reporter may hand in one mapping until a day, that day included, whatever its window says."""

    id: str
    reporter: str
    kind: str
    period: str
    granted_by: str
    granted_at: datetime
    expires_on: date
    reason: str
    ended_at: datetime | None = None
    ended_by: str | None = None
    end_reason: str | None = None

    def holds(self, on: date) -> bool:
        """Whether it opens its mapping on the day."""
        return self.state(on) == "holds"

    def state(self, on: date) -> str:
        """How it stands on the day: it holds, has expired or was ended before."""
        if self.ended_at is not None:
            return "ended"
        return "holds" if on <= self.expires_on else "expired"


@dataclass(frozen=True)
class Calendar:
    """All windows, the earliest first, and the exceptions from them."""

    windows: Sequence[Window] = ()
    exceptions: Sequence[WindowException] = ()


@dataclass(frozen=True)
class Collected:
    """How one mapping is collected from one reporter."""

    kind: str
    period: str
    window: Window | None
    exception: WindowException | None

    def phase(self, on: date) -> Phase:
        """How its window stands on the day, whatever the exception."""
        return self.window.phase(on) if self.window else "unset"


class WindowIsClosed(Exception):
    """The mapping is not collected now. The facts: which rule says so, since and until when, and who can open it."""

    def __init__(self, kind: str, period: str, *, window: Window | None, reporter: str, today: date) -> None:
        super().__init__(
            f"{_why(f'{kind} mapping of {period}', window, today)} The {WHO_CAN_OPEN} can open it for you: "
            f"ask for an exception for {reporter}, and say until when you need it."
        )
        phase = window.phase(today) if window else "unset"
        self.facts = {
            "rule": RULES[phase],
            "since": window.closes_on + ONE_DAY if window and phase == "locked" else None,
            "until": window.opens_on - ONE_DAY if window and phase == "before" else None,
            "opens_on": window and window.opens_on,
            "due_on": window and window.due_on,
            "closes_on": window and window.closes_on,
            "who": WHO_CAN_OPEN,
        }


class ExceptionIsOver(Exception):
    """An exception was ended before, or has expired."""

    def __init__(self, exception: WindowException) -> None:
        how = f"was ended by {exception.ended_by}" if exception.ended_by else "has expired"
        super().__init__(f"The exception {how}; it opens nothing any more.")


def check_window(
    windows: Sequence[Window],
    *,
    kind: str,
    period: str,
    today: date,
    exceptions: Sequence[WindowException],
    reporter: str,
) -> None:
    """Raise `WindowIsClosed` unless the mapping is collected on the day, from everybody or from this reporter."""
    if kind in CONTINUOUS or exception_for(exceptions, reporter=reporter, kind=kind, period=period, on=today):
        return
    window = window_of(windows, kind=kind, period=period)
    if window is None or window.phase(today) in RULES:
        raise WindowIsClosed(kind, period, window=window, reporter=reporter, today=today)


def window_of(windows: Sequence[Window], *, kind: str, period: str) -> Window | None:
    """The window of a mapping, once it is set."""
    return next((each for each in windows if (each.kind, each.period) == (kind, period)), None)


def exception_for(
    exceptions: Sequence[WindowException], *, reporter: str, kind: str, period: str, on: date
) -> WindowException | None:
    """What opens the mapping for the reporter on the day; of several, what does so longest."""
    its = (
        each
        for each in exceptions
        if (each.reporter, each.kind, each.period) == (reporter, kind, period) and each.holds(on)
    )
    return max(its, key=lambda each: each.expires_on, default=None)


def is_late(windows: Sequence[Window], *, kind: str, period: str, on: date) -> bool:
    """Whether what is handed in on the day comes after its deadline."""
    window = window_of(windows, kind=kind, period=period)
    return window is not None and window.is_over_due(on)


def received_late(window: Window | None, *, on: date) -> str:
    """What the sender is told of what came late on a day; only that, where its deadline has moved since."""
    if window is None or not window.is_over_due(on):
        return "received late"
    return f"received late: the deadline was {window.due_on}, late submissions are taken until {window.closes_on}"


def _why(mapping: str, window: Window | None, today: date) -> str:
    if window is None:
        return f"No collection window has been set for the {mapping} yet."
    opens, due, closes = window.opens_on, window.due_on, window.closes_on
    if today < opens:
        deadline = f" Its deadline is {due}." if due else ""
        return f"The {mapping} is not open yet: it opens on {opens} and closes on {closes}.{deadline}"
    deadline = f" Its deadline was {due}." if due else ""
    return f"The {mapping} is locked since {closes + ONE_DAY}: it was open from {opens} until {closes}.{deadline}"
