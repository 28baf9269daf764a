"""The way of a submission as its sender sees it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.entry.domain.submissions import Progress, Verdict, Version

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


def timeline(versions: Sequence[Version]) -> list[Stage]:
    """Every step of all versions, in order; `versions` are all there are, the first first."""
    stages = [stage for version in versions for stage in _stages(version)]
    # The checking of a version that was corrected or taken back meanwhile comes to no end.
    if progress := versions[-1].progress:
        stages.append(_checking(versions[-1], progress))
    return stages


def _stages(version: Version) -> Iterator[Stage]:
    if version.body is None:
        yield Stage(version.number, "withdrawn", version.received_at, version.reason, version.reason)
        return
    yield Stage(version.number, "received", version.received_at)
    for verdict in version.verdicts:
        yield _judged(version, verdict)


def _judged(version: Version, verdict: Verdict) -> Stage:
    if (version.number, verdict.number) == (1, 1):
        # Nothing was there that could have changed.
        return Stage(version.number, verdict.outcome, verdict.judged_at)
    text = REASONS[verdict.reason]
    return Stage(version.number, verdict.outcome, verdict.judged_at, verdict.reason, text)


def _checking(version: Version, progress: Progress) -> Stage:
    text = f"being checked: {progress.judged} of {progress.chunks} chunks"
    return Stage(version.number, "checking", progress.at, text=text, progress=progress)
