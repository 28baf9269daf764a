"""The clients of reporters: portals and programs that get tokens, with what they show to get them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from shared.reference import COORDINATORS, STRUCTURES

LONGEST_DELEGATION = timedelta(days=366)
"""Staff change often: within a year somebody looks again."""


@dataclass(frozen=True)
class Delegation:
    """A structure lets another act for it until a day, that day included."""

    id: str
    structure: str
    to: str
    kind: str
    given_by: str
    given_at: datetime
    expires_on: date
    reason: str
    ended_at: datetime | None = None

    def holds(self, on: date) -> bool:
        """Whether it lets anybody act on the day."""
        return self.ended_at is None and on <= self.expires_on


class DelegationIsOver(Exception):
    """A delegation was ended before, or has expired."""

    def __init__(self) -> None:
        super().__init__("The delegation is over: nobody acts by it any more.")


def backups_of(structure: str) -> list[str]:
    """Who can be named as its backup: the other structures of its partner, and its coordinator."""
    partner = STRUCTURES[structure].partner
    others = (code for code, each in STRUCTURES.items() if each.partner == partner and code != structure)
    return [*others, *(code for code, each in COORDINATORS.items() if each.partner == partner)]


def coordinates(reporter: str, structure: str) -> bool:
    """Whether the reporter is the coordinator of the structure's partner."""
    coordinator = COORDINATORS.get(reporter)
    return coordinator is not None and coordinator.partner == STRUCTURES[structure].partner


MOST_LIVE = 2
"""Secrets, and keys, that a client may have at once: the one in use, and the one it changes to."""

LONGEST_SECRET_DAYS = 730


@dataclass(frozen=True)
class Secret:
    """A secret of a client. What it is, nobody knows but the client."""

    id: str
    hash: str
    hint: str
    """Its last characters: enough to tell it from the other one."""
    made_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    last_used_at: datetime | None = None

    def is_live(self, now: datetime) -> bool:
        """Whether it opens anything."""
        return self.ended_at is None and now < self.expires_at


@dataclass(frozen=True)
class ClientKey:
    """A public key of a client, which signs with the private one."""

    kid: str
    jwk: Mapping[str, str]
    made_at: datetime
    ended_at: datetime | None = None
    last_used_at: datetime | None = None


@dataclass(frozen=True)
class Client:
    """A portal or program of a reporter."""

    id: str
    reporter: str
    label: str
    scopes: tuple[str, ...]
    made_at: datetime
    made_by: str
    ended_at: datetime | None = None
    secrets: Sequence[Secret] = ()
    """All that it ever had, the first first."""
    keys: Sequence[ClientKey] = ()
    """The same."""

    def live_secrets(self, now: datetime) -> list[Secret]:
        """Those that open anything: none of an ended client."""
        return [] if self.ended_at else [secret for secret in self.secrets if secret.is_live(now)]

    def live_keys(self) -> list[ClientKey]:
        """The same of its keys, which do not expire."""
        return [] if self.ended_at else [key for key in self.keys if key.ended_at is None]


class ClientIsEnded(Exception):
    """Nothing can be changed in a client that was ended."""

    def __init__(self) -> None:
        super().__init__("The client was ended; the Secretariat can make a new one.")


class EndedAlready(Exception):
    """What is to be ended was ended before."""

    def __init__(self, what: str) -> None:
        super().__init__(f"The {what} was ended already.")


class EnoughAreLive(Exception):
    """A client has as many live secrets or keys as it may have."""

    def __init__(self, what: str, names: Sequence[str]) -> None:
        super().__init__(
            f"The client has {MOST_LIVE} live {what}s, {' and '.join(names)}: end one of them first."
        )


class KeyIsKnown(Exception):
    """The client has, or had, a key of this name."""

    def __init__(self, kid: str) -> None:
        super().__init__(f"The client has or had a key {kid}; what was ended stays ended: make a new pair.")


class ActingMayNot(Exception):
    """Who acts for another cannot change who may."""

    def __init__(self) -> None:
        super().__init__(
            "You act for another: its clients, secrets, keys and delegations are its own business."
        )
