"""`iisgd audit`: who did what, and whether anything of it was changed since."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.table import Table

from deploy.commands.words import how_many
from services.entry import operations, store
from services.entry.domain.journal import Entry
from shared.database import Transaction
from shared.resources import Runtime
from shared.settings import Settings

MOMENT = click.DateTime(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])


@click.group()
def audit() -> None:
    """Look at the audit log, and check that it is whole."""


@audit.command()
def verify() -> None:
    """Compute the chain of seals anew; name the first row that does not fit, and end with 1."""
    with _entry() as tx:
        checked = operations.check_chain(tx)
        waiting = store.oldest_unsealed(tx)
    if checked.misfit is not None:
        fitting = how_many(checked.seals, "entry before it fits", "entries before it fit")
        raise click.ClickException(f"The audit log is not whole: {checked.misfit}; {fitting}.")
    if checked.last is None:
        click.echo("Nothing is sealed yet.")
    else:
        click.echo(
            f"{how_many(checked.seals, 'entry is', 'entries are')} whole, the last sealed at "
            f"{_shown(checked.last.sealed_at)} with {checked.last.hash}"
        )
    if waiting is not None:
        click.echo(f"What was written since {_shown(waiting)} is not sealed yet.")


@audit.command("list")
@click.option("--reporter", metavar="CODE", help="Of one reporter.")
@click.option("--submission", metavar="ID", help="Of one submission.")
@click.option("--action", metavar="ACTION", help="One action, or all that begin so: 'submission.'")
@click.option("--since", type=MOMENT, metavar="YYYY-MM-DD[THH:MM]", help="From this moment on, in UTC.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
def list_(
    reporter: str | None, submission: str | None, action: str | None, since: datetime | None, limit: int
) -> None:
    """List who did what, when and from where, the latest first."""
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
        click.echo("Nothing such is in the audit log.")
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
        author = entry.author
        table.add_row(
            "-" if sequence is None else str(sequence),
            _shown(entry.at),
            f"{author.actor} ({author.client})" if author.client else author.actor,
            author.address or "-",
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
