"""`iisgd healthy web | worker | relay | beat`: health checks for supervisors, based on the results of a process's work.

Exit code 0, or 1 and one line with the reason; 2 if the command itself is wrong. That a process exists proves nothing: it may hang.
"""

from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException

import click

from deploy.commands.options import PORT, SERVICES
from shared.settings import Settings

ANSWER_SECONDS = 5.0


@click.group()
def healthy() -> None:
    """Check one process, for health checks."""


@healthy.command()
@click.option("--port", type=PORT, default=8000, show_default=True, help="The web process's address.")
def web(port: int) -> None:
    """Check that this machine's web process accepts submissions. Degraded counts as healthy."""
    connection = HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/health/ready")
        answer = connection.getresponse()
        status, body = answer.status, answer.read().decode()
    except (OSError, HTTPException) as error:
        raise click.ClickException(f"the web process does not respond: {error}") from None
    finally:
        connection.close()
    if status != 200:  # noqa: PLR2004 - HTTP's word for ready
        raise click.ClickException(body)
    click.echo(body)


@healthy.command()
@SERVICES
@click.option("--bulk/--no-bulk", default=False, help="Check the bulk lanes.")
def worker(names: Sequence[str], bulk: bool) -> None:  # noqa: FBT001 - click's flag
    """Check that the lanes of the named services, or of all four, finish work."""
    from deploy import liveness  # noqa: PLC0415 - the web process is asked most often, and needs no database for it

    if silent := liveness.idle_lanes(Settings.from_environ(), names, bulk=bulk):
        raise click.ClickException("; ".join(f"{lane}: {why}" for lane, why in silent.items()))
    click.echo("every lane finishes work")


@healthy.command()
def relay() -> None:
    """Check that due deliveries are rung."""
    from deploy import liveness  # noqa: PLC0415 - the same

    if unrung := liveness.unrung_lanes(Settings.from_environ()):
        raise click.ClickException(f"due deliveries are not rung in {', '.join(unrung)}")
    click.echo("due deliveries are rung")


@healthy.command()
def beat() -> None:
    """Check that ticks are handled."""
    from deploy import liveness  # noqa: PLC0415 - the same

    if not liveness.is_ticking(Settings.from_environ()):
        raise click.ClickException("no lane finished a canary recently: beat, broker or workers are missing")
    click.echo("ticks are handled")
