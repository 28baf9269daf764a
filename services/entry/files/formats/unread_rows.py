"""The account of the rows of a table that are not read, in runs of consecutive rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.entry.files.domain.read_result import Unread
from services.entry.files.formats.cells import text_of
from services.entry.files.formats.other_rows import RowKinds
from services.entry.files.formats.rows import Row

_SINGLE = ("note", "single-text", "total", "unclear-row", "repeated-headings")
"""Reasons that are reported row by row."""

_WITH_REF = ("hidden-rows",)
"""Reasons for which a row is a record with a ref."""


@dataclass
class _Run:
    """Consecutive rows that are not read, for one reason."""

    reason: str
    first: int
    last: int
    count: int = 0
    text: str = ""
    amounts: list[float] = field(default_factory=list)
    ref: str | None = None


class UnreadRows:
    """Collects unread rows. Each run becomes a part of the account when it ends."""

    def __init__(self, unread: list[Unread], kinds: RowKinds, *, sheet: str, heading_row: int) -> None:
        self._unread = unread
        self._kinds = kinds
        self._sheet = sheet
        self._heading_row = heading_row
        self._run: _Run | None = None

    @property
    def is_open(self) -> bool:
        """Whether the last row was not read."""
        return self._run is not None

    def add(self, reason: str, number: int, cells: Row) -> None:
        """Add a row, unless it is blank."""
        if not any(map(text_of, cells)):
            return
        if self._run is None or self._run.reason != reason or reason in _SINGLE:
            self.end()
            self._run = _Run(reason, number, number)
        run = self._run
        run.last = number
        run.count += 1
        run.amounts.extend(self._kinds.amounts_of(cells))
        run.ref = self._kinds.ref_of(cells)
        run.text = run.text or " ".join(filter(None, map(text_of, cells)))

    def end(self) -> None:
        """End the run."""
        run, self._run = self._run, None
        if run is None:
            return
        values = {
            "rows": f"{run.first}-{run.last}" if run.last > run.first else str(run.first),
            "count": run.count,
            "heading": self._heading_row,
            "text": run.text,
        }
        self._unread.append(
            Unread(
                run.reason,
                values,
                sheet=self._sheet,
                row=run.first,
                ref=run.ref if run.count == 1 and run.reason in _WITH_REF else None,
                amount=sum_of(run.amounts),
            )
        )


def sum_of(amounts: Sequence[float]) -> str | None:
    """Return the sum as a number is written, in cents at the most; None without amounts."""
    return text_of(float(round(sum(amounts), 2))) if amounts else None
