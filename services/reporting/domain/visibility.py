"""Who sees which figures: one table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shared.reference.reporters import STRUCTURES
from shared.reference.tlp import TLP

KINDS = frozenset({"need", "response", "support"})
EVERYTHING = frozenset(TLP)
COMMUNITY = frozenset({"TLP:CLEAR", "TLP:GREEN", "TLP:AMBER"})
"""Markings that may go round among members and partners; stricter ones name their readers."""


class KindIsRestricted(Exception):
    """Figures of this kind are for those who sign in."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"Figures of kind {kind} are for members of the process: sign in to read them.")
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Sight:
    """What a role sees of others, and whether it sees its own partner's in full."""

    kinds: frozenset[str]
    markings: frozenset[str]
    own_in_full: bool = False


SIGHT: Mapping[str | None, Sight] = {
    # role          kinds                   markings                  own partner
    None: Sight(frozenset({"support"}), frozenset({"TLP:CLEAR"})),
    "member": Sight(KINDS, COMMUNITY),
    "structure": Sight(KINDS, COMMUNITY, own_in_full=True),
    "coordinator": Sight(KINDS, COMMUNITY, own_in_full=True),
    "analyst": Sight(KINDS, EVERYTHING),
    "secretariat": Sight(KINDS, EVERYTHING),
}
"""None is the public."""


def kinds_for(role: str | None, asked: Iterable[str]) -> frozenset[str]:
    """The kinds to answer for: those asked, else all that the role sees. Raises `KindIsRestricted`."""
    seen = SIGHT[role].kinds
    wanted = frozenset(asked)
    for kind in sorted(wanted - seen):
        raise KindIsRestricted(kind)
    return wanted or seen


def markings_for(role: str | None, own: str | None, partners: Iterable[str]) -> frozenset[str]:
    """The markings to count when exactly these partners are asked for: all of them for one's own partner alone."""
    sight = SIGHT[role]
    if sight.own_in_full and own is not None and set(partners) == {own}:
        return EVERYTHING
    return sight.markings


def structures_for(role: str | None, own: str | None) -> frozenset[str]:
    """The structures whose completeness is seen: all of them, or those of one's own partner."""
    if SIGHT[role].markings == EVERYTHING:
        return frozenset(STRUCTURES)
    return frozenset(code for code, known in STRUCTURES.items() if known.partner == own)
