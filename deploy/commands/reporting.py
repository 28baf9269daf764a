"""`iisgd reporting`: rebuild the figures."""

import click

from services.reporting.figures.operations import rebuilding
from shared.resources import Runtime
from shared.settings import Settings


@click.group()
def reporting() -> None:
    """Manage the figures."""


@reporting.command()
def rebuild() -> None:
    """Rebuild all figures from the log of accepted events. The old figures are served until the new ones are complete."""
    runtime = Runtime.of("reporting", Settings.from_environ())
    try:
        done = rebuilding.rebuild(runtime)
    finally:
        runtime.database.dispose()
    click.echo(
        f"Rebuilt the figures from {done.submissions:,} submissions, of which {done.accepted:,} are accepted "
        f"with {done.records:,} records."
    )
