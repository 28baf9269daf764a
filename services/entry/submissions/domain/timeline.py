"""The way of a submission as its sender sees it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.entry.submissions.domain.submissions import Progress, Verdict, Version
from services.entry.windows.domain import Window, received_late

REASONS = {
    "data_changed": "your data changed",
    "rules_changed": "our rules changed",
    "references_changed": "what you refer to changed",
    "waiver_changed": "a waiver was given or ended",
}
"""Why a verdict was given, in the sender's words."""


@dataclass(frozen=True)
class Stage:
    """One step: what happened to a version, and when."""

    version: int
    stage: str
    at: datetime
    reason: str | None = None
    """What led to it: a code for a verdict that follows on another, the sender's words for a withdrawal."""
    text: str | None = None
    """What there is to say about it, in plain words."""
    progress: Progress | None = None


def timeline(versions: Sequence[Version], *, window: Window | None = None) -> list[Stage]:
    """Every step of all versions, in order; `versions` are all there are, the first first.

    The window, where it is given, says of what came late how late that was.
    """
    counting = in_report(versions)
    stages = [
        stage
        for version in versions
        for stage in _stages(version, window=window, is_in_report=version is counting)
    ]
    # The checking of a version that was corrected or taken back meanwhile comes to no end.
    if progress := versions[-1].progress:
        stages.append(_checking(versions[-1], progress))
    return stages


def in_report(versions: Sequence[Version]) -> Version | None:
    """The version whose records count: the last one that was judged or taken back, if it was accepted.

    A file that could not be read changes nothing in what counts.
    """
    settled = (each for each in reversed(versions) if each.verdicts or each.state == "withdrawn")
    last = next(settled, None)
    return last if last is not None and last.state == "accepted" else None


def _stages(version: Version, *, window: Window | None, is_in_report: bool) -> Iterator[Stage]:
    if version.state == "withdrawn":
        yield Stage(version.number, "withdrawn", version.received_at, version.reason, version.reason)
        return
    late = received_late(window, on=version.received_at.date()) if version.is_late else None
    yield Stage(version.number, "received", version.received_at, text=late)
    if version.refusal is not None and version.read_at is not None:
        yield Stage(version.number, "returned", version.read_at, text=version.refusal["message"])
    for verdict in version.verdicts:
        yield _judged(version, verdict)
        if (at := version.reported_at) and verdict is _reported_with(version.verdicts, at):
            yield _reported(version.number, at, is_in_report=is_in_report)


def _how_received(version: Version) -> str | None:
    """What is to be said of a version when it comes: that it is late, or does without records of the former one."""
    if version.left_out:
        return f"without {len(version.left_out)} records of the version before: {version.reason}"
    return "received late: the deadline had passed" if version.is_late else None


def _reported_with(verdicts: Sequence[Verdict], at: datetime) -> Verdict | None:
    """The verdict with which records came to count at that moment: what tells of it may come before the verdict does."""
    before = (each for each in reversed(verdicts) if each.outcome == "accepted" and each.judged_at <= at)
    return next(before, None)


def _reported(number: int, at: datetime, *, is_in_report: bool) -> Stage:
    text = f"in report since {at.day} {at:%B %Y, %H:%M} UTC" if is_in_report else "came into the report"
    return Stage(number, "reported", at, text=text)


def _judged(version: Version, verdict: Verdict) -> Stage:
    if (version.number, verdict.number) == (1, 1):
        # Nothing was there that could have changed.
        return Stage(version.number, verdict.outcome, verdict.judged_at)
    text = REASONS[verdict.reason]
    return Stage(version.number, verdict.outcome, verdict.judged_at, verdict.reason, text)


def _checking(version: Version, progress: Progress) -> Stage:
    text = f"being checked: {progress.judged} of {progress.chunks} chunks"
    return Stage(version.number, "checking", progress.at, text=text, progress=progress)
