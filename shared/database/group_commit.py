"""Group commit: transactions of inserts alone that end at the same time share one statement and one commit."""

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from shared.database.insertions import Insertion, joined, send_together


class _Waiter:
    """One thread's inserts. The thread sleeps until they are written, or until it is their turn."""

    def __init__(self, insertions: Sequence[Insertion]) -> None:
        self.insertions = insertions
        self.is_written = False
        self.error: BaseException | None = None
        # A held lock is the cheapest way to sleep; releasing it wakes the thread.
        self._sleep = threading.Lock()
        self._sleep.acquire()

    def sleep(self) -> None:
        self._sleep.acquire()

    def wake(self) -> None:
        self._sleep.release()


class GroupCommit:
    """A writer of the inserts of many threads. The first thread writes at once, and those that arrive meanwhile write next.

    No thread waits for others to arrive, and a higher load means fewer commits per transaction.
    """

    def __init__(self, connect: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._connect = connect
        """Returns a connection that commits when its block ends."""
        self._lock = threading.Lock()
        self._is_writing = False
        self._waiting: list[_Waiter] = []

    def write(self, insertions: Sequence[Insertion]) -> None:
        """Write and commit; raise the error that these inserts alone would raise."""
        waiter = _Waiter(insertions)
        with self._lock:
            self._waiting.append(waiter)
            is_first = not self._is_writing
            self._is_writing = True
        if not is_first:
            waiter.sleep()
        if not waiter.is_written:
            self._write_waiting()
        if waiter.error is not None:
            raise waiter.error

    def _write_waiting(self) -> None:
        with self._lock:
            waiters, self._waiting = self._waiting, []
        try:
            self._write_together(waiters)
        finally:
            for waiter in waiters:
                waiter.is_written = True
                waiter.wake()
            with self._lock:
                self._is_writing = bool(self._waiting)
                if self._waiting:
                    self._waiting[0].wake()

    def _write_together(self, waiters: Sequence[_Waiter]) -> None:
        try:
            with self._connect() as connection:
                send_together(connection, joined(each for waiter in waiters for each in waiter.insertions))
        except IntegrityError as error:
            if len(waiters) == 1:
                waiters[0].error = error
                return
            # One of them cannot be written: each is tried alone.
            for waiter in waiters:
                self._write_together([waiter])
        except BaseException as error:  # noqa: BLE001 - any error means that no thread's inserts were written
            for waiter in waiters:
                waiter.error = error
