"""Rate limits per reporter: counted in each process, and shared between processes through Redis once a second.

No request waits for Redis. Without Redis, each process enforces the limits with its own counts.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import Literal, Protocol

import redis

from shared.clock import iso
from shared.i18n import Text
from shared.logs import log
from shared.settings import Settings

Name = Literal["requests", "bytes", "records"]

SHARE_SECONDS = 1.0
REDIS_SECONDS = 1.0
MINUTE = 60
HOUR = 3600
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class RateLimit:
    """A quota per time span. Spans begin on the hour, for every reporter."""

    quota: int
    seconds: int
    unit: str
    """The unit in the field RateLimit-Policy."""

    def span(self, now: datetime) -> int:
        """Return the number of the current span."""
        return int(now.timestamp() // self.seconds)

    def seconds_left(self, now: datetime) -> int:
        """Return the seconds until the next span begins, at least 1."""
        return ceil(self.seconds - now.timestamp() % self.seconds)


@dataclass
class Usage:
    """A reporter's usage of a limit in one span: the part known of all processes, and the part of this one alone."""

    span: int
    shared: int = 0
    unsent: int = 0

    @property
    def used(self) -> int:
        """The total used in this span, across processes."""
        return self.shared + self.unsent


_NAMES: Mapping[Name, Text] = {
    "requests": Text("requests"),
    "bytes": Text("bytes"),
    "records": Text("records"),
}


class LimitIsReached(Exception):
    """A request exceeds the reporter's quota for a time span."""

    def __init__(self, name: Name, limit: RateLimit, *, used: int, requested: int, now: datetime) -> None:
        wait = limit.seconds_left(now)
        free_at = iso(datetime.fromtimestamp(limit.span(now) * limit.seconds + limit.seconds, UTC))
        super().__init__(
            Text(
                "The quota is {quota:,} {name} {span}; {used:,} are used, and this request needs {requested:,}. The quota "
                "is free again in {wait:,} seconds, at {free_at}.",
                quota=limit.quota,
                name=_NAMES[name],
                span=Text("a minute") if limit.seconds == MINUTE else Text("an hour"),
                used=used,
                requested=requested,
                wait=wait,
                free_at=free_at,
            )
        )
        self.headers = {"Retry-After": str(wait)}
        self.facts = {"limit": name, "quota": limit.quota, "used": used, "free_at": free_at}


class SharedCounters(Protocol):
    """Counters to which all processes add."""

    def add(self, counted: Mapping[str, tuple[int, int]]) -> Mapping[str, int] | None:
        """Add to counters and return their totals by key, or None if they are unavailable.

        `counted` maps each key to the amount to add and the seconds after which the counter may be dropped.
        """
        ...


def rate_limits_of(settings: Settings) -> dict[Name, RateLimit]:
    """Return the limits that the settings define."""
    return {
        "requests": RateLimit(settings.limit_requests_per_minute, MINUTE, "requests"),
        "bytes": RateLimit(settings.limit_megabytes_per_hour * MEGABYTE, HOUR, "content-bytes"),
        "records": RateLimit(settings.limit_records_per_hour, HOUR, "records"),
    }


class RateLimiter:
    """A counter of reporters' usage, which refuses requests over a limit."""

    def __init__(self, limits: Mapping[Name, RateLimit], counters: SharedCounters | None) -> None:
        self._limits = limits
        self._counters = counters
        self._usages: dict[tuple[str, Name], Usage] = {}
        self._lock = threading.Lock()
        self._sharing: threading.Timer | None = None
        self.policy = ", ".join(
            f'"{name}";q={limit.quota};w={limit.seconds};qu="{limit.unit}"' for name, limit in limits.items()
        )
        """The field RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers)."""

    def consume(self, reporter: str, name: Name, amount: int, *, now: datetime) -> None:
        """Count usage; raise `LimitIsReached`, without counting, if it exceeds the limit."""
        limit = self._limits[name]
        with self._lock:
            usage = self._usage(reporter, name, now)
            if usage.used + amount > limit.quota:
                raise LimitIsReached(name, limit, used=usage.used, requested=amount, now=now)
            usage.unsent += amount
            if self._counters is not None and self._sharing is None:
                self._sharing = threading.Timer(SHARE_SECONDS, self._share, (self._counters,))
                self._sharing.daemon = True
                self._sharing.start()

    def fields(self, reporter: str, *, now: datetime) -> tuple[tuple[str, str], ...]:
        """Return the header fields with a reporter's quotas. Every response has them, so they are built without a lock."""
        moment = now.timestamp()
        left = []
        for name, limit in self._limits.items():
            usage = self._usages.get((reporter, name))
            used = usage.used if usage is not None and usage.span == moment // limit.seconds else 0
            left.append(
                f'"{name}";r={max(0, limit.quota - used)};t={ceil(limit.seconds - moment % limit.seconds)}'
            )
        return ("RateLimit-Policy", self.policy), ("RateLimit", ", ".join(left))

    def _usage(self, reporter: str, name: Name, now: datetime) -> Usage:
        span = self._limits[name].span(now)
        usage = self._usages.get((reporter, name))
        if usage is None or usage.span != span:
            usage = self._usages[reporter, name] = Usage(span)
        return usage

    def _share(self, counters: SharedCounters) -> None:
        """Add the counts since the last time to the shared counters. Counts that cannot be added now are added later."""
        with self._lock:
            self._sharing = None
            sending = [(key, usage, usage.unsent) for key, usage in self._usages.items() if usage.unsent]
        keys = [f"{name}:{usage.span}:{reporter}" for (reporter, name), usage, _ in sending]
        good_for = [2 * self._limits[name].seconds for (_, name), _, _ in sending]
        totals = counters.add(
            {key: (sent, seconds) for key, (_, _, sent), seconds in zip(keys, sending, good_for, strict=True)}
        )
        if totals is None:
            return
        with self._lock:
            for key, (_, usage, sent) in zip(keys, sending, strict=True):
                # Requests may have counted more since: only the amount sent is known to the others.
                usage.unsent -= sent
                usage.shared = totals[key]


class RedisCounters:
    """Counters on the broker's server. If it loses them, every reporter's usage of the span restarts at zero."""

    def __init__(self, url: str, *, prefix: str) -> None:
        self._redis = redis.Redis.from_url(
            url, socket_connect_timeout=REDIS_SECONDS, socket_timeout=REDIS_SECONDS
        )
        self._prefix = f"{prefix}limits:"
        self._is_unavailable = False

    @classmethod
    def of(cls, settings: Settings) -> "RedisCounters | None":
        """Return the counters on the broker, or None if it is no Redis: each process then counts for itself."""
        url = settings.broker_url.replace("redis+socket://", "unix://", 1)
        if not url.startswith(("redis://", "rediss://", "unix://")):
            return None
        return cls(url, prefix=settings.broker_prefix)

    def add(self, counted: Mapping[str, tuple[int, int]]) -> Mapping[str, int] | None:
        """Add to the counters; see `SharedCounters`."""
        pipe = self._redis.pipeline(transaction=False)
        for key, (amount, seconds) in counted.items():
            pipe.incrby(self._prefix + key, amount)
            pipe.expire(self._prefix + key, seconds)
        try:
            answers = pipe.execute()
        except (redis.RedisError, OSError) as error:
            if not self._is_unavailable:
                log().warning("limits are not shared between processes", error=type(error).__name__)
            self._is_unavailable = True
            return None
        self._is_unavailable = False
        return dict(zip(counted, answers[::2], strict=True))
