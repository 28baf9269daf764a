"""`iisgd web`: the HTTP server.

This module imports no service; the server's own processes do.
"""

import os
import sys
from collections.abc import Sequence
from dataclasses import replace

import click

from deploy.commands.options import PORT, SERVICES
from deploy.instance_lock import current_settings
from deploy.service_names import NAMES


@click.command()
@SERVICES
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=PORT, default=8000, show_default=True)
@click.option("--workers", default=1, show_default=True, help="The number of processes.")
def web(names: Sequence[str], host: str, port: int, workers: int) -> None:
    """Serve the named services, or all four, over HTTP."""
    settings = replace(current_settings(), services=",".join(names or NAMES))
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "deploy.wsgi:app"]
    command += ["--host", host, "--port", str(port), "--workers", str(workers)]
    command += [
        "--blocking-threads",
        str(settings.web_threads),
        "--no-ws",
        "--no-access-log",
        # Every start would log warnings about the number of threads, which is intended.
        "--log-level",
        "error",
    ]
    command += ["--respawn-failed-workers", "--workers-kill-timeout", "10"]
    os.execve(sys.executable, command, settings.as_environ())  # noqa: S606 - the server takes this process over
