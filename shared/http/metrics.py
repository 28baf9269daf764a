"""What Prometheus reads: this process's requests, and what the database knows of deliveries and their handlers."""

from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from statistics import median
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from shared.bus import store
from shared.database import EVERYTHING

if TYPE_CHECKING:
    from shared.http.calls import Route
    from shared.service import Runtime, Service

REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "iisgd_requests", "Requests answered.", ["service", "method", "route", "status"], registry=REGISTRY
)
SECONDS = Histogram(
    "iisgd_request_seconds", "Time to answer.", ["service", "method", "route"], registry=REGISTRY
)

RECENT = timedelta(minutes=5)
MOST_DURATIONS = 2_000


def observe_request(service: str, route: "Route", status: int, seconds: float) -> None:
    """Count one answer."""
    counted, timed = _labelled(service, route.method, route.path, status)
    counted.inc()
    timed.observe(seconds)


@cache
def _labelled(service: str, method: str, path: str, status: int) -> tuple[Counter, Histogram]:
    """The series of a route's answers: there are few, and they are asked for with every request."""
    return REQUESTS.labels(service, method, path, str(status)), SECONDS.labels(service, method, path)


class _FromDatabase:
    """Read at each scrape: workers come and go, the database remembers."""

    def __init__(self, parts: "list[tuple[Service, Runtime]]") -> None:
        self._parts = parts

    def collect(self) -> Iterator[Metric]:
        """The families."""
        deliveries = GaugeMetricFamily(
            "iisgd_deliveries", "Deliveries that are not done.", labels=["lane", "state"]
        )
        ages = GaugeMetricFamily(
            "iisgd_oldest_delivery_seconds", "Age of the oldest open one.", labels=["lane"]
        )
        durations = GaugeMetricFamily(
            "iisgd_handler_seconds",
            "Start to end over five minutes.",
            labels=["service", "event", "quantile"],
        )
        own: list[Metric] = []
        for service, runtime in self._parts:
            # Counts over all reporters; what they are of is not shown.
            with runtime.database.read(sees=EVERYTHING) as tx:
                for status in store.lane_statuses(tx):
                    if status.lane.partition(".")[0] != service.name:
                        continue
                    deliveries.add_metric([status.lane, "waiting"], status.waiting)
                    deliveries.add_metric([status.lane, "in_flight"], status.in_flight)
                    deliveries.add_metric([status.lane, "dead"], status.dead)
                    if status.oldest_at:
                        ages.add_metric([status.lane], (tx.now - status.oldest_at).total_seconds())
                recent = store.recent_durations(
                    tx, subscriber=service.name, since=tx.now - RECENT, limit=MOST_DURATIONS
                )
                for event, seconds in recent.items():
                    durations.add_metric([service.name, event, "0.5"], median(seconds))
                    durations.add_metric([service.name, event, "1"], max(seconds))
                if service.metrics is not None:
                    for name, help_text, labels, value in service.metrics(tx):
                        family = GaugeMetricFamily(f"iisgd_{name}", help_text, labels=list(labels))
                        family.add_metric(list(labels.values()), value)
                        own.append(family)
        yield deliveries
        yield ages
        yield durations
        yield from _joined(own)


def _joined(families: list[Metric]) -> list[Metric]:
    joined: dict[str, Metric] = {}
    for family in families:
        joined.setdefault(family.name, family)
        if joined[family.name] is not family:
            joined[family.name].samples += family.samples
    return list(joined.values())


def exposition(parts: "list[tuple[Service, Runtime]]") -> bytes:
    """The text that Prometheus scrapes."""
    registry = CollectorRegistry()
    registry.register(_FromDatabase(parts))
    return generate_latest(REGISTRY) + generate_latest(registry)
