"""The layout of a sheet: rows and columns that are hidden, and cells that are merged."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from services.entry.files.domain.cell_refs import MAX_COLUMN, column_number

Merge = tuple[int, int, int, int]
"""The first row and column and the last row and column of a merged range."""

_HIDING = (b"hidden=", b' ht="0', b' width="0')
_MERGE = b"mergeCell "
# Each pattern takes linear time, whatever the file.
_ROW_TAG = re.compile(rb"<row\s([^<>]*)>")
_COLUMN_TAG = re.compile(rb"<col\s([^<>]*)>")
_MERGED = re.compile(rb'<mergeCell [^<>]*?ref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"')
_ATTRIBUTE = re.compile(rb"""(?<![\w:])([\w:]++)\s*+=\s*+["']([^"']*)["']""")
_NUMBER = re.compile(r"[0-9]{1,7}")
_TRUE = ("1", "true")

MIN_MEASURE = 0.5
"""The height in points and the width in characters below which nothing of a cell is seen."""

MAX_MERGED = 100_000
"""The maximum number of merged ranges of a sheet that are noted."""


@dataclass
class Layout:
    """The hidden rows and columns and the merged ranges of a sheet, counted from 1."""

    hidden_rows: set[int] = field(default_factory=set)
    merged: list[Merge] = field(default_factory=list)
    _hidden: bytearray = field(default_factory=lambda: bytearray(MAX_COLUMN + 1))
    """Whether each column is hidden. A sheet may name any number of ranges, and each may have all columns."""

    @property
    def hidden_columns(self) -> set[int]:
        """The hidden columns."""
        return {at for at, is_hidden in enumerate(self._hidden) if is_hidden}

    def add_row(self, row: int, attributes: Mapping[str, str]) -> None:
        """Note a row that is hidden, or has hardly any height."""
        if attributes.get("hidden") in _TRUE or _is_invisible(attributes.get("ht")):
            self.hidden_rows.add(row)

    def add_columns(self, attributes: Mapping[str, str]) -> None:
        """Note columns that are hidden, or have hardly any width."""
        if attributes.get("hidden") in _TRUE or _is_invisible(attributes.get("width")):
            first = _number_of(attributes.get("min", ""))
            last = min(_number_of(attributes.get("max", "")) or 0, MAX_COLUMN)
            if first is not None and first <= last:
                self._hidden[first : last + 1] = b"\1" * (last + 1 - first)

    def add_merged(self, first: tuple[str, str], last: tuple[str, str]) -> None:
        """Note a merged range."""
        if len(self.merged) < MAX_MERGED:
            (first_column, first_row), (last_column, last_row) = first, last
            self.merged.append(
                (
                    int(first_row),
                    column_number(first_column.upper()),
                    int(last_row),
                    column_number(last_column.upper()),
                )
            )

    def add_chunk(self, chunk: bytes) -> bool:
        """Note what a chunk of a sheet of regular cells hides and merges. Return False where a row has no number."""
        if any(each in chunk for each in _HIDING):
            for tag in _ROW_TAG.findall(chunk):
                if b"hidden" in tag or b'ht="0' in tag:
                    attributes = _attributes(tag)
                    row = _number_of(attributes.get("r", ""))
                    if row is None:
                        return False
                    self.add_row(row, attributes)
            for tag in _COLUMN_TAG.findall(chunk):
                self.add_columns(_attributes(tag))
        if _MERGE in chunk:
            for first_column, first_row, last_column, last_row in _MERGED.findall(chunk):
                self.add_merged(
                    (first_column.decode(), first_row.decode()), (last_column.decode(), last_row.decode())
                )
        return True


def may_have_layout(chunk: bytes) -> bool:
    """Return whether a chunk of a sheet may hide or merge anything."""
    # A single byte is found much faster than several, and most chunks have none of these.
    return (b"h" in chunk or b"m" in chunk) and (_MERGE in chunk or any(each in chunk for each in _HIDING))


def _attributes(tag: bytes) -> dict[str, str]:
    return {name.decode(): value.decode("latin-1") for name, value in _ATTRIBUTE.findall(tag)}


def _number_of(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) else None


def _is_invisible(measure: str | None) -> bool:
    try:
        return measure is not None and float(measure) < MIN_MEASURE
    except ValueError:
        return False
