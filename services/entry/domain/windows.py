"""When a mapping is collected."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

CONTINUOUS = frozenset(("support",))
"""Mappings that are collected all the time: no window is needed."""


@dataclass(frozen=True)
class Window:
    """A mapping of a period is collected from one day to another, both included."""

    code: str
    kind: str
    period: str
    opens_on: date
    closes_on: date
    sequence: int

    def is_open(self, on: date) -> bool:
        """Whether submissions are taken on the day."""
        return self.opens_on <= on <= self.closes_on


class WindowIsClosed(Exception):
    """The mapping is not collected now."""

    def __init__(self, kind: str, period: str, today: date, windows: Sequence[Window]) -> None:
        super().__init__(
            f"The {kind} mapping of {period} is not collected today, {today}. "
            f"{_when(today, windows)} The Secretariat can open it."
        )


def check_window(windows: Sequence[Window], *, kind: str, period: str, today: date) -> None:
    """Raise `WindowIsClosed` unless the mapping is collected on the day."""
    if kind in CONTINUOUS:
        return
    its = [window for window in windows if (window.kind, window.period) == (kind, period)]
    if not any(window.is_open(today) for window in its):
        raise WindowIsClosed(kind, period, today, its)


def _when(today: date, windows: Sequence[Window]) -> str:
    if not windows:
        return "No collection window has been set for it yet."
    coming = min((window for window in windows if window.opens_on > today), key=_opening, default=None)
    if coming is not None:
        return f"Its window opens on {coming.opens_on} and closes on {coming.closes_on}."
    last = max(windows, key=lambda window: window.closes_on)
    return f"Its window was open from {last.opens_on} until {last.closes_on}."


def _opening(window: Window) -> date:
    return window.opens_on
