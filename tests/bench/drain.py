"""The rate of handling a backlog: deliveries with their effects, compared with Celery tasks that do nothing."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from redis import Redis
from sqlalchemy import Connection, create_engine, text

from shared.bus import record
from shared.clock import SystemClock
from shared.database import Database
from shared.events import MeetingMoved
from tests.bench import yardsticks
from tests.figures import Figure
from tests.systems import System, systems

COUNT = 8_000
WORKERS = 2
ROUNDS = 3
PATIENCE_SECONDS = 120.0
LOOK_EVERY_SECONDS = 0.02


def measure_drain() -> Iterable[Figure]:
    """Measure both in turn, with the same broker, worker processes and counts; each backlog exists before its work."""
    with tempfile.TemporaryDirectory() as folder, systems(Path(folder)) as make:
        system = make(database="postgresql", workers=WORKERS)
        system.wait_until_drained(seconds=60)
        engine = create_engine(system.settings.database, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            rounds = [(_deliveries(system, connection, at), _bare_tasks(system)) for at in range(ROUNDS)]
        engine.dispose()
    rate = median(mine for mine, _ in rounds)
    yield Figure(
        "drain.bare_tasks",
        median(mine / yardstick for mine, yardstick in rounds),
        "x",
        f"{rate:.0f} deliveries/s with effect, compared with no-op tasks; {COUNT} of each, {WORKERS} worker processes",
        bar=1.0,
    )


def _deliveries(system: System, connection: Connection, number: int) -> float:
    """Return the deliveries per second through relay, Redis, handler, effect and done."""
    system.launcher.keep_down("relay")
    database = Database(system.settings.database, "notify", clock=SystemClock())
    with database.begin() as tx:
        record(tx, *(_event(f"drain-{number}-{at}") for at in range(COUNT)))
    database.dispose()
    done = text("SELECT count(*) FROM bus.deliveries WHERE event = 'meeting.moved.v1' AND state = 'done'")
    before = int(connection.execute(done).scalar_one())
    system.launcher.release("relay")
    return _rate(lambda: COUNT + before - int(connection.execute(done).scalar_one()))


def _event(code: str) -> MeetingMoved:
    return MeetingMoved(
        meeting=code, body="board", title=code, held_on="2027-03-15", previously=None, sequence=1
    )


def _bare_tasks(system: System) -> float:
    """Return the no-op tasks per second, with the product's worker settings."""
    app = yardsticks.bare(system.settings)
    for _ in range(COUNT):
        app.send_task("bare", queue="bare", ignore_result=True)
    broker = Redis(unix_socket_path=system.settings.broker_url.removeprefix("redis+socket://"))
    key = f"{system.settings.broker_prefix}bare"
    system.launcher.keep_down("worker")
    with broker, _bare_worker(system):
        rate = _rate(lambda: int(broker.llen(key)))
    system.launcher.release("worker")
    return rate


@contextmanager
def _bare_worker(system: System) -> Iterator[None]:
    command = [sys.executable, "-m", "tests.bench.yardsticks", str(WORKERS)]
    worker = subprocess.Popen(
        command, env=system.settings.as_environ(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        # The worker is idle, and the next round waits.
        worker.kill()
        worker.wait()


def _rate(left: Callable[[], int]) -> float:
    """Return the rate per second between the first and last item of a backlog, without the start-up time."""
    until = time.monotonic() + PATIENCE_SECONDS
    first: tuple[float, int] | None = None
    while (now_left := left()) > 0:
        if first is None and now_left < COUNT:
            first = (time.perf_counter(), now_left)
        if time.monotonic() > until:
            raise TimeoutError(f"{now_left} items are left")
        time.sleep(LOOK_EVERY_SECONDS)
    if first is None:
        raise TimeoutError("the backlog was empty before the first poll")
    return first[1] / (time.perf_counter() - first[0])
