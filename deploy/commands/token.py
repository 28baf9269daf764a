"""`iisgd token`: print a bearer token for a reporter."""

from difflib import get_close_matches

import click

from deploy.tokens import token_for
from shared.reference import ANALYST, COORDINATORS, MEMBERS, SECRETARIAT, STRUCTURES, ReporterIsUnknown
from shared.settings import Settings

HOURS_OF_A_YEAR = 365 * 24


@click.command()
@click.argument("reporter", metavar="REPORTER")
@click.option(
    "--hours",
    type=click.FloatRange(0, HOURS_OF_A_YEAR, min_open=True),
    default=1.0,
    show_default=True,
    help="The lifetime.",
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
    return "for example AL-WBCTi, RS-NC, UNODC, RCC-ANALYST or SECRETARIAT."
