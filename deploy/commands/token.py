"""`iisgd token`: a bearer token for a reporter."""

from datetime import timedelta
from difflib import get_close_matches

import click

from shared.clock import SystemClock
from shared.identity.callers import Caller
from shared.identity.tokens import issue_token
from shared.reference import ANALYST, COORDINATORS, MEMBERS, SECRETARIAT, STRUCTURES, ReporterIsUnknown
from shared.reference import reporter as known_reporter
from shared.settings import Settings

HOURS_OF_A_YEAR = 365 * 24


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
@click.option(
    "--hours",
    type=click.FloatRange(0, HOURS_OF_A_YEAR, min_open=True),
    default=1.0,
    show_default=True,
    help="How long it is good.",
)
def token(reporter: str, hours: float) -> None:
    """Print a bearer token for REPORTER: AL-WBCTi, RS-NC, UNODC, RCC-ANALYST, SECRETARIAT ..."""
    try:
        click.echo(token_for(reporter, Settings.from_environ(), hours=hours))
    except ReporterIsUnknown as error:
        raise click.ClickException(f"{str(error).rstrip('.')}; {_instead_of(reporter)}") from None


def _instead_of(code: str) -> str:
    by_letters = {
        known.casefold(): known for known in (*STRUCTURES, *COORDINATORS, *MEMBERS, ANALYST, SECRETARIAT)
    }
    if near := get_close_matches(code.casefold(), by_letters, n=1):
        return f"did you mean {by_letters[near[0]]}?"
    return "AL-WBCTi, RS-NC, UNODC, RCC-ANALYST and SECRETARIAT are some."
