"""Polling for a better result on behalf of a client that prefers to wait (`Prefer: wait`)."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache

from shared.database import Transaction
from shared.http.routes import RequestContext, Result

MAX_WAIT_SECONDS = 30.0
POLL_SECONDS = 0.02

Poll = Callable[[Transaction], Result | None]


def poll_until(
    poll: Poll, call: RequestContext, *, otherwise: Result, every_seconds: float = POLL_SECONDS
) -> Callable[[], Result | None] | None:
    """Return a function that polls after the commit until `poll` gives a result or the client's time is up.

    Return None unless the client prefers to wait. The function gives None at once while too many others wait. Its result,
    or `otherwise` when the time is up, states that it waited (RFC 7240, 3).
    """
    seconds = min(call.prefer_wait, MAX_WAIT_SECONDS)
    if not seconds:
        return None
    slots = _waiting_slots(call.runtime.settings.web_threads)

    def wait() -> Result | None:
        if not slots.acquire(blocking=False):
            return None
        try:
            result = _poll(poll, call, seconds, every_seconds) or otherwise
            return replace(result, headers={**result.headers, "Preference-Applied": f"wait={seconds:.0f}"})
        finally:
            slots.release()

    return wait


@cache
def _waiting_slots(threads: int) -> threading.BoundedSemaphore:
    """Return the process's slots for waiting requests: at most half of its threads may wait."""
    return threading.BoundedSemaphore(max(1, threads // 2))


def _poll(poll: Poll, call: RequestContext, seconds: float, every_seconds: float) -> Result | None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with call.runtime.database.read(visible_to=call.visible_to) as tx:
            if (result := poll(tx)) is not None:
                return result
        time.sleep(every_seconds)
    return None
