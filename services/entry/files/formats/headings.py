"""Column headings: a field's name, or its label in English or a partner's language."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from services.entry.files.domain.cell_refs import column_letters
from services.entry.files.domain.refusals import FileIsRefused
from services.entry.files.formats.cells import text_of
from shared.reference import KINDS, LANGUAGES, columns_of, fields_of
from shared.reference.spelling import normalise

MAX_HEADING_ROW = 30
"""The last row in which headings are searched. Rows above them may hold titles."""

MAX_COLUMNS = 1_000
MAX_UNKNOWN_COLUMNS = 100
MAX_UNKNOWN_LENGTH = 60
"""The maximum length of a heading that names no field, since every record repeats it."""

MIN_KNOWN_HEADINGS = 2
"""The minimum number of known headings in a row. A title may contain one by chance."""

_REQUIRED = "*"
_NUMBER = re.compile(r"(?<![^ ])[0-9]{1,3}(?![^ ])")
_PATH = re.compile(r"[a-z_]+(\.[a-z0-9_]+)*")


@dataclass(frozen=True)
class Headings:
    """A row of headings, and the column of each field path, both counted from 1."""

    row: int
    columns: Mapping[str, int]
    width: int
    """The number of columns. Cells beyond them belong to no field."""
    known: int
    """The number of headings that name a field."""


def find_headings(rows: Iterable[Sequence[Any]], *, kind: str, sheet: str) -> Headings | None:
    """Find the row with most known headings, the last one on a tie; raise `FileIsRefused`."""
    best: tuple[int, int, Sequence[Any]] | None = None
    for number, cells in enumerate(rows, start=1):
        known = sum(1 for cell in cells[:MAX_COLUMNS] if isinstance(cell, str) and path_of(cell, kind=kind))
        if known >= MIN_KNOWN_HEADINGS and (best is None or known >= best[0]):
            best = known, number, cells
    return best and read_headings(best[2], row=best[1], kind=kind, sheet=sheet)


def read_headings(cells: Sequence[Any], *, row: int, kind: str, sheet: str) -> Headings:
    """Return the columns of a row of headings; raise `FileIsRefused`. Columns without a heading are for notes."""
    width = max((at for at, cell in enumerate(cells, start=1) if cell != ""), default=0)
    _refuse_wide(cells, width=width, row=row, kind=kind, sheet=sheet)
    columns: dict[str, int] = {}
    for at, cell in enumerate(cells[:width], start=1):
        heading = text_of(cell).removesuffix(_REQUIRED).rstrip()
        path = path_of(heading, kind=kind) or heading[:MAX_UNKNOWN_LENGTH]
        if path in columns:
            raise FileIsRefused(
                "heading-twice",
                f"The columns {column_letters(columns[path])} and {column_letters(at)} both have the heading {path!r}.",
                "One column for each field. Delete the other column or change its heading.",
                f"cells {column_letters(columns[path])}{row} and {column_letters(at)}{row} of {sheet}",
            )
        if path:
            columns[path] = at
    _refuse_overlaps(columns, row, sheet)
    known = sum(1 for path in columns if path_of(path, kind=kind) == path)
    return Headings(row, columns, width, known)


def no_headings(kind: str, where: str) -> FileIsRefused:
    """Return the refusal of a table without headings."""
    names = list(fields_of(kind).values())[:2]
    examples = " and ".join(f"{field.label('en')!r} (or {field.name!r})" for field in names)
    return FileIsRefused(
        "no-headings",
        f"None of the first {MAX_HEADING_ROW} rows has headings of the fields of a {kind}.",
        f"A row of headings such as {examples}, in English or a partner's language.",
        where,
    )


def _refuse_wide(cells: Sequence[Any], *, width: int, row: int, kind: str, sheet: str) -> None:
    where = f"row {row} of {sheet}"
    if width > MAX_COLUMNS:
        raise FileIsRefused(
            "too-many-columns",
            f"The table has headings in {width:,} columns.",
            f"At most {MAX_COLUMNS:,} columns.",
            where,
        )
    unknown = sum(1 for cell in cells[:width] if cell != "" and not path_of(text_of(cell), kind=kind))
    if unknown > MAX_UNKNOWN_COLUMNS:
        raise FileIsRefused(
            "too-many-columns",
            f"The table has {unknown:,} columns whose headings name no field of a {kind}.",
            f"At most {MAX_UNKNOWN_COLUMNS} such columns. Leave the heading of a column for notes blank.",
            where,
        )


def _refuse_overlaps(columns: Mapping[str, int], row: int, sheet: str) -> None:
    wholes = {path[:at] for path in columns for at, sign in enumerate(path) if sign == "."}
    for path in wholes.intersection(columns):
        raise FileIsRefused(
            "heading-twice",
            f"Column {column_letters(columns[path])}, {path!r}, is a group of fields, and other columns hold parts of the group.",
            "A column for each part of the group, and none for the group.",
            f"cell {column_letters(columns[path])}{row} of {sheet}",
        )


@lru_cache(maxsize=4_096)
def path_of(heading: str, *, kind: str) -> str | None:
    """Return the field path of a heading, such as `training.topic` or `themes.0.code`; None for an unknown heading."""
    name = heading.strip().removesuffix(_REQUIRED).rstrip()
    known = _known(kind)
    if _PATH.fullmatch(name.lower()):
        path = name.lower()
        if re.sub(r"\.[0-9]{1,3}(?=\.|$)", ".#", path) in known.paths:
            return path
    words = normalise(name)
    if words in known.labels:
        return known.labels[words]
    number = _NUMBER.search(words)
    if number is None or not int(number[0]):
        return None
    path_with = known.labels.get(_NUMBER.sub("#", words, count=1))
    return path_with and path_with.replace("#", str(int(number[0]) - 1))


@dataclass(frozen=True)
class _Known:
    """Known headings of a kind. `#` stands for an entry's number: from 0 in paths, from 1 in labels."""

    paths: frozenset[str]
    labels: Mapping[str, str]


@lru_cache(maxsize=len(KINDS))
def _known(kind: str) -> _Known:
    labels: dict[str, str] = {}
    paths = set(fields_of(kind))
    for column in columns_of(fields_of(kind)):
        path = column.path if column.number is None else column.path.replace(".0", ".#", 1)
        paths |= {path, f"{path}.#"} if column.field.type == "list" else {path}
        for language in LANGUAGES:
            words = normalise(column.label(language))
            labels[words if column.number is None else _NUMBER.sub("#", words, count=1)] = path
    return _Known(frozenset(paths), labels)
