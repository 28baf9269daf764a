"""How much each reporter may ask: counted where it asks, and shared between processes through Redis once a second.

No request waits for Redis. Without it, each process holds reporters to the limits by what it counted itself.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import Literal, Protocol

import redis

from shared.clock import iso
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
    """So much in so many seconds; they are counted from the hour, alike for everybody."""

    quota: int
    seconds: int
    unit: str
    """What is counted, as the field RateLimit-Policy says it."""

    def span(self, now: datetime) -> int:
        """The number of the span that it is now."""
        return int(now.timestamp() // self.seconds)

    def seconds_left(self, now: datetime) -> int:
        """Until the next span begins, when all is free again; at least 1."""
        return ceil(self.seconds - now.timestamp() % self.seconds)


@dataclass
class Usage:
    """What a reporter has used of a limit in one span: what is known of all processes, and what only this one knows."""

    span: int
    shared: int = 0
    unsent: int = 0

    @property
    def used(self) -> int:
        """All of it."""
        return self.shared + self.unsent


class LimitIsReached(Exception):
    """A reporter asked for more than it may in a span of time."""

    def __init__(self, name: Name, limit: RateLimit, *, used: int, asked: int, now: datetime) -> None:
        wait = limit.seconds_left(now)
        free_at = iso(datetime.fromtimestamp(limit.span(now) * limit.seconds + limit.seconds, UTC))
        span = "a minute" if limit.seconds == MINUTE else "an hour"
        super().__init__(
            f"You may spend {limit.quota:,} {name} {span}; {used:,} are spent, and this asks for {asked:,}. "
            f"They are free again in {wait:,} seconds, at {free_at}."
        )
        self.headers = {"Retry-After": str(wait)}
        self.facts = {"limit": name, "quota": limit.quota, "used": used, "free_at": free_at}


class SharedCounters(Protocol):
    """Where processes add up what each has counted."""

    def add(self, counted: Mapping[str, tuple[int, int]]) -> Mapping[str, int] | None:
        """The totals by key, each with what is added to it and the seconds it is good for; None: they are away."""
        ...


def rate_limits_of(settings: Settings) -> dict[Name, RateLimit]:
    """The limits as they are set."""
    return {
        "requests": RateLimit(settings.limit_requests_per_minute, MINUTE, "requests"),
        "bytes": RateLimit(settings.limit_megabytes_per_hour * MEGABYTE, HOUR, "content-bytes"),
        "records": RateLimit(settings.limit_records_per_hour, HOUR, "records"),
    }


class RateLimiter:
    """Counts what reporters spend, and refuses what is over a limit."""

    def __init__(self, limits: Mapping[Name, RateLimit], totals: SharedCounters | None) -> None:
        self._limits = limits
        self._totals = totals
        self._counts: dict[tuple[str, Name], Usage] = {}
        self._lock = threading.Lock()
        self._sharing: threading.Timer | None = None
        self.policy = ", ".join(
            f'"{name}";q={limit.quota};w={limit.seconds};qu="{limit.unit}"' for name, limit in limits.items()
        )
        """What the field RateLimit-Policy says (draft-ietf-httpapi-ratelimit-headers)."""

    def consume(self, reporter: str, name: Name, amount: int, *, now: datetime) -> None:
        """Count what a reporter asks; `LimitIsReached` when that is too much, and then it is not counted."""
        limit = self._limits[name]
        with self._lock:
            count = self._count(reporter, name, now)
            if count.used + amount > limit.quota:
                raise LimitIsReached(name, limit, used=count.used, asked=amount, now=now)
            count.unsent += amount
            if self._totals is not None and self._sharing is None:
                self._sharing = threading.Timer(SHARE_SECONDS, self._share, (self._totals,))
                self._sharing.daemon = True
                self._sharing.start()

    def fields(self, reporter: str, *, now: datetime) -> tuple[tuple[str, str], ...]:
        """The fields that tell a reporter how it stands. They are on every answer, and so made without a lock."""
        moment = now.timestamp()
        left = []
        for name, limit in self._limits.items():
            count = self._counts.get((reporter, name))
            used = count.used if count is not None and count.span == moment // limit.seconds else 0
            left.append(
                f'"{name}";r={max(0, limit.quota - used)};t={ceil(limit.seconds - moment % limit.seconds)}'
            )
        return ("RateLimit-Policy", self.policy), ("RateLimit", ", ".join(left))

    def _count(self, reporter: str, name: Name, now: datetime) -> Usage:
        span = self._limits[name].span(now)
        count = self._counts.get((reporter, name))
        if count is None or count.span != span:
            count = self._counts[reporter, name] = Usage(span)
        return count

    def _share(self, totals: SharedCounters) -> None:
        """Add what was counted since the last time to what the others counted. What cannot be added now is kept."""
        with self._lock:
            self._sharing = None
            sending = [(key, count, count.unsent) for key, count in self._counts.items() if count.unsent]
        keys = [f"{name}:{count.span}:{reporter}" for (reporter, name), count, _ in sending]
        good_for = [2 * self._limits[name].seconds for (_, name), _, _ in sending]
        found = totals.add(
            {key: (sent, seconds) for key, (_, _, sent), seconds in zip(keys, sending, good_for, strict=True)}
        )
        if found is None:
            return
        with self._lock:
            for key, (_, count, sent) in zip(keys, sending, strict=True):
                count.unsent -= sent
                count.shared = found[key]


class RedisCounters:
    """Totals on the broker's server. It may lose them at any time: then everybody starts the span anew."""

    def __init__(self, url: str, *, prefix: str) -> None:
        self._redis = redis.Redis.from_url(
            url, socket_connect_timeout=REDIS_SECONDS, socket_timeout=REDIS_SECONDS
        )
        self._prefix = f"{prefix}limits:"
        self._is_away = False

    @classmethod
    def of(cls, settings: Settings) -> "RedisCounters | None":
        """The totals on the broker; None where it is no Redis, and each process counts for itself."""
        url = settings.broker_url.replace("redis+socket://", "unix://", 1)
        if not url.startswith(("redis://", "rediss://", "unix://")):
            return None
        return cls(url, prefix=settings.broker_prefix)

    def add(self, counted: Mapping[str, tuple[int, int]]) -> Mapping[str, int] | None:
        """See `Totals`."""
        pipe = self._redis.pipeline(transaction=False)
        for key, (amount, seconds) in counted.items():
            pipe.incrby(self._prefix + key, amount)
            pipe.expire(self._prefix + key, seconds)
        try:
            answers = pipe.execute()
        except (redis.RedisError, OSError) as error:
            if not self._is_away:
                log().warning("limits are not shared between processes", error=type(error).__name__)
            self._is_away = True
            return None
        self._is_away = False
        return dict(zip(counted, answers[::2], strict=True))
