"""`iisgd run`: the embedded installation, until Ctrl-C."""

import signal
import threading

import click
from rich.console import Console

from deploy.commands.database import prepare
from deploy.launcher import Launcher
from deploy.loading import Portal, hold_mails, load_calendar, manifest, post_sample, release_mails
from shared.settings import Settings


@click.command()
@click.option("--port", default=8000, show_default=True)
@click.option("--empty", is_flag=True, help="Start without the sample data.")
def run(port: int, empty: bool) -> None:  # noqa: FBT001 - click's flag
    """Start the whole system on this machine, with sample data loaded once, until Ctrl-C."""
    console = Console()
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    launcher = Launcher.embedded(Settings.from_environ(), port=port)
    marker = launcher.settings.home / "sample-is-loaded"
    prepare(launcher.settings)
    is_fresh = not empty and not marker.exists()
    if is_fresh:
        hold_mails(launcher.settings, "the sample is being loaded")
        load_calendar(launcher.settings)
    launcher.start()
    try:
        with console.status("Starting ..."):
            launcher.wait_ready()
        if is_fresh:
            load_submissions(launcher, console)
            release_mails(launcher.settings)
            marker.touch()
        show_parts(launcher, console)
        console.print("\nCtrl-C stops everything.")
        stopping.wait()
    finally:
        with console.status("Stopping ..."):
            launcher.stop()


def load_submissions(launcher: Launcher, console: Console) -> None:
    """Hand in the sample, showing how far it is."""
    portal = Portal(launcher.settings, launcher.port)
    total = len(manifest())
    done = 0
    with console.status("Posting the sample submissions ...") as status:

        def progress() -> None:
            nonlocal done
            done += 1
            status.update(f"Posting the sample submissions as their reporters would: {done} of {total}")

        post_sample(portal, progress=progress)
    portal.close()


def show_parts(launcher: Launcher, console: Console) -> None:
    """Print what runs where."""
    console.print("\n[bold]What is running where[/bold]")
    base = launcher.settings.public_url
    for name, text in (
        ("HTTP", f"{base}  (/entry/v1, /validation/v1, /reporting/v1, /notify/v1; /health/ready, /metrics)"),
        ("Mails sent", str(launcher.mail)),
        ("Database", launcher.settings.database),
        ("Logs", str(launcher.logs)),
    ):
        console.print(f"  {name:12} {text}", soft_wrap=True, highlight=False)
    pids = ", ".join(f"{name} {launcher.pid(name)}" for name in launcher.components)
    console.print(f"  {'Processes':12} {pids}", soft_wrap=True, highlight=False)
