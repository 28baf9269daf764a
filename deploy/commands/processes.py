"""`iisgd web | worker | relay | beat`: one long-lived process each."""

import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import click

from deploy.commands.options import PORT
from deploy.homes import settings_here
from deploy.installation import NAMES, service_named, services
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
"""A quarter of a processor for which somebody else waits, and all of it where nobody does. With much less, the largest
work would outlast its lease while a backlog of small work is done."""

SERVICES = click.argument("names", metavar="[SERVICE]...", nargs=-1, type=click.Choice(NAMES))


@click.command()
@SERVICES
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=PORT, default=8000, show_default=True)
@click.option("--workers", default=1, show_default=True, help="Processes.")
def web(names: Sequence[str], host: str, port: int, workers: int) -> None:
    """Serve the services named, or all four, over HTTP."""
    settings = replace(settings_here(), services=",".join(names or NAMES))
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "deploy.wsgi:app"]
    command += ["--host", host, "--port", str(port), "--workers", str(workers)]
    command += [
        "--blocking-threads",
        str(settings.web_threads),
        "--no-ws",
        "--no-access-log",
        # Its warnings are of threads, with each start: there are as many as this wants.
        "--log-level",
        "error",
    ]
    command += ["--respawn-failed-workers", "--workers-kill-timeout", "10"]
    os.execve(sys.executable, command, settings.as_environ())  # noqa: S606 - the server takes this process over


@click.command()
@SERVICES
@click.option("--bulk/--no-bulk", default=False, help="Work for the lanes that take large work.")
@click.option("--concurrency", default=1, show_default=True, help="Processes that handle.")
def worker(names: Sequence[str], bulk: bool, concurrency: int) -> None:  # noqa: FBT001 - click's flag
    """Handle what the services named, or all four, are told."""
    settings = settings_here()
    configure(settings, "worker")
    if bulk:
        _step_back()
    chosen = names or NAMES
    queues = [name + BULK if bulk else name for name in chosen]
    limit = time_limit(settings, bulk=bulk)
    app = build_celery([service_named(name) for name in chosen], settings)
    # What is loaded by now is never garbage: left alone by the collector, it stays shared by all processes that fork.
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


def _step_back() -> None:
    """Leave the processor to those on whom somebody waits: lanes of their own are of no use to small submissions there.

    Linux shares it out among sessions before it looks at processes, so a session of this process's own steps back too.
    """
    os.nice(NICENESS_OF_BULK)
    if os.getsid(0) == os.getpid():
        # Elsewhere, and where groups of processes have shares, there is no such file, or it has no effect.
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(NICENESS_OF_BULK), encoding="ascii")


@click.command()
def relay() -> None:
    """Ring what is due; any number of relays may run."""
    settings = settings_here()
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
        # It sends by name: it needs to know no service.
        ring=ring_with(build_celery([], settings)),
        settings=settings,
    ).run(stopping)


@click.command()
def beat() -> None:
    """Tick; two beats at once are harmless."""
    settings = settings_here()
    configure(settings, "beat")
    logging.getLogger("celery.beat").addFilter(_leave_first_line)
    build_celery(services(), settings).start(
        ["--quiet", "beat", "--scheduler=celery.beat:Scheduler", "--loglevel=WARNING", "--pidfile="]
    )


def _leave_first_line(record: logging.LogRecord) -> bool:
    """Cut ten kilobytes of Celery's own stack for each tick that an absent broker did not take; the first line says it."""
    record.msg, record.args, record.exc_info = record.getMessage().partition("\n")[0], (), None
    return True


def prune(settings: Settings) -> int:
    """Forget what was done long ago; returns how many deliveries that were."""
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
