"""`iisgd migrate`: tables, roles and keys."""

import click

from deploy.installation import ROLES, histories
from shared.database.migrations import migrate as run_migrations
from shared.identity.keys import ensure_keys
from shared.settings import Settings


def prepare(settings: Settings) -> list[str]:
    """Bring tables, roles and keys up to date; may be run at any time, by several at once."""
    ensure_keys(settings.keys, name="installation")
    return run_migrations(settings.database, histories(), ROLES)


@click.command()
@click.option("--quiet", is_flag=True, help="Say nothing unless it fails.")
def migrate(quiet: bool) -> None:  # noqa: FBT001 - click's flag
    """Bring the database's tables and roles up to date, and make the installation's keys."""
    for schema in prepare(Settings.from_environ()):
        if not quiet:
            click.echo(f"{schema}: up to date")
