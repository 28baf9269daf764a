"""What a test does to notify, and what it then finds there."""

from collections.abc import Iterable
from dataclasses import replace

from services.notify import operations, store, tasks
from services.notify.domain.mails import Mail
from services.notify.domain.reminders import Reminder
from services.notify.store import Contact
from shared.database import Transaction
from shared.reference import STRUCTURES
from shared.resources import Runtime


def with_server(runtime: Runtime, url: str) -> Runtime:
    """The runtime, sending to another mail server."""
    return replace(runtime, settings=replace(runtime.settings, smtp_url=url))


def owe_only(runtime: Runtime, *structures: str) -> None:
    """Have all other structures hand in their needs."""
    with runtime.database.begin() as tx:
        for code in STRUCTURES:
            if code not in structures:
                hand_in(tx, code)


def hand_in(
    tx: Transaction, structure: str, *, standing: str = "received", version: int = 1, verdict: int = 0
) -> None:
    store.keep_standing(
        tx,
        submission=f"needs of {structure}",
        at=(version, verdict),
        standing=standing,
        owed={"structure": structure, "kind": "need", "period": "2025-2026"},
    )


def set_contact(runtime: Runtime, structure: str, address: str, backup: str | None = None) -> None:
    with runtime.database.begin() as tx:
        operations.set_contact(tx, contact=Contact(structure, address, backup, structure))


def plan_and_send(runtime: Runtime) -> None:
    tasks.plan(runtime)
    tasks.send(runtime)


def mails(runtime: Runtime) -> tuple[Mail, ...]:
    """The ledger, the oldest first."""
    with runtime.database.read() as tx:
        return store.all_mails(tx, state=None, after=None, limit=1000)[::-1]


def reminders(runtime: Runtime, structures: Iterable[str] = STRUCTURES) -> tuple[Reminder, ...]:
    with runtime.database.read() as tx:
        return store.all_reminders(tx, list(structures), limit=10_000)


def states(runtime: Runtime, structure: str) -> dict[str, str]:
    """What became of a structure's reminders, by step and deadline."""
    return {f"{each.step} {each.due_on}": each.state.value for each in reminders(runtime, [structure])}
