"""Answers that a client would wait for (`Prefer: wait`)."""

import threading
import time
from collections.abc import Callable
from functools import cache

from shared.database import Transaction
from shared.http.routes import RequestContext, Result

LONGEST_WAIT_SECONDS = 30.0
LOOK_EVERY_SECONDS = 0.02

Look = Callable[[Transaction], Result | None]


def waiting_for(
    look: Look, call: RequestContext, *, every_seconds: float = LOOK_EVERY_SECONDS
) -> Callable[[], Result | None] | None:
    """What looks for a better answer after the commit, if the client prefers to wait and there is room to."""
    seconds = min(call.prefer_wait, LONGEST_WAIT_SECONDS)
    if not seconds:
        return None
    room = _room_to_wait(call.runtime.settings.web_threads)

    def wait() -> Result | None:
        if not room.acquire(blocking=False):
            return None
        try:
            return _found(look, call, seconds, every_seconds)
        finally:
            room.release()

    return wait


@cache
def _room_to_wait(threads: int) -> threading.BoundedSemaphore:
    """Who waits holds a thread: never more than half of those that the process has."""
    return threading.BoundedSemaphore(max(1, threads // 2))


def _found(look: Look, call: RequestContext, seconds: float, every_seconds: float) -> Result | None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with call.runtime.database.read(visible_to=call.visible_to) as tx:
            if (answer := look(tx)) is not None:
                return answer
        time.sleep(every_seconds)
    return None
