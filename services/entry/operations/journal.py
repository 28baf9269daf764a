"""The journal: note who did what, seal it into the chain, check the chain, and read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.entry import store
from services.entry.domain.journal import PUBLISHED, Author, Entry, Seal, misfit, seal
from shared.database import Transaction
from shared.identity.callers import Caller
from shared.ids import new_id

SEALED_AT_ONCE = 2_000
"""Entries that one transaction seals: what piled up is worked off without holding anybody up."""


@dataclass(frozen=True)
class Checked:
    """What a check of the chain found: how many seals fit, the last of them, and what is wrong after it."""

    seals: int
    last: Seal | None
    misfit: str | None


def note(
    tx: Transaction,
    *,
    author: Author,
    action: str,
    reporter: str | None,
    partner: str | None = None,
    submission: str | None = None,
    version: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write down what was done, in the transaction that does it. It only inserts, and waits for no chain.

    An entry of no reporter and no partner concerns everybody.
    """
    entry = Entry(new_id(), tx.now, author, action, reporter, partner, submission, version, detail or {})
    store.add_entry(tx, entry)


def seal_entries(tx: Transaction, *, until: datetime) -> int:
    """Number and hash entries of up to the moment that are not sealed yet, the oldest first; how many it were.

    Whoever seals at the same time as another raises `RowExists`, and seals nothing.
    """
    last = store.last_seal(tx)
    made = []
    for entry in store.unsealed(tx, last=last, until=until, limit=SEALED_AT_ONCE):
        last = seal(entry, after=last, at=tx.now)
        made.append(last)
    store.add_seals(tx, made)
    return len(made)


def check_chain(tx: Transaction) -> Checked:
    """Compute every seal anew, up to the first that does not fit."""
    last: Seal | None = None
    for found, entry in store.chain(tx):
        if wrong := misfit(found, entry, after=last):
            return Checked(last.sequence if last else 0, last, wrong)
        last = found
    passed_over = store.never_sealed(tx, last=last)
    wrong = f"the entry {passed_over} stands between sealed ones and has no seal" if passed_over else None
    return Checked(last.sequence if last else 0, last, wrong)


def list_changes(tx: Transaction, *, caller: Caller, after: int, limit: int) -> Sequence[tuple[int, Entry]]:
    """What happened to what the caller may see, from the next after a sequence on."""
    return store.sealed_after(
        tx,
        after=after,
        limit=limit,
        actions=PUBLISHED,
        reporter=caller.reporter if caller.role in ("structure", "member") else None,
        partner=caller.partner if caller.role == "coordinator" else None,
    )
