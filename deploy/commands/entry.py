"""`iisgd entry`: exceptions from windows, and receipts."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from deploy.commands.receipts import verify_receipt
from deploy.instance_lock import current_settings
from services.entry.audit.domain import Actor
from services.entry.windows import operations as windows
from services.entry.windows import store
from services.entry.windows.domain import CONTINUOUS, WindowException
from shared.errors import Unprocessable
from shared.reference import KINDS
from shared.reference.days import reporter_day
from shared.resources import Runtime

DAY = click.DateTime(formats=["%Y-%m-%d"])
MAX_LISTED = 1000
"""The maximum number of listed exceptions."""

OPERATOR = Actor("operator")
"""The person at the machine, who has no credential."""


@click.group()
def entry() -> None:
    """Manage exceptions from windows, and verify receipts."""


entry.add_command(verify_receipt)


@entry.command("except")
@click.argument("reporter")
@click.argument("kind", type=click.Choice([kind for kind in KINDS if kind not in CONTINUOUS]))
@click.argument("period")
@click.option("--until", "day", type=DAY, metavar="YYYY-MM-DD", required=True, help="The last day.")
@click.option("--reason", required=True, help="The reason, shown to the reporter and in the audit log.")
def except_(reporter: str, kind: str, period: str, day: datetime, reason: str) -> None:
    """Let REPORTER submit the KIND mapping of PERIOD until a date, even while its window is closed."""
    with _entry() as runtime, runtime.database.begin() as tx:
        try:
            granted = windows.grant_exception(
                tx,
                actor=OPERATOR,
                reporter=reporter,
                kind=kind,
                period=period,
                expires_on=day.date(),
                reason=reason,
            )
        except Unprocessable as error:
            raise click.ClickException(_sentences(error)) from None
    click.echo(f"{reporter} may submit the {kind} mapping of {period} until {granted.expires_on}.")
    click.echo(f"Exception {granted.id}; the audit log holds its reason.")


@entry.command()
def exceptions() -> None:
    """List exceptions from windows, the latest first, including expired ones."""
    with _entry() as runtime, runtime.database.read() as tx:
        found = store.list_exceptions(tx, reporters=None, after=None, limit=MAX_LISTED)
        now = tx.now
    if not found:
        click.echo("There are no exceptions.")
        return
    Console(highlight=False).print(_listed(found, now))


def _listed(found: list[WindowException], now: datetime) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    for name in ("Reporter", "Kind", "Period", "Until", "State", "By", "Reason"):
        table.add_column(name, overflow="fold")
    for each in found:
        state = each.state(reporter_day(each.reporter, now))
        why = f"{each.reason}; revoked: {each.end_reason}" if each.end_reason else each.reason
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
    """Join the errors of a request into sentences, each with what would pass."""
    return " ".join(
        f"{fault.message} Expected: {fault.expected}." if fault.expected else fault.message
        for fault in error.errors
    )


@contextmanager
def _entry() -> Iterator[Runtime]:
    runtime = Runtime.of("entry", current_settings())
    try:
        yield runtime
    finally:
        runtime.database.dispose()
