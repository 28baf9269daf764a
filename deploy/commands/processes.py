"""`iisgd worker | relay | beat`: the long-running processes other than the web server."""

import gc
import logging
import os
import signal
import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import click

from deploy.commands.options import SERVICES
from deploy.installation import service_named, services
from deploy.instance_lock import current_settings
from deploy.service_names import NAMES
from shared.bus import store
from shared.bus.lanes import BULK, lanes_of
from shared.bus.relay import Relay
from shared.clock import SystemClock
from shared.database import Database
from shared.http.idempotency import delete_answers
from shared.logs import configure, log
from shared.runtime.celery_app import build_celery, ring_with, time_limit
from shared.settings import Settings

PRUNE_EVERY_SECONDS = 600

NICENESS_OF_BULK = 5
"""The priority of bulk workers: about a quarter of a processor that others need, and all of an idle one. With much less,
large work would exceed its lease during a backlog of small work."""


@click.command()
@SERVICES
@click.option("--bulk/--no-bulk", default=False, help="Serve the bulk lanes.")
@click.option("--concurrency", default=1, show_default=True, help="The number of worker processes.")
def worker(names: Sequence[str], bulk: bool, concurrency: int) -> None:  # noqa: FBT001 - click's flag
    """Handle the events of the named services, or of all four."""
    settings = current_settings()
    configure(settings, "worker")
    if bulk:
        _lower_priority()
    chosen = names or NAMES
    queues = [name + BULK if bulk else name for name in chosen]
    limit = time_limit(settings, bulk=bulk)
    services = [service_named(name) for name in chosen]
    app = build_celery(services, settings)
    for service in services:
        for preload in service.preloads:
            preload()
    # Objects loaded so far are permanent. If the collector ignores them, forked processes keep sharing their memory.
    gc.freeze()
    app.worker_main(
        [
            "--quiet",
            "worker",
            f"--queues={','.join(queues)}",
            f"--concurrency={concurrency}",
            f"--time-limit={limit}",
            "--pool=prefork",
            "--loglevel=WARNING",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
    )


def _lower_priority() -> None:
    """Lower the process's priority: lanes of their own do not protect small submissions from competing for the processor.

    Linux divides processor time among sessions before processes, so a session of this process's own is lowered too.
    """
    os.nice(NICENESS_OF_BULK)
    if os.getsid(0) == os.getpid():
        # The file is missing on other systems, and has no effect where control groups set shares.
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(NICENESS_OF_BULK), encoding="ascii")


@click.command()
def relay() -> None:
    """Run the relay. Several may run at once."""
    settings = current_settings()
    configure(settings, "relay")
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    clock = SystemClock()
    pruner = threading.Thread(target=_prune_now_and_then, args=(settings, stopping), daemon=True)
    pruner.start()
    Relay(
        database=Database(settings.database, "relay", clock=clock),
        lanes=[lane for name in NAMES for lane in lanes_of(name)],
        # The relay sends tasks by name, so it needs no service's declaration.
        ring=ring_with(build_celery([], settings)),
        settings=settings,
    ).run(stopping)


@click.command()
def beat() -> None:
    """Run the scheduler. Several may run at once."""
    settings = current_settings()
    configure(settings, "beat")
    logging.getLogger("celery.beat").addFilter(_leave_first_line)
    build_celery(services(), settings).start(
        ["--quiet", "beat", "--scheduler=celery.beat:Scheduler", "--loglevel=WARNING", "--pidfile="]
    )


def _leave_first_line(record: logging.LogRecord) -> bool:
    """Shorten the log of a tick that an absent broker did not accept to its first line; Celery's stack adds ten kilobytes."""
    record.msg, record.args, record.exc_info = record.getMessage().partition("\n")[0], (), None
    return True


def prune(settings: Settings) -> int:
    """Delete deliveries that were done long ago; return the number deleted."""
    database = Database(settings.database, "operator", clock=SystemClock())
    try:
        with database.begin() as tx:
            before = tx.now - timedelta(hours=settings.keep_done_hours)
            delete_answers(tx, before=before)
            return store.delete_done(tx, before=before)
    finally:
        database.dispose()


def _prune_now_and_then(settings: Settings, stopping: threading.Event) -> None:
    while not stopping.wait(PRUNE_EVERY_SECONDS):
        try:
            log().info("pruned", deliveries=prune(settings))
        except Exception:  # noqa: BLE001 - the next time will do
            log().exception("could not prune")
