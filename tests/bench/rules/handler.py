"""A submission of three records, from the handler's start to the verdict's commit."""

import json
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median

from deploy.installation import services
from services.validation.engine.domain.evaluation.judging import judge
from shared.bus import record, store
from shared.bus.handling import DeliveryHandler, Handle, Lease
from shared.clock import SystemClock
from shared.database import Database
from shared.events import SubmissionReceived
from shared.ids import new_id
from shared.logs import configure
from shared.resources import Runtime
from shared.settings import Settings
from tests.bench.rules.records import SUBMISSION, look_up, make_records
from tests.bundled_rulesets import ruleset_for
from tests.databases import PostgresServer, SqliteFiles
from tests.figures import Figure

RECORDS = 3
SUBMISSIONS = 300
WARM_UP = 20
MILLISECONDS = 1e3


def measure_handler() -> Iterable[Figure]:
    """Measure the handler and one that does nothing, in turn; both are started and finished in the same way."""
    # A log line per delivery would hide the figures.
    configure(Settings(log_level="WARNING"), "bench")
    with _databases() as urls:
        for name, url in urls.items():
            ours, empty = _medians(url)
            how = f"{ours:.2f} ms, less {empty:.2f} ms of an empty handler; {RECORDS} records, {name}"
            bar = 12 if name == "PostgreSQL" else None
            yield Figure(
                f"rules.handler.{name.lower()}", ours - empty, "ms", how, bar=bar, less_is_better=True
            )
    how = f"{RECORDS} records, from the body's bytes to the report's, without a database"
    yield Figure("rules.handler.judging", MILLISECONDS * _pure(), "ms", how)


@contextmanager
def _databases() -> Iterator[dict[str, str]]:
    server = PostgresServer()
    try:
        with tempfile.TemporaryDirectory() as folder:
            files = SqliteFiles(Path(folder))
            home = Path(folder) / "home"
            home.mkdir()
            yield {"PostgreSQL": server.fresh(), "SQLite": files.fresh(home)}
    finally:
        server.stop()


def _medians(url: str) -> tuple[float, float]:
    """Return the medians of the handler and of one that does nothing, in milliseconds."""
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home), database_url=url)
        runtime = Runtime.of("validation", settings)
        bus = Deliveries(settings)
        handler = _check_submission(runtime)
        took = [
            (_time(bus, runtime, handler, number), _time(bus, runtime, _do_nothing, number))
            for number in range(WARM_UP + SUBMISSIONS)
        ][WARM_UP:]
        bus.close()
        runtime.database.dispose()
    ours, empty = (median(each) for each in zip(*took, strict=True))
    return MILLISECONDS * ours, MILLISECONDS * empty


def _check_submission(runtime: Runtime) -> Handle:
    (service,) = (each for each in services() if each.name == "validation")
    (handler,) = (each for each in service.handlers if each.event is SubmissionReceived)
    return lambda event: handler.handle(runtime, event)


def _do_nothing(_event: object) -> object:
    return lambda _tx: None


class Deliveries:
    """A stand-in for entry and the relay: submits a body and rings its delivery."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._entry = Runtime.of("entry", settings)
        self._relay = Database(settings.database, "relay", clock=SystemClock())
        self._lease = timedelta(seconds=settings.lease_seconds)

    def hand_in(self, number: int) -> str:
        """Submit a body and return the id of its delivery to validation, the only open one there."""
        body = {"records": list(make_records(RECORDS, first=number * RECORDS))}
        with self._entry.database.begin() as tx:
            record(tx, _received(self._entry.blobs.put(tx, json.dumps(body).encode())))
        with self._relay.begin() as tx:
            (rung,) = store.claim_due(tx, lane="validation", now=tx.now, lease=self._lease, limit=10)
        return rung.id

    def close(self) -> None:
        """Close the database connections."""
        self._relay.dispose()
        self._entry.database.dispose()


def _received(body: str) -> SubmissionReceived:
    facts = {name: fact for name, fact in SUBMISSION.facts.items() if name != "received_on"}
    return SubmissionReceived(
        **facts,
        submission=new_id(),
        version=1,
        body=body,
        records=RECORDS,
        received_at=f"{SUBMISSION.received_on}T09:00:00.000Z",
    )


def _time(bus: Deliveries, runtime: Runtime, handle: Handle, number: int) -> float:
    """Return the seconds that a worker takes."""
    delivery = bus.hand_in(number)
    handling = DeliveryHandler(
        database=runtime.database,
        handles={SubmissionReceived.name: handle},
        lease=Lease(bus.settings.lease_seconds),
        settings=bus.settings,
    )
    began = time.perf_counter()
    done = handling.handle([delivery])
    took = time.perf_counter() - began
    if done != 1:
        raise RuntimeError("the delivery was not handled")
    return took


def _pure() -> float:
    """Return the seconds of judging alone."""
    ruleset = ruleset_for(SUBMISSION.pillar)
    body = json.dumps({"records": list(make_records(RECORDS))}).encode()
    took = []
    for _ in range(WARM_UP + SUBMISSIONS):
        began = time.perf_counter()
        judge(ruleset, SUBMISSION, json.loads(body)["records"], look_up).report()
        took.append(time.perf_counter() - began)
    return median(took[WARM_UP:])
