"""What a submission is, who may hand in what and when, and why one is refused."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from shared.reference import marking_in

State = Literal["received", "accepted", "returned", "withdrawn"]

CONTINUOUS = frozenset(("support",))
"""Mappings that are collected all the time: no window is needed."""

KINDS_OF_ROLE = {"structure": ("need", "response", "support"), "member": ("response", "support")}
"""What a role reports."""


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


@dataclass(frozen=True)
class Version:
    """One immutable version of a submission, with what became of it; a withdrawal is one without a body."""

    number: int
    state: State
    received_at: datetime
    tlp: str | None = None
    body: str | None = None
    records: int = 0
    reason: str | None = None
    verdict: int = 0
    judged_at: datetime | None = None
    ruleset: str | None = None
    ruleset_hash: str | None = None
    counts: dict[str, int] | None = None
    report: str | None = None


@dataclass(frozen=True)
class Submission:
    """What a reporter handed in, with its present version's state."""

    id: str
    reporter: str
    partner: str | None
    pillar: str
    kind: str
    period: str
    version: int
    state: State
    created_at: datetime
    changed_at: datetime


class KindIsNotYours(Exception):
    """The caller's role does not report this mapping."""

    def __init__(self, kind: str, kinds: Sequence[str]) -> None:
        super().__init__(f"You cannot submit a {kind}; your role reports {' and '.join(kinds)}.")


class PillarIsNotYours(Exception):
    """The caller's credential is for other pillars."""

    def __init__(self, pillar: str, pillars: Sequence[str]) -> None:
        super().__init__(f"You cannot submit for {pillar}; your credential is for {', '.join(pillars)}.")


class WindowIsClosed(Exception):
    """The mapping is not collected now."""

    def __init__(self, kind: str, period: str, today: date, windows: Sequence[Window]) -> None:
        super().__init__(
            f"The {kind} mapping of {period} is not collected today, {today}. "
            f"{_when(today, windows)} The Secretariat can open it."
        )


class TextIsClassified(Exception):
    """The body carries a national or EU classification marking; it was not stored."""

    def __init__(self, marking: str, pointer: str) -> None:
        super().__init__(
            f"The text at {pointer} carries the marking {marking!r}. This system takes no classified information; "
            "nothing of the body was stored. Take the classified text out, or send it through the channel meant for it."
        )


class VersionIsStale(Exception):
    """A correction or withdrawal was meant for a version that is no longer the present one."""

    def __init__(self, given: int, present: int) -> None:
        super().__init__(
            f"You mean version {given}, and version {present} is the present one; read it, then correct that."
        )


class SubmissionIsWithdrawn(Exception):
    """Nothing can be changed in what was taken back."""

    def __init__(self) -> None:
        super().__init__("The submission was withdrawn; hand in a new one.")


class CorrectionDiffers(Exception):
    """A correction is for another mapping than the version it replaces."""

    def __init__(self, what: str, was: str, now: str) -> None:
        super().__init__(
            f"A correction keeps the {what} of what it corrects, {was}, and this one is for {now}; "
            "withdraw the one and hand in the other."
        )


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


def check_right(*, role: str, pillars: Sequence[str], kind: str, pillar: str) -> None:
    """Raise `KindIsNotYours` or `PillarIsNotYours` unless the credential covers the mapping."""
    kinds = KINDS_OF_ROLE[role]
    if kind not in kinds:
        raise KindIsNotYours(kind, kinds)
    if pillar not in pillars:
        raise PillarIsNotYours(pillar, pillars)


def check_window(windows: Sequence[Window], *, kind: str, period: str, today: date) -> None:
    """Raise `WindowIsClosed` unless the mapping is collected on the day."""
    if kind in CONTINUOUS:
        return
    its = [window for window in windows if (window.kind, window.period) == (kind, period)]
    if not any(window.is_open(today) for window in its):
        raise WindowIsClosed(kind, period, today, its)


def check_unclassified(value: Any, *, at: str) -> None:
    """Raise `TextIsClassified` at the first text in what stands at the pointer that carries a marking.

    Names of fields are texts too.
    """
    texts = list(texts_in(value, at))
    # One search over everything is the usual case; only a find is looked up text by text.
    if marking_in("\n".join(text for _, text in texts)) is None:
        return
    for pointer, text in texts:
        if (marking := marking_in(text)) is not None:
            raise TextIsClassified(marking, pointer)


def texts_in(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """Every text in a JSON value with its JSON pointer."""
    waiting = [(pointer, value)]
    while waiting:
        at, inner = waiting.pop()
        if isinstance(inner, str):
            yield at, inner
        elif isinstance(inner, dict):
            for name, item in inner.items():
                step = f"{at}/{name.replace('~', '~0').replace('/', '~1')}"
                yield step, name
                waiting.append((step, item))
        elif isinstance(inner, list):
            waiting += [(f"{at}/{index}", item) for index, item in enumerate(inner)]


def check_same_mapping(submission: Submission, *, pillar: str, kind: str, period: str) -> None:
    """Raise `CorrectionDiffers` unless the correction is for the same pillar, kind and period."""
    for what, was, now in (
        ("pillar", submission.pillar, pillar),
        ("kind", submission.kind, kind),
        ("period", submission.period, period),
    ):
        if was != now:
            raise CorrectionDiffers(what, was, now)


def check_present(submission: Submission, *, version: int) -> None:
    """Raise unless the version is the submission's present one and not withdrawn."""
    if submission.state == "withdrawn":
        raise SubmissionIsWithdrawn
    if submission.version != version:
        raise VersionIsStale(version, submission.version)
