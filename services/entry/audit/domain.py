"""Entries of the audit log, and the chain of seals that reveals removed, added and changed entries."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

FIRST = "0" * 64
"""The previous hash of the first seal."""

LATEST_ENTRY = timedelta(minutes=10)
"""The maximum length of a transaction. An unsealed entry that precedes the last sealed one by more is never sealed."""

MAX_SEQUENCE = 2**31 - 1
"""The highest sequence of a seal."""

PUBLISHED = frozenset(
    (
        "submission.received",
        "submission.corrected",
        "submission.accepted",
        "submission.returned",
        "submission.reported",
        "submission.superseded",
        "submission.withdrawn",
        "records.withdrawn",
        "deadline.changed",
    )
)
"""The actions that are listed for the reporters that they concern. All others are for the Secretariat."""


@dataclass(frozen=True)
class Actor:
    """The author of an action: a reporter or the installation, with the client and address of the request."""

    code: str
    client: str | None = None
    address: str | None = None


SYSTEM = Actor("iisgd")
"""The installation itself."""


@dataclass(frozen=True)
class Entry:
    """An action in the audit log. It never changes."""

    id: str
    at: datetime
    actor: Actor
    action: str
    """Dotted, in the past tense: `submission.received`."""
    reporter: str | None
    """The reporter that the action concerns; None for everyone."""
    partner: str | None = None
    submission: str | None = None
    version: int | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Seal:
    """An entry's place in the chain. Its hash covers the entry, the place and the previous hash."""

    sequence: int
    entry: str
    hash: str
    sealed_at: datetime


def seal(entry: Entry, *, after: Seal | None, at: datetime) -> Seal:
    """Return the seal of the entry that follows the last sealed one."""
    sequence = after.sequence + 1 if after else 1
    return Seal(sequence, entry.id, _hash(entry, sequence, after.hash if after else FIRST, at), at)


def chain_error(found: Seal, entry: Entry | None, *, after: Seal | None) -> str | None:
    """Describe the error of the next seal in the chain; None if the seal is valid.

    `entry` is the entry that the seal names, if it exists; `after` is the previous seal, None for the first.
    """
    expected = after.sequence + 1 if after else 1
    if found.sequence != expected:
        return f"seal {expected} was removed: seal {found.sequence} is in its place"
    if entry is None:
        return f"the entry {found.entry} was removed"
    if found.hash != _hash(entry, found.sequence, after.hash if after else FIRST, found.sealed_at):
        return f"the entry {found.entry}, or its seal, was changed or added later"
    return None


def _hash(entry: Entry, sequence: int, previous: str, sealed_at: datetime) -> str:
    facts = asdict(entry) | {"sequence": sequence, "former": previous, "sealed_at": sealed_at}
    # The names in the hashed text never change: installed chains are checked against them.
    actor = facts.pop("actor")
    facts["author"] = {"actor": actor.pop("code"), **actor}
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_isoformat)
    return hashlib.sha256(text.encode()).hexdigest()


def _isoformat(value: datetime) -> str:
    return value.isoformat()
