"""`iisgd entry`: who may hand in outside a window, and whether a receipt is good."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from deploy.commands.receipts import verify_receipt
from deploy.homes import settings_here
from services.entry import operations, store
from services.entry.domain.journal import Author
from services.entry.domain.windows import CONTINUOUS, WindowException
from shared.errors import Unprocessable
from shared.reference import KINDS
from shared.resources import Runtime

DAY = click.DateTime(formats=["%Y-%m-%d"])
MOST = 1000
"""Exceptions that are listed."""

OPERATOR = Author("operator")
"""Who sits at the machine, and has no credential."""


@click.group()
def entry() -> None:
    """Look after what is handed in."""


entry.add_command(verify_receipt)


@entry.command("except")
@click.argument("reporter")
@click.argument("kind", type=click.Choice([kind for kind in KINDS if kind not in CONTINUOUS]))
@click.argument("period")
@click.option("--until", "day", type=DAY, metavar="YYYY-MM-DD", required=True, help="The last day of it.")
@click.option("--reason", required=True, help="Shown to the reporter and in the audit log.")
def except_(reporter: str, kind: str, period: str, day: datetime, reason: str) -> None:
    """Let REPORTER alone hand in the KIND mapping of PERIOD until a day, whatever its window says."""
    with _entry() as runtime, runtime.database.begin() as tx:
        try:
            granted = operations.grant_exception(
                tx,
                author=OPERATOR,
                reporter=reporter,
                kind=kind,
                period=period,
                expires_on=day.date(),
                reason=reason,
            )
        except Unprocessable as error:
            raise click.ClickException(_sentences(error)) from None
    click.echo(f"{reporter} may hand in the {kind} mapping of {period} until {granted.expires_on}.")
    click.echo(f"The exception is {granted.id}; its reason is in the audit log.")


@entry.command()
def exceptions() -> None:
    """List the exceptions from windows, the latest first, also those that are over."""
    with _entry() as runtime, runtime.database.read() as tx:
        found = store.list_exceptions(tx, reporters=None, after=None, limit=MOST)
        today = tx.now.date()
    if not found:
        click.echo("No exception was ever made.")
        return
    Console(highlight=False).print(_listed(found, today))


def _listed(found: list[WindowException], today: date) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    for name in ("Reporter", "Kind", "Period", "Until", "State", "By", "Reason"):
        table.add_column(name, overflow="fold")
    for each in found:
        state = each.state(today)
        why = f"{each.reason}; ended: {each.end_reason}" if each.end_reason else each.reason
        table.add_row(
            each.reporter,
            each.kind,
            each.period,
            f"{each.expires_on}",
            state,
            each.granted_by,
            escape(why),
            style=None if state == "holds" else "dim",
        )
    return table


def _sentences(error: Unprocessable) -> str:
    """What is wrong, fault by fault, each with what would pass."""
    return " ".join(
        f"{fault.message} Expected: {fault.expected}." if fault.expected else fault.message
        for fault in error.errors
    )


@contextmanager
def _entry() -> Iterator[Runtime]:
    runtime = Runtime.of("entry", settings_here())
    try:
        yield runtime
    finally:
        runtime.database.dispose()
