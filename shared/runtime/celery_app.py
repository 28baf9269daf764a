"""The Celery app that runs the declared handlers and ticks, and sends the relay's messages."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from kombu.entity import Queue

from shared.bus import store
from shared.bus.handling import DeliveryHandler, Lease
from shared.bus.lanes import lanes_of, lease_of
from shared.bus.relay import Ring
from shared.clock import Clock
from shared.events.reading import UPCASTERS
from shared.resources import Runtime
from shared.runtime.declarations import Service, Tick
from shared.settings import Settings

TIME_LIMIT_OF_LEASE = 0.8
"""A task's time limit as a part of its lease, so that a live handler never loses the lease."""


def build_celery(services: Sequence[Service], settings: Settings, clock: Clock | None = None) -> Celery:
    """Return the Celery app of the given services.

    In production, each process runs one service. The embedded installation runs all four in one.
    """
    setup_logging.connect(_keep_logging)
    app = Celery("iisgd", broker=settings.broker_url, set_as_current=False)
    app.conf.update(
        task_queues=[_queue(lane) for service in services for lane in lanes_of(service.name)],
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        # After a kill the lease returns the delivery. Early acknowledgement leaves nothing behind in the broker.
        task_acks_late=False,
        # The relay releases unsent deliveries. Waiting here would delay the other lanes.
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
            # By default, a worker killed while it restores messages blocks the others for five minutes.
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
    """Return the function with which the relay sends one message directly to a lane's queue."""
    # Kombu would retry for six seconds, and delay the release of the claimed deliveries.
    app.conf.broker_transport_options["max_retries"] = 0

    def ring(lane: str, event: str, deliveries: Sequence[tuple[str, str]]) -> None:
        service = lane.partition(".")[0]
        app.send_task(f"{service}:{event}", args=[lane, deliveries], queue=lane, ignore_result=True)

    return ring


def _keep_logging(**_facts: Any) -> None:
    """Keep the configured logging: Celery would override its level."""


def _register(app: Celery, service: Service, runtime: Runtime) -> None:
    """Register one task per event, one per tick, and the canary."""
    handles = {handler.event.name: partial(handler.handle, runtime) for handler in service.handlers}
    handlers = {
        lane: DeliveryHandler(
            database=runtime.database,
            handles=handles,
            lease=Lease(lease_of(lane, runtime.settings).total_seconds()),
            settings=runtime.settings,
        )
        for lane in lanes_of(service.name)
    }

    def handle(lane: str, deliveries: Sequence[tuple[str, str]]) -> None:
        handlers[lane].handle([delivery for delivery, _ in deliveries])

    def heartbeat(lane: str) -> None:
        with runtime.database.begin() as tx:
            store.record_heartbeat(tx, lane=lane, now=tx.now)

    # Events recorded under a previous version's name are rung under that name, even after an upgrade.
    for event in (*handles, *UPCASTERS):
        app.task(handle, name=f"{service.name}:{event}", shared=False)
    for tick in service.ticks:
        app.task(_ticking(tick, runtime), name=f"{service.name}:tick.{tick.name}", shared=False)
    app.task(heartbeat, name=f"{service.name}:canary", shared=False)


def _queue(lane: str) -> Queue:
    """Return a plain queue. A topic exchange silently drops events once its bindings are lost."""
    return Queue(lane, routing_key=lane)  # type: ignore[no-untyped-call]


def _ticking(tick: Tick, runtime: Runtime) -> Callable[[], None]:
    def run() -> None:
        tick.run(runtime)

    return run


def time_limit(settings: Settings, *, bulk: bool) -> float:
    """Return the seconds after which a worker ends a task, before its lease expires."""
    return TIME_LIMIT_OF_LEASE * (settings.bulk_lease_seconds if bulk else settings.lease_seconds)


def _schedule(services: Sequence[Service], settings: Settings) -> dict[str, dict[str, Any]]:
    """Return the schedule. A tick that no worker took within two intervals is dropped."""
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
        # Long ago, so that a starting scheduler ticks at once.
        "last_run_at": datetime(2000, 1, 1, tzinfo=UTC),
        "args": args,
        "options": {"queue": queue, "expires": every_seconds * 2},
    }
