"""Collection windows, exceptions for single reporters, and the refusal outside a window."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from shared.i18n import Text
from shared.reference.reporters import time_zone_of
from shared.reference.wording import kind_name

CONTINUOUS = frozenset(("support",))
"""The kinds that are always open: they need no window."""

ONE_DAY = timedelta(days=1)

MAX_EXCEPTION = timedelta(days=365)
"""The maximum length of an exception: within a year the Secretariat decides again."""

Phase = Literal["before", "open", "grace", "locked", "unset"]

RULES: Mapping[Phase, str] = {"before": "not-open-yet", "locked": "locked", "unset": "no-window"}
"""The rule that refuses a submission in each phase that is not open."""

OPENED_BY = "IISG Secretariat"


@dataclass(frozen=True)
class Window:
    """The days on which a mapping of a period is collected, first and last inclusive."""

    code: str
    kind: str
    period: str
    opens_on: date
    closes_on: date
    sequence: int
    due_on: date | None = None
    """The deadline. A later submission is accepted until the window closes, and is late."""

    def phase(self, on: date) -> Phase:
        """Return the phase of the window on a day."""
        if self.kind in CONTINUOUS:
            return "open"
        if on < self.opens_on:
            return "before"
        if on > self.closes_on:
            return "locked"
        return "grace" if self.is_over_due(on) else "open"

    def is_over_due(self, on: date) -> bool:
        """Return whether the deadline has passed."""
        return self.kind not in CONTINUOUS and self.due_on is not None and on > self.due_on


@dataclass(frozen=True)
class Deadline:
    """The day on which a mapping of a period is due. Its code is that of its window."""

    code: str
    kind: str
    period: str
    due_on: date
    sequence: int


@dataclass(frozen=True)
class WindowException:
    """The permission of one reporter to submit one mapping until a day, inclusive, whatever its window."""

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

    def is_active(self, on: date) -> bool:
        """Return whether the exception opens its mapping on a day."""
        return self.state(on) == "holds"

    def state(self, on: date) -> str:
        """Return the state on a day: `holds`, `expired` or `ended`."""
        if self.ended_at is not None:
            return "ended"
        return "holds" if on <= self.expires_on else "expired"


@dataclass(frozen=True)
class Calendar:
    """All windows, the earliest first, and all active exceptions."""

    windows: Sequence[Window] = ()
    exceptions: Sequence[WindowException] = ()


@dataclass(frozen=True)
class MappingWindow:
    """The window of one mapping, and the exception of one reporter."""

    kind: str
    period: str
    window: Window | None
    exception: WindowException | None

    def phase(self, on: date) -> Phase:
        """Return the phase of the window on a day, whatever the exception."""
        return self.window.phase(on) if self.window else "unset"


class WindowIsClosed(Exception):
    """The mapping is not collected now. The facts name the rule, its first and last day, and the office that can open it."""

    def __init__(self, kind: str, period: str, *, window: Window | None, reporter: str, today: date) -> None:
        super().__init__(
            Text(
                "{why} Days are those of {zone}. The IISG Secretariat can open it for you: request an exception for {reporter}, "
                "and name the last day on which you need it.",
                why=_why(kind, period, window, today),
                zone=time_zone_of(reporter),
                reporter=reporter,
            )
        )
        phase = window.phase(today) if window else "unset"
        self.facts = {
            "rule": RULES[phase],
            "since": window.closes_on + ONE_DAY if window and phase == "locked" else None,
            "until": window.opens_on - ONE_DAY if window and phase == "before" else None,
            "opens_on": window and window.opens_on,
            "due_on": window and window.due_on,
            "closes_on": window and window.closes_on,
            "time_zone": time_zone_of(reporter),
            "who": OPENED_BY,
        }


class ExceptionIsOver(Exception):
    """The exception was revoked, or has expired."""

    def __init__(self, exception: WindowException) -> None:
        super().__init__(
            Text("The exception was revoked by {by}; it no longer opens the mapping.", by=exception.ended_by)
            if exception.ended_by
            else Text("The exception has expired; it no longer opens the mapping.")
        )


def check_open(
    windows: Sequence[Window],
    *,
    kind: str,
    period: str,
    today: date,
    exceptions: Sequence[WindowException],
    reporter: str,
) -> None:
    """Raise `WindowIsClosed` unless the mapping is open on the day, for everyone or for this reporter.

    This is where a submission that comes too late is refused. After the deadline, until the window closes, submissions
    are accepted and late (`is_late`).
    """
    if kind in CONTINUOUS or exception_for(exceptions, reporter=reporter, kind=kind, period=period, on=today):
        return
    window = window_of(windows, kind=kind, period=period)
    if window is None or window.phase(today) in RULES:
        raise WindowIsClosed(kind, period, window=window, reporter=reporter, today=today)


def window_of(windows: Sequence[Window], *, kind: str, period: str) -> Window | None:
    """Return the window of a mapping; None if no window is set."""
    return next((each for each in windows if (each.kind, each.period) == (kind, period)), None)


def exception_for(
    exceptions: Sequence[WindowException], *, reporter: str, kind: str, period: str, on: date
) -> WindowException | None:
    """Return the active exception for the reporter and mapping that lasts longest; None without one."""
    its = (
        each
        for each in exceptions
        if (each.reporter, each.kind, each.period) == (reporter, kind, period) and each.is_active(on)
    )
    return max(its, key=lambda each: each.expires_on, default=None)


def is_late(windows: Sequence[Window], *, kind: str, period: str, on: date) -> bool:
    """Return whether a submission on the day is late."""
    window = window_of(windows, kind=kind, period=period)
    return window is not None and window.is_over_due(on)


def lateness_note(window: Window | None, *, on: date, reporter: str) -> Text:
    """Return the timeline text of a late version. If its deadline has moved since, the text names no days."""
    if window is None or not window.is_over_due(on):
        return Text("received late")
    return Text(
        "received late: the deadline was {due_on}, late submissions are accepted until {closes_on} ({zone})",
        due_on=str(window.due_on),
        closes_on=str(window.closes_on),
        zone=time_zone_of(reporter),
    )


def _why(kind: str, period: str, window: Window | None, today: date) -> Text:
    if window is None:
        return Text(
            "No collection window has been set for the {kind} mapping of {period} yet.",
            kind=kind_name(kind),
            period=period,
        )
    days: dict[str, Any] = {
        "kind": kind_name(kind),
        "period": period,
        "opens": window.opens_on,
        "closes": window.closes_on,
    }
    due = window.due_on
    if today < window.opens_on and due:
        return Text(
            "The {kind} mapping of {period} is not open yet: it opens on {opens} and closes on {closes}. Its deadline is "
            "{due}.",
            **days,
            due=due,
        )
    if today < window.opens_on:
        return Text(
            "The {kind} mapping of {period} is not open yet: it opens on {opens} and closes on {closes}.",
            **days,
        )
    days["since"] = window.closes_on + ONE_DAY
    if due:
        return Text(
            "The {kind} mapping of {period} has been locked since {since}: it was open from {opens} until {closes}. Its "
            "deadline was {due}.",
            **days,
            due=due,
        )
    return Text(
        "The {kind} mapping of {period} has been locked since {since}: it was open from {opens} until {closes}.",
        **days,
    )
