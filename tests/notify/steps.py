"""Steps of notify's tests, and the state that they lead to."""

from collections.abc import Iterable
from dataclasses import replace

from services.notify.calendar import store
from services.notify.contacts import operations as contacts
from services.notify.contacts.domain import Contact
from services.notify.reminders import store as reminders_store
from services.notify.reminders.domain.reminders import Reminder
from services.notify.sending import tasks
from services.notify.sending.domain import Mail
from services.notify.sending.operations import ledger
from shared.database import Transaction
from shared.reference import STRUCTURES
from shared.resources import Runtime


def with_server(runtime: Runtime, url: str) -> Runtime:
    """Return the runtime with another mail server."""
    return replace(runtime, settings=replace(runtime.settings, smtp_url=url))


def owe_only(runtime: Runtime, *structures: str) -> None:
    """Submit the needs of all other structures."""
    with runtime.database.begin() as tx:
        for code in STRUCTURES:
            if code not in structures:
                submit_needs(tx, code)


def submit_needs(
    tx: Transaction, structure: str, *, status: str = "received", version: int = 1, verdict: int = 0
) -> None:
    store.upsert_submission_status(
        tx,
        submission=f"needs of {structure}",
        at=(version, verdict),
        status=status,
        obligation={"structure": structure, "kind": "need", "period": "2025-2026"},
    )


def set_contact(runtime: Runtime, structure: str, address: str, backup: str | None = None) -> None:
    with runtime.database.begin() as tx:
        contacts.set_contact(tx, contact=Contact(structure, address, backup, structure))


def plan_and_send(runtime: Runtime) -> None:
    tasks.plan(runtime)
    tasks.send(runtime)


def mails(runtime: Runtime) -> tuple[Mail, ...]:
    """Return the ledger, the oldest mail first."""
    with runtime.database.read() as tx:
        return ledger.list_mails(tx, state=None, after=None, limit=1000)[::-1]


def reminders(runtime: Runtime, structures: Iterable[str] = STRUCTURES) -> tuple[Reminder, ...]:
    with runtime.database.read() as tx:
        return reminders_store.list_reminders(tx, list(structures), limit=10_000)


def states(runtime: Runtime, structure: str) -> dict[str, str]:
    """Return the states of a structure's reminders by step and deadline."""
    return {f"{each.step} {each.due_on}": each.state.value for each in reminders(runtime, [structure])}
