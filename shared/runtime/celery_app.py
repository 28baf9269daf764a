"""The Celery app that comes out of declarations: it works, rings and ticks."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from kombu.entity import Queue

from shared.bus import store
from shared.bus.handling import DeliveryHandler, Effect, Lease
from shared.bus.lanes import is_bulk, lanes_of
from shared.bus.relay import Ring
from shared.clock import Clock
from shared.events import Event
from shared.events.reading import UPCASTERS
from shared.resources import Runtime
from shared.runtime.declarations import Handler, Service, Tick
from shared.settings import Settings

TIME_LIMIT_OF_LEASE = 0.8
"""Tasks are ended before their lease is, so that a live handler never loses it."""


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
        lane: DeliveryHandler(
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
            store.record_heartbeat(tx, lane=lane, now=tx.now)

    # What was recorded under a former version's name is rung under that name, also after an upgrade.
    for event in (*handles, *UPCASTERS):
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
