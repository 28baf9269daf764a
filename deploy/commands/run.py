"""`iisgd run`: run the embedded installation until Ctrl-C."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import click
from rich.console import Console

from deploy.commands.options import PORT
from deploy.commands.progress import step
from deploy.launcher import STOP_SIGNALS, Launcher, Terminated, raising_on_signals, sample_marker
from shared.settings import Settings


@click.command()
@click.option("--port", type=PORT, default=8000, show_default=True)
@click.option("--empty", is_flag=True, help="Start without sample data.")
def run(port: int, empty: bool) -> None:  # noqa: FBT001 - click's flag
    """Run the whole system on this machine until Ctrl-C, with the sample loaded once."""
    console = Console()
    launcher = Launcher.embedded(Settings.from_environ(), port=port)
    marker = sample_marker(launcher.settings)
    with suppress(Terminated):
        try:
            with stopping(launcher, console):
                _start(launcher, console, with_sample=not empty and not marker.exists())
                show_parts(launcher, console)
                console.print("\nPress Ctrl-C to stop.")
                while True:
                    signal.pause()
        except subprocess.CalledProcessError as error:
            raise click.ClickException(f"'iisgd {' '.join(error.cmd[3:])}' failed; see above") from None
    console.print("Everything is stopped.")


@contextmanager
def stopping(launcher: Launcher, console: Console) -> Iterator[None]:
    """Stop the launcher after the block. SIGINT and SIGTERM end the block with `Terminated`."""
    try:
        with raising_on_signals():
            yield
    finally:
        with step(console, "Stopping ..."):
            launcher.stop()
        # Python removes handlers before it exits; ignoring a signal lasts until the end.
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)


def _start(launcher: Launcher, console: Console, *, with_sample: bool) -> None:
    with step(console, "Making the database ..."):
        launcher.run_step("migrate", "--quiet")
        if with_sample:
            launcher.run_step("sample", "calendar")
    launcher.start()
    with step(console, "Starting entry, validation, reporting and notify ..."):
        launcher.wait_ready()
    if with_sample:
        launcher.run_step("sample", "submissions", "--port", launcher.port)
        sample_marker(launcher.settings).touch()


def show_parts(launcher: Launcher, console: Console) -> None:
    """Print the running processes."""
    console.print("\n[bold]Running processes[/bold]")
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
