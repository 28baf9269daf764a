"""The ticks and metrics of the audit log."""

from collections.abc import Iterable
from datetime import timedelta

from services.entry.audit import operations
from shared.database import RowExists, Transaction
from shared.resources import Runtime
from shared.runtime.declarations import Sample, Tick

SETTLED = timedelta(seconds=1)
"""Entries of this age are committed, unless their transaction is a long one. So the chain follows the order of time."""


def seal_audit_log(runtime: Runtime) -> None:
    """Seal new entries. Of two runs at once, the second stops and leaves the work to the first."""
    sealed = None
    while sealed != 0:
        try:
            with runtime.database.begin() as tx:
                sealed = operations.seal_entries(tx, until=tx.now - SETTLED)
        except RowExists:
            return


def measure(tx: Transaction) -> Iterable[Sample]:
    """Yield the age of the oldest unsealed entry."""
    oldest = operations.find_oldest_unsealed(tx)
    age = (tx.now - oldest).total_seconds() if oldest else 0.0
    yield "oldest_unsealed_seconds", "Age of the oldest journal entry that is not sealed.", {}, age


TICKS = (Tick("seal_journal", 1.0, seal_audit_log),)
