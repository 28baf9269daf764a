"""`iisgd keys`: what the installation signs tokens and receipts with, and changing it while the system runs."""

import click

from deploy.homes import settings_here
from shared.clock import SystemClock
from shared.identity.keys import create_keys, key_names, retire_key, signing_key


@click.group()
def keys() -> None:
    """Look after the keys of the installation."""


@keys.command("list")
def list_() -> None:
    """List the keys: which signs, which only check."""
    folder = settings_here().keys
    newest, _ = signing_key(folder)
    for name, state in key_names(folder).items():
        click.echo(f"{name:32} {'signs, and checks' if name == newest else state}")


@keys.command()
def rotate() -> None:
    """Sign with a new key from now on; what was signed before is good until it ends."""
    folder = settings_here().keys
    former, _ = signing_key(folder)
    name = f"installation-{SystemClock().now():%Y%m%d%H%M%S}"
    if name <= former:
        raise click.ClickException(
            f"{former} comes after {name}, so it would go on signing; rename it first."
        )
    create_keys(folder, name=name)
    click.echo(f"Tokens and receipts are signed with {name} within a minute.")
    click.echo(f"Once the tokens signed with {former} have ended: iisgd keys retire {former}")


@keys.command()
@click.argument("name")
def retire(name: str) -> None:
    """Refuse the tokens that NAME has signed, within a second. Receipts that it signed stay good."""
    folder = settings_here().keys
    retire_key(folder, name=name)
    click.echo(f"{name} checks receipts only; its private half is gone.")
