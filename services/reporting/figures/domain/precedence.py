"""Which submission's copy of a record is in force, and what changes when copies come and go."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from services.reporting.figures.domain.cube import NOTHING, Figure, Figures, contribution
from services.reporting.figures.domain.facts import Fact


@dataclass(frozen=True, slots=True)
class Copy:
    """A record as one submission holds it."""

    identity: str
    submission: str
    facts: tuple[Fact, ...]
    in_force: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What a fold does to the copies that stay, and to the figures."""

    in_force: frozenset[tuple[str, str]]
    """(identity, submission) of each coming copy that is in force."""
    risen: tuple[tuple[str, str], ...]
    """Staying copies that are in force again."""
    fallen: tuple[tuple[str, str], ...]
    """Staying copies that are in force no more."""
    figures: Figures = field(default_factory=dict)
    """To be added to the kept figures; only what is not zero."""


def succession(*, leaving: Sequence[Copy], coming: Sequence[Copy], staying: Sequence[Copy]) -> Change:
    """Decide anew for every record touched: the copy of the greatest submission id (the latest) is in force.

    `staying` are the copies that other submissions hold of the same records.
    """
    before = {copy.identity: copy for copy in (*leaving, *staying) if copy.in_force}
    after = _latest((*coming, *staying))
    rises = [(at.identity, at.submission) for at in staying if not at.in_force and after[at.identity] is at]
    falls = [(at.identity, at.submission) for at in staying if at.in_force and after[at.identity] is not at]
    figures: Figures = defaultdict(Figure)
    for identity in before.keys() | after.keys():
        was, now = before.get(identity), after.get(identity)
        if was and now and was.facts == now.facts:
            continue
        _count(figures, was, times=-1)
        _count(figures, now, times=1)
    return Change(
        in_force=frozenset((at.identity, at.submission) for at in coming if after[at.identity] is at),
        risen=tuple(rises),
        fallen=tuple(falls),
        figures={cell: figure for cell, figure in figures.items() if figure != NOTHING},
    )


def _latest(copies: Iterable[Copy]) -> dict[str, Copy]:
    latest: dict[str, Copy] = {}
    for copy in copies:
        if copy.identity not in latest or copy.submission > latest[copy.identity].submission:
            latest[copy.identity] = copy
    return latest


def _count(figures: Figures, copy: Copy | None, *, times: int) -> None:
    for cell, figure in contribution(copy.facts if copy else ()).items():
        figures[cell] = figures[cell].plus(figure, times=times)
