"""`iisgd run`: the embedded installation, until Ctrl-C."""

import signal
import subprocess
import threading

import click
from rich.console import Console

from deploy.launcher import Launcher, iisgd, sample_marker
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
    marker = sample_marker(launcher.settings)
    is_fresh = not empty and not marker.exists()
    try:
        with console.status("Making the database ..."):
            _do(launcher, "migrate", "--quiet")
            if is_fresh:
                _do(launcher, "sample", "calendar")
        launcher.start()
        with console.status("Starting ..."):
            launcher.wait_ready()
        if is_fresh:
            _do(launcher, "sample", "submissions", "--port", launcher.port)
            marker.touch()
        show_parts(launcher, console)
        console.print("\nCtrl-C stops everything.")
        stopping.wait()
    except subprocess.CalledProcessError as error:
        # Ctrl-C reaches the steps too: one that it ended has not failed.
        if not stopping.is_set():
            raise click.ClickException(f"'iisgd {' '.join(error.cmd[3:])}' failed, see above") from None
    finally:
        with console.status("Stopping ..."):
            launcher.stop()


def _do(launcher: Launcher, *arguments: object) -> None:
    """Take a step in a process of its own: whoever supervises for months need not carry what loading took."""
    subprocess.run(iisgd(*arguments), env=launcher.settings.as_environ(), check=True)


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
