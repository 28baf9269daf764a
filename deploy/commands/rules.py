"""`iisgd rules`: the rulesets."""

import click

from services.validation import operations


@click.group()
def rules() -> None:
    """Look after the rulesets."""


@rules.command()
def check() -> None:
    """Run every rule's own examples."""
    if problems := operations.check_rulesets():
        raise click.ClickException("\n".join(problems))
    click.echo("rules: every example behaves as it says")
