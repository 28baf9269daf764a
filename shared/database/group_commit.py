"""Group commit: transactions that only insert, and end at the same moment, share one statement and one commit."""

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from shared.database.insertions import Insertion, joined, send_together


class _Waiter:
    """What one thread wants written. It sleeps until that was done, or until it is its turn to write."""

    def __init__(self, insertions: Sequence[Insertion]) -> None:
        self.insertions = insertions
        self.is_written = False
        self.error: BaseException | None = None
        # A lock that is held is the lightest thing to sleep on; whoever wakes the thread releases it.
        self._sleep = threading.Lock()
        self._sleep.acquire()

    def sleep(self) -> None:
        self._sleep.acquire()

    def wake(self) -> None:
        self._sleep.release()


class GroupCommit:
    """Writes what threads bring: who comes first writes at once, who comes meanwhile is written together, next.

    So nobody waits for company, and the busier it is the fewer commits there are.
    """

    def __init__(self, connect: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._connect = connect
        """Gives a connection that commits when it is left."""
        self._lock = threading.Lock()
        self._is_writing = False
        self._waiting: list[_Waiter] = []

    def write(self, insertions: Sequence[Insertion]) -> None:
        """Write and commit; raises what writing these alone would raise."""
        turn = _Waiter(insertions)
        with self._lock:
            self._waiting.append(turn)
            is_first = not self._is_writing
            self._is_writing = True
        if not is_first:
            turn.sleep()
        if not turn.is_written:
            self._write_waiting()
        if turn.error is not None:
            raise turn.error

    def _write_waiting(self) -> None:
        with self._lock:
            turns, self._waiting = self._waiting, []
        try:
            self._write_together(turns)
        finally:
            for turn in turns:
                turn.is_written = True
                turn.wake()
            with self._lock:
                self._is_writing = bool(self._waiting)
                if self._waiting:
                    self._waiting[0].wake()

    def _write_together(self, turns: Sequence[_Waiter]) -> None:
        try:
            with self._connect() as connection:
                send_together(connection, joined(each for turn in turns for each in turn.insertions))
        except IntegrityError as error:
            if len(turns) == 1:
                turns[0].error = error
                return
            # One of them cannot be written: each alone will tell which.
            for turn in turns:
                self._write_together([turn])
        except BaseException as error:  # noqa: BLE001 - whatever it was, no thread may believe that its own was written
            for turn in turns:
                turn.error = error
