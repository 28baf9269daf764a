"""The place of an unjudged version in the queue."""

from dataclasses import dataclass


@dataclass(frozen=True)
class QueuePosition:
    """The place among unjudged submissions, from 1, and the estimated wait.

    `seconds` is None if nothing was judged recently: then there is no estimate.
    """

    position: int
    seconds: float | None


def queue_position(*, before: int, judged_recently: int, within_seconds: float) -> QueuePosition:
    """Return the place behind `before` others, and the wait at the recent pace."""
    position = before + 1
    if not judged_recently:
        return QueuePosition(position, None)
    return QueuePosition(position, round(position * within_seconds / judged_recently, 1))
