"""`iisgd rules show`: a file of rules as it was published, from which the next draft begins."""

import click

from deploy.commands.rules.drafts import validation_if_any
from services.validation.rulesets.operations import files


@click.command()
@click.argument("name", metavar="NAME", type=click.Choice(files.NAMES))
@click.option("--version", help="A version that was published or ships; when not given, the one in force.")
def show(name: str, version: str | None) -> None:
    """Print a file of rules as it was published, or as it ships. NAME is general, WBCTi, WBCSCi or WBBSi."""
    with validation_if_any() as runtime:
        if runtime is None:
            content = files.bundled_version(name, version)
        else:
            with runtime.database.read() as tx:
                content = files.get_source(
                    tx, blobs=runtime.blobs, name=name, version=version, on=tx.now.date()
                )
    click.echo(content, nl=False)
