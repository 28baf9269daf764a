"""The services' OpenAPI descriptions, tried with thousands of valid and invalid requests."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.service_names import NAMES
from shared.clock import FixedClock
from shared.identity.keys import ensure_keys
from shared.logs import configure
from shared.settings import Settings
from tests.conftest import NO_LIMITS, NOW
from tests.databases import PostgresServer, SqliteFiles
from tests.figures import Figure
from tests.in_process import installed
from tests.openapi_fuzzing import OWNER, Description, description_of
from tests.tenant_fixtures import Filling

EXAMPLES = 150


def description() -> Iterable[Figure]:
    """Try every service on both databases, in one process."""
    for kind in ("sqlite", "postgresql"):
        for service in NAMES:
            yield _asked(kind, service)


def _asked(kind: str, service: str) -> Figure:
    with tempfile.TemporaryDirectory() as folder, _database(kind, Path(folder)) as url:
        ensure_keys(Path(folder) / "keys", name="drill")
        nobody_listens = "redis://127.0.0.1:1/0"
        settings = Settings(
            home=Path(folder),
            database_url=url,
            broker_url=nobody_listens,
            log_level="ERROR",
            **NO_LIMITS,
        )
        configure(settings, "drill")
        with installed(settings, FixedClock(NOW)) as installation:
            has = Filling(installation, OWNER).fill()
            installation.seal()
            asked = Description(installation, service, description_of(installation, service), has=has)
            asked.ask_everything(examples=EXAMPLES)
            operations = len({label for label, _ in asked.answered})
            how = (
                f"of {operations} operations, with {len(asked.answered)} kinds of responses, all as described"
            )
            requests = sum(asked.answered.values())
            return Figure(f"description.{kind}.{service}", requests, "requests", how, bar=operations)


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield SqliteFiles(folder).fresh(folder)
        return
    server = PostgresServer()
    yield server.fresh()
    server.stop()
