"""Visibility of figures by role: one table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shared.reference.reporters import STRUCTURES
from shared.reference.tlp import TLP

KINDS = frozenset({"need", "response", "support"})
ALL_MARKINGS = frozenset(TLP)
COMMUNITY = frozenset({"TLP:CLEAR", "TLP:GREEN", "TLP:AMBER"})
"""Markings of records that members and partners may share; stricter markings name their readers."""


class KindIsRestricted(Exception):
    """The public may not read figures of this kind."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"Figures of kind {kind} are for members of the process. Sign in to read them.")
        self.kind = kind


class ObligationsAreRestricted(Exception):
    """The role may not read obligations and their status."""

    def __init__(self, role: str | None) -> None:
        super().__init__(f"The role '{role or 'public'}' may not read completeness.")
        self.role = role


@dataclass(frozen=True, slots=True)
class Reader:
    """The person or system that reads. Role None is the public; `partner` is the reader's own, if any."""

    role: str | None = None
    partner: str | None = None


@dataclass(frozen=True, slots=True)
class Visibility:
    """The figures of others that a role sees, and whether it sees its own partner's in full."""

    kinds: frozenset[str]
    markings: frozenset[str]
    own_in_full: bool = False
    obligations: bool = False


VISIBILITY: Mapping[str | None, Visibility] = {
    # role               kinds                   markings                  own partner
    None: Visibility(frozenset({"support"}), frozenset({"TLP:CLEAR"})),
    "member": Visibility(KINDS, COMMUNITY),
    "structure": Visibility(KINDS, COMMUNITY, own_in_full=True, obligations=True),
    "coordinator": Visibility(KINDS, COMMUNITY, own_in_full=True, obligations=True),
    "analyst": Visibility(KINDS, ALL_MARKINGS, obligations=True),
    "secretariat": Visibility(KINDS, ALL_MARKINGS, obligations=True),
}
"""None is the public."""


def kinds_for(role: str | None, requested: Iterable[str]) -> frozenset[str]:
    """Return the requested kinds, or all that the role sees if none are requested. Raises `KindIsRestricted`."""
    visible = VISIBILITY[role].kinds
    kinds = frozenset(requested)
    for kind in sorted(kinds - visible):
        raise KindIsRestricted(kind)
    return kinds or visible


def markings_for(role: str | None, own: str | None, partners: Iterable[str]) -> frozenset[str]:
    """Return the markings to count for these partners: all of them if one's own partner is the only one."""
    visibility = VISIBILITY[role]
    if visibility.own_in_full and own is not None and set(partners) == {own}:
        return ALL_MARKINGS
    return visibility.markings


def structures_for(role: str | None, own: str | None) -> frozenset[str]:
    """Return the structures whose obligations the role sees: all, or those of its own partner.

    Raises `ObligationsAreRestricted`.
    """
    visibility = VISIBILITY[role]
    if not visibility.obligations:
        raise ObligationsAreRestricted(role)
    if visibility.markings == ALL_MARKINGS:
        return frozenset(STRUCTURES)
    return frozenset(code for code, known in STRUCTURES.items() if known.partner == own)
