"""Who did what, when, from where; and the chain of seals from which nothing can be taken, and into which nothing put."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

FIRST = "0" * 64
"""What the first seal has in place of the hash before it."""

LATEST_ENTRY = timedelta(minutes=10)
"""No transaction lasts so long: what is older than the last sealed entry by more than this was sealed, or never will be."""

PUBLISHED = frozenset(
    (
        "submission.received",
        "submission.corrected",
        "submission.accepted",
        "submission.returned",
        "submission.reported",
        "submission.withdrawn",
        "records.withdrawn",
        "deadline.changed",
    )
)
"""The actions that are told to whom they concern; all others are for the Secretariat."""


@dataclass(frozen=True)
class Author:
    """Who acts: somebody with a credential, through which client, from where."""

    actor: str
    client: str | None = None
    address: str | None = None


SYSTEM = Author("iisgd")
"""What the installation does by itself."""


@dataclass(frozen=True)
class Entry:
    """One thing that was done. It is never changed."""

    id: str
    at: datetime
    author: Author
    action: str
    """Dotted, in the past tense: `submission.received`."""
    reporter: str | None
    """Whom it concerns; None: everybody."""
    partner: str | None = None
    submission: str | None = None
    version: int | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Seal:
    """An entry's place in the chain. Its hash is over all of the entry, the place, and the hash before it."""

    sequence: int
    entry: str
    hash: str
    sealed_at: datetime


def seal(entry: Entry, *, after: Seal | None, at: datetime) -> Seal:
    """The seal of an entry that follows on the last one."""
    sequence = after.sequence + 1 if after else 1
    return Seal(sequence, entry.id, _hash(entry, sequence, after.hash if after else FIRST, at), at)


def misfit(found: Seal, entry: Entry | None, *, after: Seal | None) -> str | None:
    """What is wrong with the next seal of a chain, in words; None when it fits.

    `entry` is what the seal names, if it is there; `after` is the seal before, None for the first.
    """
    expected = after.sequence + 1 if after else 1
    if found.sequence != expected:
        return f"seal {expected} was removed: seal {found.sequence} stands in its place"
    if entry is None:
        return f"its entry {found.entry} was removed"
    if found.hash != _hash(entry, found.sequence, after.hash if after else FIRST, found.sealed_at):
        return f"its entry {found.entry}, or the seal itself, was changed or put in later"
    return None


def _hash(entry: Entry, sequence: int, former: str, sealed_at: datetime) -> str:
    facts = asdict(entry) | {"sequence": sequence, "former": former, "sealed_at": sealed_at}
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_moment)
    return hashlib.sha256(text.encode()).hexdigest()


def _moment(value: datetime) -> str:
    return value.isoformat()
