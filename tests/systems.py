"""The real system for journeys, drills and benches: all processes, on SQLite or PostgreSQL."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import httpx

from deploy.commands.bus import open_deliveries
from deploy.commands.database import prepare
from deploy.launcher import Launcher, iisgd
from deploy.sample_loader import load_calendar
from deploy.tokens import token_for
from shared.ids import new_id
from shared.resources import Runtime
from shared.settings import Settings
from tests.conftest import NO_LIMITS
from tests.databases import PostgresServer

NO_KEEP_ALIVE = httpx.Limits(max_keepalive_connections=0)
"""Tests kill the web process, which breaks kept connections."""


@dataclass
class System:
    """A launched installation."""

    launcher: Launcher
    http: httpx.Client = field(default_factory=partial(httpx.Client, timeout=30, limits=NO_KEEP_ALIVE))
    """Its requests share one TLS context, which takes longer to make than most requests."""

    @property
    def settings(self) -> Settings:
        return self.launcher.settings

    @property
    def url(self) -> str:
        return self.settings.public_url

    def token(self, code: str) -> str:
        return token_for(code, self.settings, hours=24)

    def headers(self, code: str, *, key: str | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(code)}", "Idempotency-Key": key or new_id()}

    def get(self, path: str, code: str) -> httpx.Response:
        return self.http.get(self.url + path, headers=self.headers(code))

    def runtime(self, service: str) -> Runtime:
        return Runtime.of(service, self.settings)

    def open_deliveries(self) -> int:
        return open_deliveries(self.settings)

    def wait_until_drained(self, *, seconds: float) -> float:
        """Return the seconds until no delivery was open; raise TimeoutError otherwise."""
        began = time.monotonic()
        while self.open_deliveries():
            if time.monotonic() - began > seconds:
                raise TimeoutError(f"{self.open_deliveries()} deliveries are open after {seconds:.0f} s")
            time.sleep(0.1)
        return time.monotonic() - began


Make = Callable[..., System]


@contextmanager
def systems(folder: Path, server: PostgresServer | None = None) -> Iterator[Make]:
    """Yield a function that launches systems, on the given server or a new one; stop all at the end."""
    with ExitStack() as stack:

        def make(
            *,
            database: str,
            web_workers: int = 1,
            workers: int = 2,
            bulk_workers: int = 1,
            start: tuple[str, ...] = (),
            mail_server: str = "",
            more_beats: int = 0,
            **settings: object,
        ) -> System:
            home = folder / new_id()
            url = ""
            if database == "postgresql":
                url = _database(server, stack)
            given = Settings(home=home, database_url=url, log_level="WARNING")
            given = replace(given, **NO_LIMITS | settings)  # type: ignore[arg-type]
            launcher = Launcher.embedded(
                given, web_workers=web_workers, workers=workers, bulk_workers=bulk_workers
            )
            if mail_server:
                launcher.settings = replace(launcher.settings, smtp_url=mail_server)
            for number in range(more_beats):
                launcher.add(f"beat-{number + 2}", iisgd("beat"))
            prepare(launcher.settings)
            load_calendar(launcher.settings)
            stack.callback(launcher.stop)
            launcher.start(*start)
            launcher.wait_ready(degraded_is_ready=bool(start))
            system = System(launcher)
            stack.callback(system.http.close)
            return system

        yield make


def _database(server: PostgresServer | None, stack: ExitStack) -> str:
    if server is None:
        server = PostgresServer()
        stack.callback(server.stop)
    url = server.empty()
    stack.callback(server.drop, url)
    return url
