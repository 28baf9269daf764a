"""The timeline of a submission as its sender sees it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.entry.submissions.domain.counting import Counting
from services.entry.submissions.domain.submissions import Version
from services.entry.submissions.domain.verdicts import Progress, Verdict
from services.entry.windows.domain import Window, lateness_note
from shared.i18n import Text
from shared.i18n.texts import text_of
from shared.reference.days import in_words, reporter_day
from shared.reference.wording import VERDICT_REASONS


@dataclass(frozen=True)
class TimelineStep:
    """One step of a version: its stage and time."""

    version: int
    stage: str
    at: datetime
    reason: str | None = None
    """The reason: a code for a later verdict, the sender's words for a withdrawal."""
    text: str | None = None
    """The step in plain words."""
    progress: Progress | None = None


def timeline(
    versions: Sequence[Version], *, reporter: str, window: Window | None = None
) -> list[TimelineStep]:
    """List every step of all versions, in order; `versions` are all versions, the oldest first.

    The window, if given, supplies the deadline that a late version missed. Texts give times where the reporter is.
    """
    in_report, current = find_in_report(versions), find_reported(versions)
    steps: list[TimelineStep] = []
    for version in versions:
        steps += _steps(version, reporter=reporter, window=window, is_in_report=version is in_report)
        if version is current and version.counting and version.counting.superseded_by:
            steps.append(_superseded(version.number, version.counting))
    # The judgement of a version that was corrected or withdrawn meanwhile never ends.
    if progress := versions[-1].progress:
        steps.append(_checking(versions[-1], progress))
    return steps


def find_reported(versions: Sequence[Version]) -> Version | None:
    """Return the version whose records count: the last judged or withdrawn one, if it was accepted.

    A file that could not be read does not change the result.
    """
    settled = (each for each in reversed(versions) if each.verdicts or each.state == "withdrawn")
    last = next(settled, None)
    return last if last is not None and last.state == "accepted" else None


def find_in_report(versions: Sequence[Version]) -> Version | None:
    """Return the version of which records are in the report; None if other submissions supersede all of them."""
    reported = find_reported(versions)
    if reported is None or reported.reported_at is None:
        return None
    is_superseded = reported.counting is not None and not reported.counting.counted
    return None if is_superseded else reported


def _steps(
    version: Version, *, reporter: str, window: Window | None, is_in_report: bool
) -> Iterator[TimelineStep]:
    if version.state == "withdrawn":
        yield TimelineStep(version.number, "withdrawn", version.received_at, version.reason, version.reason)
        return
    yield TimelineStep(
        version.number, "received", version.received_at, text=_received_text(version, reporter, window)
    )
    if version.refusal is not None and version.read_at is not None:
        yield TimelineStep(version.number, "returned", version.read_at, text=_refusal_text(version.refusal))
    for verdict in version.verdicts:
        yield _judged(version, verdict)
        if (at := version.reported_at) and verdict is _reported_with(version.verdicts, at):
            yield _reported(version.number, at, reporter=reporter, is_in_report=is_in_report)


def _received_text(version: Version, reporter: str, window: Window | None) -> str | None:
    """Describe a received version: the number of records that it omits, and its lateness."""
    texts: list[str] = []
    if version.left_out:
        texts.append(
            Text.counted(
                "without {count:,} record of the previous version, because: {reason}",
                "without {count:,} records of the previous version, because: {reason}",
                count=len(version.left_out),
                reason=version.reason,
            )
        )
    if version.is_late:
        texts.append(lateness_note(window, on=reporter_day(reporter, version.received_at), reporter=reporter))
    return (
        Text("{first}; {second}", first=texts[0], second=texts[1])
        if len(texts) > 1
        else next(iter(texts), None)
    )


def _refusal_text(refusal: Mapping[str, Any]) -> str:
    """Return the message of a refusal, with its template if it was stored."""
    try:
        return text_of(refusal["texts"]["message"])
    except (LookupError, TypeError, ValueError):
        return Text(refusal["message"])


def _reported_with(verdicts: Sequence[Verdict], at: datetime) -> Verdict | None:
    """Return the verdict by which the records count from that time. Its event may arrive after the report's."""
    before = (each for each in reversed(verdicts) if each.outcome == "accepted" and each.judged_at <= at)
    return next(before, None)


def _reported(number: int, at: datetime, *, reporter: str, is_in_report: bool) -> TimelineStep:
    text = (
        Text("in the report since {moment}", moment=in_words(reporter, at))
        if is_in_report
        else Text("counted in the report")
    )
    return TimelineStep(number, "reported", at, text=text)


def _superseded(number: int, counting: Counting) -> TimelineStep:
    """Describe the records of which later versions, in other submissions, count instead."""
    text = Text(
        "{superseded} of {records} records superseded by later versions of them, in {submissions}",
        superseded=f"{counting.records - counting.counted:,}",
        records=f"{counting.records:,}",
        submissions=", ".join(sorted(counting.superseded_by)),
    )
    return TimelineStep(number, "superseded", datetime.fromisoformat(counting.at), text=text)


def _judged(version: Version, verdict: Verdict) -> TimelineStep:
    if (version.number, verdict.number) == (1, 1):
        # The first verdict has no change as its reason.
        return TimelineStep(version.number, verdict.outcome, verdict.judged_at)
    text = VERDICT_REASONS[verdict.reason]
    return TimelineStep(version.number, verdict.outcome, verdict.judged_at, verdict.reason, text)


def _checking(version: Version, progress: Progress) -> TimelineStep:
    text = Text("being checked: {judged} of {chunks} chunks", judged=progress.judged, chunks=progress.chunks)
    return TimelineStep(version.number, "checking", progress.at, text=text, progress=progress)
