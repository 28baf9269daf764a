"""Retries: leases, increasing waits and giving up. The module is pure: time and randomness are arguments.

The bus, the mail ledger and the webhooks share these rules; each has a policy of its own.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta


def doubling(first: timedelta, longest: timedelta) -> tuple[timedelta, ...]:
    """Return waits that double from the first until they reach the longest."""
    waits = [min(first, longest)]
    while timedelta() < waits[-1] < longest:
        waits.append(min(2 * waits[-1], longest))
    return tuple(waits)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """A rule for the waits after failures, and for giving up."""

    waits: tuple[timedelta, ...]
    """The wait after each failure. The last one repeats."""
    give_up_after: timedelta | None = None
    """The time after the first attempt at which to give up; None means never."""

    def wait_after(self, attempts: int, *, jitter: float = 0.5) -> timedelta:
        """Return the wait after a number of attempts.

        `jitter`, from 0 to 1, spreads simultaneous failures between 75 % and 125 % of the wait; 0.5 is exactly the wait.
        """
        return self.waits[min(max(attempts, 1), len(self.waits)) - 1] * (0.75 + jitter / 2)

    def is_given_up(self, *, since: datetime | None, now: datetime) -> bool:
        """Return whether work first attempted at `since` has reached its limit; False if it was never attempted."""
        return self.give_up_after is not None and since is not None and now - since >= self.give_up_after

    def next_attempt_at(
        self, attempts: int, *, since: datetime, now: datetime, jitter: float = 0.5
    ) -> datetime | None:
        """Return the time of the next attempt, or None to give up. The last attempt is at the time limit itself."""
        if self.is_given_up(since=since, now=now):
            return None
        at = now + self.wait_after(attempts, jitter=jitter)
        return at if self.give_up_after is None else min(at, since + self.give_up_after)
