"""Bearer tokens that the operator issues, for commands and for the sample."""

from datetime import timedelta

from shared.clock import SystemClock
from shared.identity.callers import Caller
from shared.identity.tokens import issue_token
from shared.reference import reporter as known_reporter
from shared.settings import Settings


def token_for(code: str, settings: Settings, *, hours: float = 1.0) -> str:
    """Return a token for a reporter; raise `ReporterIsUnknown` for an unknown code."""
    known = known_reporter(code)
    caller = Caller(known.code, known.role, known.partner, tuple(known.pillars))
    lifetime = timedelta(hours=hours)
    return issue_token(
        settings.keys, caller, audience=settings.token_audience, now=SystemClock().now(), lifetime=lifetime
    )
