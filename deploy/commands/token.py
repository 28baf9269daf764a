"""`iisgd token`: a bearer token for a reporter."""

from datetime import timedelta

import click

from shared.clock import SystemClock
from shared.http.auth import Caller, issue_token
from shared.reference import ReporterIsUnknown
from shared.reference import reporter as known_reporter
from shared.settings import Settings


def token_for(code: str, settings: Settings, *, hours: float = 1.0) -> str:
    """A token; `ReporterIsUnknown` if nobody bears the code."""
    known = known_reporter(code)
    caller = Caller(known.code, known.role, known.partner, tuple(known.pillars))
    lifetime = timedelta(hours=hours)
    return issue_token(
        settings.keys, caller, audience=settings.token_audience, now=SystemClock().now(), lifetime=lifetime
    )


@click.command()
@click.argument("reporter", metavar="REPORTER")
@click.option("--hours", default=1.0, show_default=True, help="How long it is good.")
def token(reporter: str, hours: float) -> None:
    """Print a bearer token for REPORTER: AL-WBCTi, RS-NC, UNODC, RCC-ANALYST, SECRETARIAT ..."""
    try:
        click.echo(token_for(reporter, Settings.from_environ(), hours=hours))
    except ReporterIsUnknown as error:
        raise click.ClickException(str(error.args[0])) from None
