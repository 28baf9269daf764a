"""`iisgd mail-sink`: the embedded installation's mail server."""

from pathlib import Path

import click

from deploy import mail_sink as server
from deploy.commands.options import PORT


@click.command("mail-sink")
@click.option("--port", type=PORT, default=2525, show_default=True)
@click.option("--folder", type=click.Path(path_type=Path), default=Path("var/mail"), show_default=True)
def mail_sink(port: int, folder: Path) -> None:
    """Run a mail server that stores each mail as a file."""
    server.serve(port, folder)
