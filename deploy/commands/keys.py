"""`iisgd keys`: the installation's signing keys, and their rotation while the system runs."""

import click

from deploy.instance_lock import current_settings
from shared.clock import SystemClock
from shared.identity.keys import create_keys, key_names, retire_key, signing_key


@click.group()
def keys() -> None:
    """List, rotate and retire signing keys."""


@keys.command("list")
def list_() -> None:
    """List the keys: which one signs, and which only verify."""
    folder = current_settings().keys
    newest, _ = signing_key(folder)
    for name, state in key_names(folder).items():
        click.echo(f"{name:32} {'signs and verifies' if name == newest else state}")


@keys.command()
def rotate() -> None:
    """Rotate the signing key. Existing signatures stay valid until they expire."""
    folder = current_settings().keys
    former, _ = signing_key(folder)
    name = f"installation-{SystemClock().now():%Y%m%d%H%M%S}"
    if name <= former:
        raise click.ClickException(
            f"{former} sorts after {name} and would continue to sign. Rename it first."
        )
    create_keys(folder, name=name)
    click.echo(f"Within a minute, {name} signs tokens and receipts.")
    click.echo(f"When the tokens signed with {former} have expired, run: iisgd keys retire {former}")


@keys.command()
@click.argument("name")
def retire(name: str) -> None:
    """Reject the tokens signed with NAME, within a second. Its receipts stay valid."""
    folder = current_settings().keys
    retire_key(folder, name=name)
    click.echo(f"{name} now only verifies receipts; its private key is deleted.")
