"""Letters that another program damaged before the file was sent: lost ones, and UTF-8 that was read as a code page."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from services.entry.files.domain.read_result import Unread

DAMAGED = re.compile(
    "\ufffd|[\u00c3-\u00c5\u00d0\u00d1\u0139]"
    "[\u0080-\u00ba\u00bc-\u00bf\u02c6\u02c7\u02d8\u02d9\u02db-\u02dd\u2018\u2020-\u2022\u2030\u2039\u203a\u20ac\u2122]"
)
"""A replacement character; or a letter that begins two bytes of UTF-8, and a sign that does not end a quotation."""

MAX_SHOWN = 40


class DamagedLetters:
    """Finds such letters in the lines of a table. They stay as they are."""

    def __init__(self) -> None:
        self._count = 0
        self._first = (0, "")

    def watch(self, lines: Iterable[str]) -> Iterator[str]:
        """Yield the lines, and count those with damaged letters."""
        for number, line in enumerate(lines, start=1):
            if not line.isascii() and (found := DAMAGED.search(line)):
                self._count += 1
                if self._count == 1:
                    start = max(found.start() - MAX_SHOWN // 2, 0)
                    self._first = number, line[start : start + MAX_SHOWN].strip()
            yield line

    def reported(
        self, records: Iterator[dict[str, Any]], unread: list[Unread], *, sheet: str
    ) -> Iterator[dict[str, Any]]:
        """Yield the records, and report the lines after the last one."""
        yield from records
        if self._count:
            line, text = self._first
            values = {"line": line, "text": text, "count": self._count}
            unread.append(Unread("damaged-letters", values, sheet=sheet))
