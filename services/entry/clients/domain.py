"""Clients of reporters, with their secrets and keys, and delegations between reporters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from shared.i18n import Text
from shared.i18n.lists import listed_and
from shared.reference import COORDINATORS, STRUCTURES

MAX_DELEGATION = timedelta(days=366)
"""The maximum length of a delegation. Staff change often: within a year the structure decides again."""


@dataclass(frozen=True)
class Delegation:
    """The permission of a reporter to act for a structure until a day, inclusive."""

    id: str
    structure: str
    to: str
    kind: str
    given_by: str
    given_at: datetime
    expires_on: date
    reason: str
    ended_at: datetime | None = None

    def is_active(self, on: date) -> bool:
        """Return whether the delegation is in force on a day."""
        return self.ended_at is None and on <= self.expires_on


class DelegationIsOver(Exception):
    """The delegation was revoked, or has expired."""

    def __init__(self) -> None:
        super().__init__(Text("The delegation was revoked or has expired; it cannot be revoked again."))


def list_backups(structure: str) -> list[str]:
    """List the possible backups of a structure: the other structures of its partner, and its coordinator."""
    partner = STRUCTURES[structure].partner
    others = (code for code, each in STRUCTURES.items() if each.partner == partner and code != structure)
    return [*others, *(code for code, each in COORDINATORS.items() if each.partner == partner)]


def is_coordinator(reporter: str, structure: str) -> bool:
    """Return whether the reporter is the coordinator of the structure's partner."""
    coordinator = COORDINATORS.get(reporter)
    return coordinator is not None and coordinator.partner == STRUCTURES[structure].partner


MAX_LIVE = 2
"""The maximum number of live secrets, and of live keys: the one in use, and the next one."""

MAX_SECRET_DAYS = 730


@dataclass(frozen=True)
class Secret:
    """A secret of a client, stored as its hash."""

    id: str
    hash: str
    hint: str
    """The last characters of the secret, by which people tell two secrets apart."""
    made_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    last_used_at: datetime | None = None

    def is_live(self, now: datetime) -> bool:
        """Return whether the secret can get a token."""
        return self.ended_at is None and now < self.expires_at


@dataclass(frozen=True)
class ClientKey:
    """A public key of a client. The client signs with the private one."""

    kid: str
    jwk: Mapping[str, str]
    made_at: datetime
    ended_at: datetime | None = None
    last_used_at: datetime | None = None


@dataclass(frozen=True)
class Client:
    """A portal or program of a reporter that gets tokens."""

    id: str
    reporter: str
    label: str
    scopes: tuple[str, ...]
    made_at: datetime
    made_by: str
    ended_at: datetime | None = None
    secrets: Sequence[Secret] = ()
    """All secrets, revoked ones too, the oldest first."""
    keys: Sequence[ClientKey] = ()
    """All keys, revoked ones too, the oldest first."""

    def live_secrets(self, now: datetime) -> list[Secret]:
        """Return the secrets that can get a token: none of a revoked client."""
        return [] if self.ended_at else [secret for secret in self.secrets if secret.is_live(now)]

    def live_keys(self) -> list[ClientKey]:
        """Return the keys that can get a token: none of a revoked client. Keys do not expire."""
        return [] if self.ended_at else [key for key in self.keys if key.ended_at is None]


class ClientIsRevoked(Exception):
    """The client is revoked and can no longer be changed."""

    def __init__(self) -> None:
        super().__init__(Text("The client was revoked; the Secretariat can create a new one."))


class IsRevoked(Exception):
    """The secret or key was revoked before."""

    def __init__(self, what: str) -> None:
        super().__init__(Text("The {what} was already revoked.", what=what))


class TooManyAreLive(Exception):
    """The client has the maximum number of live secrets or keys."""

    def __init__(self, what: str, names: Sequence[str]) -> None:
        super().__init__(
            Text(
                "The client has {count} live {what}s, {names}: revoke one of them first.",
                count=MAX_LIVE,
                what=what,
                names=listed_and(names),
            )
        )


class KeyIsKnown(Exception):
    """The client has, or had, a key with this id."""

    def __init__(self, kid: str) -> None:
        super().__init__(
            Text(
                "The client has or had the key {kid}. A revoked key stays revoked: create a new key pair.",
                kid=kid,
            )
        )


class DelegateIsForbidden(Exception):
    """Delegates may not change clients, secrets, keys and delegations."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "You act for another reporter. Only the reporter itself may change its clients, secrets, keys and delegations."
            )
        )
