"""Precedence among submissions that claim the same record, and the changes when claims come and go.

The claim that was stated last is in force: that with the greatest place.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from services.reporting.figures.domain.cube import NOTHING, Figure, Figures, figures_of
from services.reporting.figures.domain.facts import Fact


@dataclass(frozen=True, slots=True)
class Claim:
    """A record as one submission reports it."""

    identity: str
    submission: str
    facts: tuple[Fact, ...]
    in_force: bool = False
    place: str = ""
    """Its place in the order of statements; empty, and so the first, in data from before places were stored."""

    @property
    def order(self) -> tuple[str, str]:
        """The order of claims: the greatest is in force."""
        return self.place, self.submission


@dataclass(frozen=True, slots=True)
class Change:
    """The changes that a fold makes to staying claims and to figures."""

    in_force: frozenset[tuple[str, str]]
    """(identity, submission) of each coming claim that is in force."""
    reinstated: tuple[tuple[str, str], ...]
    """Staying claims that are in force again."""
    retired: tuple[tuple[str, str], ...]
    """Staying claims that are no longer in force."""
    figures: Figures = field(default_factory=dict)
    """To be added to the stored figures; without zeros."""
    moved: frozenset[str] = frozenset()
    """The submissions, among those of coming and staying claims, whose counting records may be others than before, or may
    be superseded by another submission than before."""


def decide_precedence(
    *, leaving: Sequence[Claim], coming: Sequence[Claim], staying: Sequence[Claim]
) -> Change:
    """Decide for every record concerned: the claim that was stated last is in force.

    `staying` are the claims of other submissions to these records.
    """
    before = {claim.identity: claim for claim in (*leaving, *staying) if claim.in_force}
    after = _latest((*coming, *staying))
    figures: Figures = defaultdict(Figure)
    contested: set[str] = set()
    for identity in before.keys() | after.keys():
        was, now = before.get(identity), after.get(identity)
        if (was and was.submission) != (now and now.submission):
            contested.add(identity)
        if was and now and was.facts == now.facts:
            continue
        _count(figures, was, times=-1)
        _count(figures, now, times=1)
    return Change(
        in_force=frozenset((at.identity, at.submission) for at in coming if after[at.identity] is at),
        reinstated=tuple(
            (at.identity, at.submission) for at in staying if not at.in_force and after[at.identity] is at
        ),
        retired=tuple(
            (at.identity, at.submission) for at in staying if at.in_force and after[at.identity] is not at
        ),
        figures={cell: figure for cell, figure in figures.items() if figure != NOTHING},
        moved=frozenset(at.submission for at in staying if at.identity in contested)
        | {at.submission for at in coming if after[at.identity] is not at},
    )


def _latest(claims: Iterable[Claim]) -> dict[str, Claim]:
    latest: dict[str, Claim] = {}
    for claim in claims:
        if claim.identity not in latest or claim.order > latest[claim.identity].order:
            latest[claim.identity] = claim
    return latest


def _count(figures: Figures, claim: Claim | None, *, times: int) -> None:
    for cell, figure in figures_of(claim.facts if claim else ()).items():
        figures[cell] = figures[cell].plus(figure, times=times)
