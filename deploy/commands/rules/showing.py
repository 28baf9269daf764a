"""`iisgd rules show`: print a published rule file, the start of the next draft."""

import click

from deploy.commands.rules.drafts import validation_if_any
from services.validation.rulesets.operations import files
from shared.reference.days import secretariat_day


@click.command()
@click.argument("name", metavar="NAME", type=click.Choice(files.NAMES))
@click.option("--version", help="A published or bundled version; default: the one in force.")
def show(name: str, version: str | None) -> None:
    """Print a rule file as published or bundled. NAME is general, WBCTi, WBCSCi or WBBSi."""
    with validation_if_any() as runtime:
        if runtime is None:
            content = files.bundled_version(name, version)
        else:
            with runtime.database.read() as tx:
                content = files.get_source(
                    tx, blobs=runtime.blobs, name=name, version=version, on=secretariat_day(tx.now)
                )
    click.echo(content, nl=False)
