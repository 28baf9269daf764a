"""The resources that a service runs with."""

from dataclasses import dataclass

from shared.blobs import Blobs
from shared.clock import Clock, SystemClock
from shared.database import ALL_ROWS, Database
from shared.settings import Settings


@dataclass(frozen=True)
class Runtime:
    """One service's settings, clock, database and blob store, in one process."""

    service: str
    settings: Settings
    clock: Clock
    database: Database
    blobs: Blobs

    @classmethod
    def of(
        cls, service: str, settings: Settings, clock: Clock | None = None, *, visible_to: str = ALL_ROWS
    ) -> "Runtime":
        """Create a service's runtime without opening a connection.

        By default its transactions see every reporter's rows, which is right for workers. A process that answers
        callers passes `NO_ROWS`; each transaction then names the rows that it reads.
        """
        clock = clock or SystemClock()
        database = Database(settings.database, service, clock=clock, visible_to=visible_to)
        blobs = Blobs(database=database, folder=settings.blobs, inline_bytes=settings.blob_inline_bytes)
        return cls(service=service, settings=settings, clock=clock, database=database, blobs=blobs)
