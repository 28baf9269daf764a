"""Which column of a table holds which field: by its name, or by its label in English or a partner's language."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from services.entry.files.domain.cell_refs import column_letters
from services.entry.files.domain.refusals import FileIsRefused
from services.entry.files.formats.cells import normalise, text_of
from shared.reference import KINDS, LANGUAGES, columns_of, fields_of

MAX_HEADING_ROW = 30
"""Headings stand in one of the first rows; above them there may be titles."""

MAX_COLUMNS = 1_000
MAX_UNKNOWN_COLUMNS = 100
MAX_UNKNOWN_LENGTH = 60
"""Of headings that name no field: each record that has such a column bears its heading."""

MIN_KNOWN_HEADINGS = 2
"""A single word that is a label may stand in any title."""

_REQUIRED = "*"
_NUMBER = re.compile(r"(?<![^ ])[0-9]{1,3}(?![^ ])")
_PATH = re.compile(r"[a-z_]+(\.[a-z0-9_]+)*")


@dataclass(frozen=True)
class Headings:
    """The row that they stand in, and the column of each field by its path, both counted from 1."""

    row: int
    columns: Mapping[str, int]
    width: int
    """So many columns has the row: what stands beyond them belongs to nothing."""
    known: int
    """So many of its headings name a field."""


def find_headings(rows: Iterable[Sequence[Any]], *, kind: str, sheet: str) -> Headings | None:
    """The row among the first ones that has most known headings, of several such the last; raises FileIsRefused."""
    best: tuple[int, int, Sequence[Any]] | None = None
    for number, cells in enumerate(rows, start=1):
        known = sum(1 for cell in cells[:MAX_COLUMNS] if isinstance(cell, str) and path_of(cell, kind=kind))
        if known >= MIN_KNOWN_HEADINGS and (best is None or known >= best[0]):
            best = known, number, cells
    return best and headings_in(best[2], row=best[1], kind=kind, sheet=sheet)


def headings_in(cells: Sequence[Any], *, row: int, kind: str, sheet: str) -> Headings:
    """The columns that a row of headings names; raises FileIsRefused. One without a heading is for notes."""
    width = max((at for at, cell in enumerate(cells, start=1) if cell != ""), default=0)
    _refuse_wide(cells, width=width, row=row, kind=kind, sheet=sheet)
    columns: dict[str, int] = {}
    for at, cell in enumerate(cells[:width], start=1):
        heading = text_of(cell).removesuffix(_REQUIRED).rstrip()
        path = path_of(heading, kind=kind) or heading[:MAX_UNKNOWN_LENGTH]
        if path in columns:
            raise FileIsRefused(
                "heading-twice",
                f"The columns {column_letters(columns[path])} and {column_letters(at)} have headings that mean the same, {path!r}.",
                "One column for each field; delete the other, or give it a heading of its own.",
                f"cells {column_letters(columns[path])}{row} and {column_letters(at)}{row} of {sheet}",
            )
        if path:
            columns[path] = at
    _refuse_overlaps(columns, row, sheet)
    known = sum(1 for path in columns if path_of(path, kind=kind) == path)
    return Headings(row, columns, width, known)


def no_headings(kind: str, where: str) -> FileIsRefused:
    """What is said of a table in which no headings are found."""
    names = list(fields_of(kind).values())[:2]
    examples = " and ".join(f"{field.label('en')!r} (or {field.name!r})" for field in names)
    return FileIsRefused(
        "no-headings",
        f"None of the first {MAX_HEADING_ROW} rows has headings that name fields of a {kind}.",
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
            f"At most {MAX_UNKNOWN_COLUMNS} of them; columns for notes have no heading.",
            where,
        )


def _refuse_overlaps(columns: Mapping[str, int], row: int, sheet: str) -> None:
    wholes = {path[:at] for path in columns for at, sign in enumerate(path) if sign == "."}
    for path in wholes.intersection(columns):
        raise FileIsRefused(
            "heading-twice",
            f"Column {column_letters(columns[path])}, {path!r}, is a group of fields, and other columns are parts of it.",
            "A column for each part, and none for the group.",
            f"cell {column_letters(columns[path])}{row} of {sheet}",
        )


@lru_cache(maxsize=4_096)
def path_of(heading: str, *, kind: str) -> str | None:
    """The path of the field that a heading names, such as `training.topic` or `themes.0.code`; None if it is unknown."""
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
    """What headings of a kind may be; `#` stands for the number of a list's entry: from 0 in paths, from 1 in labels."""

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
