"""`iisgd reporting`: rebuilding the figures."""

import click

from services.reporting import operations
from shared.resources import Runtime
from shared.settings import Settings


@click.group()
def reporting() -> None:
    """Look after the figures."""


@reporting.command()
def rebuild() -> None:
    """Rebuild all figures from the log of accepted events; the old ones are served until the new are whole."""
    runtime = Runtime.of("reporting", Settings.from_environ())
    try:
        done = operations.rebuild(runtime)
    finally:
        runtime.database.dispose()
    click.echo(
        f"The figures were rebuilt from {done.submissions:,} submissions: {done.accepted:,} are accepted, "
        f"with {done.records:,} records."
    )
