"""How long a sender has still to wait."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Waiting:
    """A version that is not judged yet: its place among those that are not, from 1, and how long that may take.

    `seconds` is None where nothing was judged lately: then nobody knows.
    """

    position: int
    seconds: float | None


def waiting(*, before: int, judged_lately: int, within_seconds: float) -> Waiting:
    """The place behind `before` others, at the pace of what was judged lately."""
    position = before + 1
    if not judged_lately:
        return Waiting(position, None)
    return Waiting(position, round(position * within_seconds / judged_lately, 1))
