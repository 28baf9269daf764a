"""`iisgd sample`: the sample data, submitted as its reporters would."""

import click
from rich.console import Console

from deploy.commands.options import PORT
from deploy.commands.progress import counted
from deploy.sample_loader import Portal, hold_mails, load_calendar, manifest, post_sample, release_mails
from shared.settings import Settings


@click.group()
def sample() -> None:
    """Load the sample data. Existing data stays unchanged."""


@sample.command()
def calendar() -> None:
    """Create the sample's meetings, collections and contacts, and hold all mails until its submissions are loaded."""
    settings = Settings.from_environ()
    hold_mails(settings, "the sample is being loaded")
    load_calendar(settings)


@sample.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The web process's address.")
@click.option("--port", type=PORT, default=8000, show_default=True)
def submissions(host: str, port: int) -> None:
    """Post the sample's submissions over HTTP, wait for the verdicts, and release mails."""
    settings = Settings.from_environ()
    post_submissions(Portal(settings, port, host), Console())
    release_mails(settings)


def post_submissions(portal: Portal, console: Console) -> None:
    """Submit the sample and show progress."""
    doing = "Posting the sample submissions as their reporters would"
    with counted(console, doing, len(manifest())) as progress:
        post_sample(portal, progress=progress)
    portal.close()
