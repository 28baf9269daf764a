"""Use cases of the audit log: record actions, seal them into the chain, check the chain, and list entries."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.entry.audit import store
from services.entry.audit.domain import PUBLISHED, Actor, Entry, Seal, chain_error, seal
from shared.database import Transaction
from shared.identity.callers import Caller
from shared.ids import new_id

MAX_ADDRESS_LENGTH = 60
"""The maximum length of a stored address. A proxy may report anything as an address."""

SEALED_AT_ONCE = 2_000
"""The maximum number of entries that one transaction seals, so that a backlog delays no other transaction."""


@dataclass(frozen=True)
class ChainCheck:
    """The result of a check of the chain: the number of valid seals, the last of them, and the error after it."""

    seals: int
    last: Seal | None
    error: str | None


def record_action(
    tx: Transaction,
    *,
    actor: Actor,
    action: str,
    reporter: str | None,
    partner: str | None = None,
    submission: str | None = None,
    version: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Record an action in its own transaction. This only inserts a row, and waits for no other transaction.

    An action without reporter and partner concerns everyone.
    """
    entry = Entry(new_id(), tx.now, actor, action, reporter, partner, submission, version, detail or {})
    store.insert_entry(tx, entry)


def actor_of(caller: Caller, *, address: str | None) -> Actor:
    """Return the actor of a caller's request: the reporter, or the delegate that acts for it."""
    return Actor(
        caller.actor or caller.reporter, caller.client, address[:MAX_ADDRESS_LENGTH] if address else None
    )


def seal_entries(tx: Transaction, *, until: datetime) -> int:
    """Seal the unsealed entries up to a time, the oldest first. Return the number sealed.

    If another transaction seals at the same time, the commit raises `RowExists` and nothing is sealed.
    """
    last = store.find_last_seal(tx)
    new = []
    for entry in store.list_unsealed(tx, last=last, until=until, limit=SEALED_AT_ONCE):
        last = seal(entry, after=last, at=tx.now)
        new.append(last)
    store.insert_seals(tx, new)
    return len(new)


def check_chain(tx: Transaction) -> ChainCheck:
    """Compute each seal again, up to the first error."""
    last: Seal | None = None
    for found, entry in store.list_chain(tx):
        if error := chain_error(found, entry, after=last):
            return ChainCheck(last.sequence if last else 0, last, error)
        last = found
    unsealed = store.find_never_sealed(tx, last=last)
    error = f"the entry {unsealed} is older than sealed entries and has no seal" if unsealed else None
    return ChainCheck(last.sequence if last else 0, last, error)


def find_oldest_unsealed(tx: Transaction) -> datetime | None:
    """Return the time of the oldest unsealed entry; None if all entries are sealed."""
    return store.find_oldest_unsealed(tx)


def find_last_sequence(tx: Transaction) -> int:
    """Return the sequence of the last sealed entry; 0 before the first."""
    last = store.find_last_seal(tx)
    return last.sequence if last else 0


def list_changes(tx: Transaction, *, caller: Caller, after: int, limit: int) -> Sequence[tuple[int, Entry]]:
    """List the published entries visible to the caller, with their sequence, after a sequence."""
    reporter, partner = caller.scope_of_lists
    return store.list_sealed(
        tx, after=after, limit=limit, actions=PUBLISHED, reporter=reporter, partner=partner
    )


def list_sealed(
    tx: Transaction,
    *,
    after: int,
    limit: int,
    actions: Collection[str],
    reporter: str | None = None,
    partner: str | None = None,
) -> list[tuple[int, Entry]]:
    """List sealed entries of the actions, with their sequence, after a sequence.

    With a reporter or a partner, list only its entries and those that concern everyone.
    """
    return store.list_sealed(
        tx, after=after, limit=limit, actions=actions, reporter=reporter, partner=partner
    )


def list_entries(
    tx: Transaction,
    *,
    reporter: str | None,
    submission: str | None,
    action: str | None,
    since: datetime | None,
    before: str | None,
    limit: int,
) -> list[tuple[int | None, Entry]]:
    """List entries with their sequence, the latest first; `before` is the last id of the previous page.

    The sequence of an unsealed entry is None. An action that ends in a dot selects every action with this prefix.
    """
    return store.list_entries(
        tx, reporter=reporter, submission=submission, action=action, since=since, before=before, limit=limit
    )
