"""The kernel: what a service declares, and the Flask and Celery apps that come out of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from flask import Flask, Response
from kombu.connection import Connection
from kombu.entity import Queue

from shared.blobs import Blobs
from shared.bus import store
from shared.bus.handling import Effect, Handling, Lease
from shared.bus.lanes import is_bulk, lanes_of
from shared.bus.relay import Ring
from shared.clock import Clock, SystemClock
from shared.database import Database, Transaction
from shared.events import Event
from shared.events.routes import ROUTES
from shared.http import health, metrics
from shared.http.auth import Tokens
from shared.http.bodies import write_json
from shared.http.calls import Route
from shared.http.openapi import openapi_of
from shared.http.problems import PROBLEMS, Problem
from shared.http.web import Edge, answer_unrouted, blueprint_of
from shared.logs import log
from shared.settings import Settings

Sample = tuple[str, str, Mapping[str, str], float]
"""A metric of a service's own: name, help, labels, value."""

TIME_LIMIT_OF_LEASE = 0.8
"""Tasks are ended before their lease is, so that a live handler never loses it."""


@dataclass(frozen=True)
class Runtime:
    """What a service runs with."""

    service: str
    settings: Settings
    clock: Clock
    database: Database
    blobs: Blobs

    @classmethod
    def of(cls, service: str, settings: Settings, clock: Clock | None = None) -> "Runtime":
        """Put together a service's runtime; nothing is opened yet."""
        clock = clock or SystemClock()
        database = Database(settings.database, service, clock=clock)
        blobs = Blobs(database=database, folder=settings.blobs, inline_bytes=settings.blob_inline_bytes)
        return cls(service=service, settings=settings, clock=clock, database=database, blobs=blobs)


@dataclass(frozen=True)
class Handler:
    """What a service does about an event."""

    event: type[Event]
    handle: Callable[[Runtime, Any], Effect]
    """Reads and computes outside any transaction; the effect it gives is written in one short transaction."""


@dataclass(frozen=True)
class Tick:
    """What a service does every so often. What is due is a row: two ticks at once, or a missed one, are harmless."""

    name: str
    every_seconds: float
    run: Callable[[Runtime], None]


class FlowIsBroken(Exception):
    """A service's handlers are not the ones that the flow table names."""


@dataclass(frozen=True)
class Service:
    """A service, declared."""

    name: str
    routes: Sequence[Route] = ()
    handlers: Sequence[Handler] = ()
    ticks: Sequence[Tick] = ()
    problems: Mapping[type[Exception], Problem] = field(default_factory=dict)
    metrics: Callable[[Transaction], Iterable[Sample]] | None = None

    def __post_init__(self) -> None:
        """Refuse a service that the flow table knows otherwise."""
        routed = {event.name for event, subscribers in ROUTES.items() if self.name in subscribers}
        handled = {handler.event.name for handler in self.handlers}
        if routed != handled:
            raise FlowIsBroken(
                f"{self.name} handles {sorted(handled)}, and the flow table gives it {sorted(routed)}."
            )


class Broker:
    """The way to the broker, which may be away at any time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def is_reachable(self) -> bool:
        """Whether it answers within a second or so."""
        try:
            with Connection(self._settings.broker_url, connect_timeout=1) as connection:  # type: ignore[no-untyped-call]
                connection.ensure_connection(max_retries=0, timeout=1)
        except Exception as error:  # noqa: BLE001 - each transport has its own
            log().info("broker cannot be reached", error=type(error).__name__)
            return False
        return True


def build_web(services: Sequence[Service], settings: Settings, clock: Clock | None = None) -> Flask:
    """The Flask app that serves the given services: one each in production, all four embedded."""
    app = Flask("iisgd", static_folder=None)
    parts = [(service, Runtime.of(service.name, settings, clock)) for service in services]
    # Whoever takes the app down can close what its runtimes opened.
    app.extensions["iisgd"] = [runtime for _, runtime in parts]
    tokens = Tokens(settings.keys, audience=settings.token_audience)
    broker = Broker(settings)
    for service, runtime in parts:
        edge = Edge(runtime=runtime, tokens=tokens, problems={**PROBLEMS, **service.problems})
        app.register_blueprint(blueprint_of(edge, tuple(service.routes)))
        description = write_json(openapi_of(service.name, service.routes))
        app.add_url_rule(
            f"/{service.name}/v1/openapi.json",
            endpoint=f"{service.name}-openapi",
            view_func=lambda body=description: Response(body, mimetype="application/json"),
        )

    @app.get("/health/live")
    def live() -> Response:
        return Response(write_json({"state": "live"}), mimetype="application/json")

    @app.get("/health/ready")
    def ready() -> Response:
        status, body = health.readiness(parts, broker)
        return Response(write_json(body), status=status, mimetype="application/json")

    @app.get("/metrics")
    def scrape() -> Response:
        return Response(metrics.exposition(parts), mimetype="text/plain; version=0.0.4")

    answer_unrouted(app)
    return app


def build_celery(services: Sequence[Service], settings: Settings, clock: Clock | None = None) -> Celery:
    """The Celery app that works and ticks for the given services: one each in production, all four embedded."""
    setup_logging.connect(_leave_logs_as_they_are)
    app = Celery("iisgd", broker=settings.broker_url, set_as_current=False)
    app.conf.update(
        task_queues=[_queue(lane) for service in services for lane in lanes_of(service.name)],
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        # The lease brings back what a killed worker held; early acknowledgement leaves nothing behind in the broker.
        task_acks_late=False,
        # The relay puts back what it could not send; waiting here would hold up the other lanes.
        task_publish_retry=False,
        worker_prefetch_multiplier=1,
        worker_max_tasks_per_child=2_000,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_heartbeat=None,
        broker_transport_options={
            "global_keyprefix": settings.broker_prefix,
            "socket_connect_timeout": 2,
            "socket_keepalive": True,
            "health_check_interval": 10,
            # A worker that is killed while it restores messages would hold the others up for five minutes.
            "unacked_mutex_expire": 30,
        },
        control_queue_ttl=60,
        beat_schedule=_schedule(services, settings),
        beat_max_loop_interval=1.0,
    )
    for service in services:
        _register(app, service, Runtime.of(service.name, settings, clock))
    return app


def ring_with(app: Celery) -> Ring:
    """What the relay sends with: one message per call, straight to the lane's own queue."""
    # Kombu would try for six seconds, and keep what the relay claimed from going back at once.
    app.conf.broker_transport_options["max_retries"] = 0

    def ring(lane: str, event: str, deliveries: Sequence[tuple[str, str]]) -> None:
        service = lane.partition(".")[0]
        app.send_task(f"{service}:{event}", args=[lane, deliveries], queue=lane, ignore_result=True)

    return ring


def _leave_logs_as_they_are(**_facts: Any) -> None:
    """Celery would set a level of its own over that of the settings."""


def _register(app: Celery, service: Service, runtime: Runtime) -> None:
    """One task per event, one per tick, and the canary; none knows more than what to call."""
    handles = {handler.event.name: _bound(handler, runtime) for handler in service.handlers}
    handlings = {
        lane: Handling(
            database=runtime.database,
            handles=handles,
            lease=Lease(_lease_seconds(lane, runtime.settings)),
            settings=runtime.settings,
        )
        for lane in lanes_of(service.name)
    }

    def handle(lane: str, deliveries: Sequence[tuple[str, str]]) -> None:
        handlings[lane].handle([delivery for delivery, _ in deliveries])

    def sing(lane: str) -> None:
        with runtime.database.begin() as tx:
            store.sing(tx, lane=lane, now=tx.now)

    for event in handles:
        app.task(handle, name=f"{service.name}:{event}", shared=False)
    for tick in service.ticks:
        app.task(_ticking(tick, runtime), name=f"{service.name}:tick.{tick.name}", shared=False)
    app.task(sing, name=f"{service.name}:canary", shared=False)


def _bound(handler: Handler, runtime: Runtime) -> Callable[[Event], Effect]:
    return lambda event: handler.handle(runtime, event)


def _queue(lane: str) -> Queue:
    """A plain queue: a topic exchange drops events without an error once its bindings are gone."""
    return Queue(lane, routing_key=lane)  # type: ignore[no-untyped-call]


def _ticking(tick: Tick, runtime: Runtime) -> Callable[[], None]:
    def run() -> None:
        tick.run(runtime)

    return run


def _lease_seconds(lane: str, settings: Settings) -> float:
    return settings.bulk_lease_seconds if is_bulk(lane) else settings.lease_seconds


def time_limit(settings: Settings, *, bulk: bool) -> float:
    """Seconds after which a worker ends a task, in good time before its lease runs out."""
    return TIME_LIMIT_OF_LEASE * (settings.bulk_lease_seconds if bulk else settings.lease_seconds)


def _schedule(services: Sequence[Service], settings: Settings) -> dict[str, dict[str, Any]]:
    """Beat only ticks; a tick that nobody took before the next one is due is dropped."""
    schedule = {}
    for service in services:
        for lane in lanes_of(service.name):
            schedule[f"canary of {lane}"] = _entry(
                f"{service.name}:canary", settings.canary_seconds, queue=lane, args=(lane,)
            )
        for tick in service.ticks:
            schedule[f"{service.name}:tick.{tick.name}"] = _entry(
                f"{service.name}:tick.{tick.name}", tick.every_seconds, queue=service.name
            )
    return schedule


def _entry(task: str, every_seconds: float, *, queue: str, args: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "task": task,
        "schedule": timedelta(seconds=every_seconds),
        # As if it had been long ago: a beat that starts ticks at once.
        "last_run_at": datetime(2000, 1, 1, tzinfo=UTC),
        "args": args,
        "options": {"queue": queue, "expires": every_seconds * 2},
    }
