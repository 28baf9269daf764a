"""The metrics of a process: its requests, and the state of deliveries and handlers that the database records."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from statistics import median

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from shared.bus import store
from shared.database import ALL_ROWS
from shared.http.metrics import REGISTRY
from shared.resources import Runtime
from shared.runtime.declarations import Service

RECENT = timedelta(minutes=5)
MAX_DURATIONS = 2_000


class _FromDatabase:
    """A collector that queries the database at each scrape: workers come and go, the database remembers."""

    def __init__(self, parts: Sequence[tuple[Service, Runtime]]) -> None:
        self._parts = parts

    def collect(self) -> Iterator[Metric]:
        """Yield the metric families."""
        deliveries = GaugeMetricFamily(
            "iisgd_deliveries", "Deliveries that are not done.", labels=["lane", "state"]
        )
        ages = GaugeMetricFamily(
            "iisgd_oldest_delivery_seconds", "Age of the oldest open delivery.", labels=["lane"]
        )
        durations = GaugeMetricFamily(
            "iisgd_handler_seconds",
            "Seconds from start to end of handlers, over five minutes.",
            labels=["service", "event", "quantile"],
        )
        own: list[Metric] = []
        for service, runtime in self._parts:
            # The metrics are counts over all reporters; they show nothing of a reporter's rows.
            with runtime.database.read(visible_to=ALL_ROWS) as tx:
                for status in store.lane_statuses(tx):
                    if status.lane.partition(".")[0] != service.name:
                        continue
                    deliveries.add_metric([status.lane, "waiting"], status.waiting)
                    deliveries.add_metric([status.lane, "in_flight"], status.in_flight)
                    deliveries.add_metric([status.lane, "dead"], status.dead)
                    if status.oldest_at:
                        ages.add_metric([status.lane], (tx.now - status.oldest_at).total_seconds())
                recent = store.recent_durations(
                    tx, subscriber=service.name, since=tx.now - RECENT, limit=MAX_DURATIONS
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


def _joined(families: Sequence[Metric]) -> list[Metric]:
    """Merge families of one name into the first."""
    joined: dict[str, Metric] = {}
    for family in families:
        joined.setdefault(family.name, family)
        if joined[family.name] is not family:
            joined[family.name].samples += family.samples
    return list(joined.values())


def exposition(parts: Sequence[tuple[Service, Runtime]]) -> bytes:
    """Return the text that Prometheus scrapes."""
    registry = CollectorRegistry()
    registry.register(_FromDatabase(parts))
    return generate_latest(REGISTRY) + generate_latest(registry)
