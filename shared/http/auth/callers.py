"""Who calls, as a credential says it."""

from dataclasses import dataclass
from typing import Literal

from shared.database import EVERYTHING, sees_of

Role = Literal["structure", "coordinator", "member", "analyst", "secretariat"]

ROLES: frozenset[Role] = frozenset(("structure", "coordinator", "member", "analyst", "secretariat"))
"""Everybody with a token."""

SCOPES = ("read", "write")
"""What a token can be good for: to ask, and to change."""


@dataclass(frozen=True)
class Caller:
    """Who calls, from the credential only."""

    reporter: str
    role: str
    partner: str | None
    pillars: tuple[str, ...]
    scopes: tuple[str, ...] = SCOPES
    client: str | None = None
    """The client that got the token; None where the operator made it."""
    actor: str | None = None
    """Who really acts, where somebody acts for the reporter."""

    @property
    def sees(self) -> str:
        """What the database shows of reporters' rows to who asks for this caller, whatever is asked."""
        if self.role in ("secretariat", "analyst"):
            return EVERYTHING
        return sees_of(reporter=self.reporter, partner=self.partner if self.role == "coordinator" else None)
