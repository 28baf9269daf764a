"""Counters of the requests that this process answers."""

from functools import cache

from prometheus_client import CollectorRegistry, Counter, Histogram

from shared.http.routes import Route

REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "iisgd_requests", "Requests answered.", ["service", "method", "route", "status"], registry=REGISTRY
)
SECONDS = Histogram(
    "iisgd_request_seconds", "Seconds to answer a request.", ["service", "method", "route"], registry=REGISTRY
)


def observe_request(service: str, route: Route, status: int, seconds: float) -> None:
    """Count one response."""
    counter, histogram = _labelled(service, route.method, route.path, status)
    counter.inc()
    histogram.observe(seconds)


@cache
def _labelled(service: str, method: str, path: str, status: int) -> tuple[Counter, Histogram]:
    """Return the series of a route's responses. They are few, and every request needs its own."""
    return REQUESTS.labels(service, method, path, str(status)), SECONDS.labels(service, method, path)
