"""Identifiers that sort by their time of creation, so that an index grows at its end (RFC 9562, version 7)."""

import os
import threading
import time
from datetime import timedelta

BATCH = 512

_lock = threading.Lock()
_last = 0
_randoms: list[int] = []


def new_id() -> str:
    """Return a UUIDv7 as text. Within a process, each is greater than the one before."""
    global _last  # noqa: PLW0603 - the last value is what keeps two ids of one millisecond in order
    with _lock:
        # 48 bits of milliseconds, then 12 bits of a millisecond's fraction: ordered to a quarter of a microsecond.
        nanoseconds = time.time_ns()
        ticks = (nanoseconds // 1_000_000) << 12 | (nanoseconds % 1_000_000) * 4096 // 1_000_000
        _last = max(ticks, _last + 1)
        ticks = _last
        if not _randoms:
            _draw()
        random = _randoms.pop()
    value = (ticks >> 12) << 80 | 0x7 << 76 | (ticks & 0xFFF) << 64 | 0b10 << 62 | random
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def id_before(id_: str, by: timedelta) -> str:
    """Return a lower bound of the ids created up to a time span before this one."""
    milliseconds = int(id_[:8] + id_[9:13], 16) - int(by.total_seconds() * 1000)
    text = f"{max(0, milliseconds):012x}"
    return f"{text[:8]}-{text[8:]}"


def _draw() -> None:
    """Draw many 62-bit numbers at once: each system call lets all other threads run first."""
    drawn = os.urandom(8 * BATCH)
    _randoms.extend(int.from_bytes(drawn[at : at + 8], "big") >> 2 for at in range(0, len(drawn), 8))


# A child process must not reuse the numbers of its parent.
os.register_at_fork(after_in_child=_randoms.clear)
