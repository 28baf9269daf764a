"""`iisgd backup` and `iisgd restore`: an installation as one file."""

import time
from pathlib import Path

import click

from deploy.backups import back_up
from deploy.backups import restore as restore_from
from shared.settings import Settings

FILE = click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
EXISTING = click.argument(
    "file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)


@click.command()
@FILE
def backup(file: Path) -> None:
    """Write database, bodies and keys into FILE while the system runs.

    FILE is a tar that must not exist yet. It holds restricted data and the installation's private keys, so store it as
    securely as those. It does not hold settings and passwords.
    """
    began = time.monotonic()
    done = back_up(Settings.from_environ(), file, say=click.echo)
    size, seconds = file.stat().st_size / 1e6, time.monotonic() - began
    click.echo(f"\nBacked up: {done}; {size:,.1f} MB in {seconds:.0f} s, in {file}")
    click.echo("Protect the file like the database: it holds restricted data and private keys.")
    if done.damaged:
        raise click.ClickException(
            f"{len(done.damaged)} large bodies are damaged and were left out: {', '.join(done.damaged[:5])}"
        )


@click.command()
@EXISTING
@click.option("--keep-keys", is_flag=True, help="Keep the existing token keys.")
def restore(file: Path, keep_keys: bool) -> None:  # noqa: FBT001 - click's flag
    """Make an empty installation the one that FILE holds.

    FILE is verified before anything is written. Database and keys are made where there are none, so 'iisgd migrate' need
    not be run before; the processes must not run yet. Mails are held until 'iisgd notify release'.
    """
    began = time.monotonic()
    done = restore_from(Settings.from_environ(), file, keep_keys=keep_keys, say=click.echo)
    click.echo(f"\nRestored: {done} in {time.monotonic() - began:.0f} s")
    click.echo(
        "Mails are held: the original may have sent those that are due. 'iisgd notify plan' shows planned mails,"
    )
    click.echo("'iisgd notify uncertain' shows uncertain ones, and 'iisgd notify release' releases all.")
