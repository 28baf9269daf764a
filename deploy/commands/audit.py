"""`iisgd audit`: read and verify the audit log."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.table import Table

from services.entry.audit import operations as audit_operations
from services.entry.audit import store
from services.entry.audit.domain import Entry
from shared.database import Transaction
from shared.reference.wording import pluralise
from shared.resources import Runtime
from shared.settings import Settings

MOMENT = click.DateTime(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])


@click.group()
def audit() -> None:
    """Read and verify the audit log."""


@audit.command()
def verify() -> None:
    """Recompute the chain of seals. Name the first row that does not match, and exit with 1."""
    with _entry() as tx:
        checked = audit_operations.check_chain(tx)
        waiting = store.find_oldest_unsealed(tx)
    if checked.error is not None:
        fitting = pluralise(checked.seals, "entry before it is valid", "entries before it are valid")
        raise click.ClickException(f"The audit log is not whole: {checked.error}; {fitting}.")
    if checked.last is None:
        click.echo("No entry is sealed yet.")
    else:
        click.echo(
            f"{pluralise(checked.seals, 'entry is', 'entries are')} valid, the last sealed at "
            f"{_shown(checked.last.sealed_at)} with {checked.last.hash}"
        )
    if waiting is not None:
        click.echo(f"Entries since {_shown(waiting)} are not sealed yet.")


@audit.command("list")
@click.option("--reporter", metavar="CODE", help="Only this reporter.")
@click.option("--submission", metavar="ID", help="Only this submission.")
@click.option("--action", metavar="ACTION", help="An action, or a prefix: 'submission.'")
@click.option("--since", type=MOMENT, metavar="YYYY-MM-DD[THH:MM]", help="From this time, in UTC.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
def list_(
    reporter: str | None, submission: str | None, action: str | None, since: datetime | None, limit: int
) -> None:
    """List audit log entries, the latest first."""
    with _entry() as tx:
        found = store.list_entries(
            tx,
            reporter=reporter,
            submission=submission,
            action=action,
            since=since.replace(tzinfo=UTC) if since else None,
            before=None,
            limit=limit,
        )
    if not found:
        click.echo("The audit log has no matching entry.")
        return
    Console(highlight=False).print(_table(found))


def _table(found: list[tuple[int | None, Entry]]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("No", justify="right")
    for name in ("When", "Who", "From"):
        table.add_column(name, no_wrap=True)
    for name in ("Did", "About", "Detail"):
        table.add_column(name, overflow="fold")
    for sequence, entry in found:
        actor = entry.actor
        table.add_row(
            "-" if sequence is None else str(sequence),
            _shown(entry.at),
            f"{actor.code} ({actor.client})" if actor.client else actor.code,
            actor.address or "-",
            entry.action,
            _about(entry),
            json.dumps(entry.detail, ensure_ascii=False, sort_keys=True) if entry.detail else "",
        )
    return table


def _about(entry: Entry) -> str:
    whose = entry.reporter or entry.partner or "everybody"
    if entry.submission is None:
        return whose
    return f"{whose}, {entry.submission}" + (f" version {entry.version}" if entry.version else "")


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


@contextmanager
def _entry() -> Iterator[Transaction]:
    runtime = Runtime.of("entry", Settings.from_environ())
    try:
        with runtime.database.read() as tx:
            yield tx
    finally:
        runtime.database.dispose()
