"""Visibility of figures, by the rights of the reader's role."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.i18n import Text
from shared.identity.rights import OBLIGATION_READERS, RIGHTS, Rights, markings_of, structures_in_completeness


class KindIsRestricted(Exception):
    """The public may not read figures of this kind."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            Text("Figures of kind {kind} are for members of the process. Sign in to read them.", kind=kind)
        )
        self.kind = kind


class ObligationsAreRestricted(Exception):
    """The role may not read obligations and their status."""

    def __init__(self, role: str | None) -> None:
        super().__init__(Text("The role '{role}' may not read completeness.", role=role or "public"))
        self.role = role


@dataclass(frozen=True, slots=True)
class Reader:
    """The person or system that reads. Role None is the public; `partner` is the reader's own, if any."""

    role: str | None = None
    partner: str | None = None

    @property
    def rights(self) -> Rights:
        """The rights of the reader's role."""
        return RIGHTS[self.role]

    def kinds(self, requested: Iterable[str]) -> frozenset[str]:
        """Return the requested kinds, or all visible ones if none are requested. Raises `KindIsRestricted`."""
        kinds = frozenset(requested)
        for kind in sorted(kinds - self.rights.figures):
            raise KindIsRestricted(kind)
        return kinds or self.rights.figures

    def markings(self, partners: Iterable[str]) -> frozenset[str]:
        """Return the markings to count for these partners: every one if they are the reader's own partner alone."""
        return markings_of(self.role, partner=self.partner, of_partners=frozenset(partners))

    def structures(self) -> frozenset[str]:
        """Return the structures whose obligations are visible. Raises `ObligationsAreRestricted`."""
        if self.role not in OBLIGATION_READERS:
            raise ObligationsAreRestricted(self.role)
        return structures_in_completeness(self.role, partner=self.partner)

    def known_structures(self) -> frozenset[str]:
        """Return the structures of which the reader may know whether they have reported; for most roles none."""
        return self.structures() if self.role in OBLIGATION_READERS else frozenset()
